# SPDX-License-Identifier: Apache-2.0
"""Batches that the server finds too large or broken are taken apart."""
from events_api import poison, too_large
from harness import expect, expect_equal, main


def test_413_splits_the_batch(t):
    """A server with a smaller limit gets smaller batches; nothing is lost or sent twice."""
    t.write_lines("app.log", 1000)
    t.api.default = too_large(max_events=70)
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(1000))
    expect_equal(t.dead_letters(), [], "dead letters")


def test_413_for_a_single_event_is_final(t):
    """An event that is too large on its own is dead-lettered, the others arrive."""
    t.write_lines("app.log", 20)
    t.append("app.log", '{"n":20,"msg":"%s"}\n' % ("x" * 5000))
    t.append_lines("app.log", range(21, 40))
    t.api.default = too_large(max_bytes=3000)
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers([*range(20), *range(21, 40)])
    [letter] = t.dead_letters()
    expect_equal(letter["status"], 413, "status")


def test_400_finds_the_event_that_is_refused(t):
    """A batch refused as a whole is halved down to the culprit, which is dead-lettered."""
    t.write_lines("app.log", 500)
    t.append("app.log", '{"n":500,"poison":true}\n')
    t.append_lines("app.log", range(501, 1000))
    t.api.default = poison("poison")
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers([*range(500), *range(501, 1000)])
    [letter] = t.dead_letters()
    expect_equal(letter["status"], 400, "status")
    expect('poison' in str(letter), f"{letter}")
    expect(len(t.api.requests) <= 25, f"{len(t.api.requests)} requests for one bad event")


def test_several_poisoned_events_are_all_found(t):
    """Three culprits in one batch."""
    bad = {17, 18, 700}
    for n in range(1000):
        t.append("app.log", '{"n":%d%s}\n' % (n, ',"poison":1' if n in bad else ""))
    t.api.default = poison("poison")
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(sorted(set(range(1000)) - bad))
    expect_equal(len(t.dead_letters()), 3, "dead letters")


main()
