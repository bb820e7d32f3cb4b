# SPDX-License-Identifier: Apache-2.0
"""200 with one status an event."""
from events_api import per_event
from harness import expect, expect_equal, main


def test_throttled_events_are_sent_again_alone(t):
    """429 and 5xx retry those events only; the others are not sent twice."""
    t.write_lines("app.log", 100)
    t.api.script(per_event(lambda e: 429 if e.data["n"] % 10 == 3 else
                           503 if e.data["n"] % 10 == 7 else 202))
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(100))
    expect_equal([r.events for r in t.api.requests], [100, 20], "events a request")
    expect_equal(t.dead_letters(), [], "dead letters")


def test_refused_events_go_to_the_dead_letters(t):
    """400 is final: the record is kept with its place, the status and the API's words."""
    t.write_lines("app.log", 10)
    t.api.default = per_event(lambda e: (400, "Event has too many columns.")
                              if e.data["n"] == 4 else 202)
    hctail = t.run("--backfill", "-f", "app.log")
    t.expect_numbers([0, 1, 2, 3, 5, 6, 7, 8, 9])
    [letter] = t.dead_letters()
    lines = t.read("app.log").splitlines(True)
    expect_equal(letter["status"], 400, "status")
    expect_equal(letter["offset"], sum(map(len, lines[:4])), "offset")
    expect("Event has too many columns." in letter["reason"], f"reason: {letter['reason']}")
    expect(letter["file"].endswith("app.log"), f"file: {letter['file']}")
    expect_equal(letter["record"], {"time": "2024-03-05T06:07:08Z",
                                    "data": {"n": 4, "msg": "line 4"}}, "record")
    expect_equal(letter["dataset"], "app", "dataset")
    expect("""\
hctail: warning: HOST refused an event: Event has too many columns.
  It and all further ones are kept in 'DIR/state/dead-letter.jsonl'.
""" in hctail.messages, hctail.messages)


def test_an_answer_of_the_wrong_length_is_not_believed(t):
    """Fewer statuses than events settle nothing: the batch is sent again."""
    t.write_lines("app.log", 10)
    t.api.script(lambda call: call.reply(200, b'[{"status":202},{"status":202}]'))
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(10))


main()
