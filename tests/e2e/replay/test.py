# SPDX-License-Identifier: Apache-2.0
"""hctail replay: dead letters get a second life."""
import json
import os
import random
import time

from events_api import ok, per_event, silence, slow
from harness import expect, expect_equal, main, wait_until

LETTERS = "state/dead-letter.jsonl"


def bury(t, numbers, name="app.log"):
    """Makes dead letters of key=value lines by taking them for JSON."""
    t.write(name, "".join(f'time=2024-03-05T06:07:08Z n={n} msg="line {n}"\n' for n in numbers))
    t.run("--backfill", "-f", name, "-p", "json")
    t.api.accepted.clear()


def nothing_left(t, name=LETTERS):
    expect(not os.path.exists(t.path(name)), "FILE is still there")
    expect(not os.path.exists(t.path(name + ".replaying")), "the folder is still there")


def test_records_are_parsed_again_as_told(t):
    """With the right format they are sent to their file's dataset; FILE is gone then."""
    bury(t, range(50))
    hctail = t.run("replay", LETTERS, "-p", "keyval")
    t.expect_numbers(range(50), "app")
    expect_equal(t.api.accepted[0].time, "2024-03-05T06:07:08Z", "time")
    expect("total: 50 read = 50 sent + 0 sampled out + 0 filtered + 0 dead-lettered + 0 in flight" in
           hctail.err, hctail.err)
    nothing_left(t)
    t.run("replay", LETTERS, code=2)


def test_each_file_is_recognised_by_its_own_records(t):
    """--parser auto looks at the records of each file."""
    bury(t, range(10), "kv.log")
    t.append(LETTERS, '{"file":"/logs/web.json","offset":0,"reason":"x","record":"{\\"n\\":10}"}\n')
    t.run("replay", LETTERS)
    t.expect_numbers(range(10), "kv")
    t.expect_numbers([10], "web")
    nothing_left(t)


def test_refused_events_are_sent_as_they_were(t):
    """To their dataset, with their weight and time; sampling does not touch them again."""
    t.write_lines("app.log", 200)
    t.api.default = per_event(lambda e: (400, "no"))
    t.run("--backfill", "-f", "app.log", "-d", "mine", "--samplerate", 2)
    letters = t.dead_letters()
    expect(50 < len(letters) < 150, f"{len(letters)} letters")
    t.api.default = ok()
    t.run("replay", LETTERS, "--samplerate", 2)
    expect_equal(sorted(e.data["n"] for e in t.api.accepted),
                 sorted(letter["record"]["data"]["n"] for letter in letters), "numbers")
    expect_equal({(e.dataset, e.samplerate, e.time) for e in t.api.accepted},
                 {("mine", 2, "2024-03-05T06:07:08Z")}, "dataset, weight, time")


def test_records_that_were_never_sampled_are_sampled(t):
    """A raw record has been through no sampler yet."""
    bury(t, range(1000))
    t.run("replay", LETTERS, "-p", "keyval", "--samplerate", 10)
    expect(40 < len(t.api.accepted) < 200, f"{len(t.api.accepted)} of 1000")
    expect_equal({e.samplerate for e in t.api.accepted}, {10}, "weights")


def test_what_fails_again_is_the_letter_that_it_was(t):
    """In a new FILE, with its own file, offset and record, and the new reason; exit 0."""
    t.write("app.log", 'not JSON\n{"n":1}\n')
    t.write_lines("api.log", [2])
    t.api.default = per_event(lambda e: (400, "no") if e.data["n"] == 2 else 202)
    t.run("--backfill", "-f", "app.log", "-f", "api.log", "-p", "json")
    before = t.dead_letters()
    t.append(LETTERS, "rubbish\n")
    hctail = t.run("replay", LETTERS, "-p", "json")
    after = t.dead_letters()
    key = str
    for letter in before + after:
        del letter["time"]
    expect_equal(sorted([x for x in after if x["record"] != "rubbish"], key=key),
                 sorted(before, key=key), "letters")
    expect_equal([x["reason"] for x in after if x["record"] == "rubbish"], ["not a dead letter"],
                 "rubbish is kept too")
    expect("hctail: warning: 3 letters failed again: see 'DIR/state/dead-letter.jsonl'" in
           hctail.messages, hctail.messages)
    expect(not os.path.exists(t.path(LETTERS + ".replaying")), "the folder is still there")


def test_it_goes_on_where_it_was_killed(t):
    """kill -9 at any moment, an outage in between: nothing is lost, little is repeated."""
    lines, pool, kills = 30_000, 2, 6
    t.write(LETTERS, "".join(json.dumps(
        {"file": "/l/app.log", "offset": n, "reason": "x",
         "record": json.dumps({"n": n, "p": "x" * 300})}) + "\n" for n in range(lines)))
    dice = random.Random(4713)
    t.api.default = slow(0.05)
    arguments = ["replay", LETTERS, "--poolsize", pool]
    for kill in range(kills):
        hctail = t.start(*arguments)
        if kill == 2:
            t.api.default = silence()
            time.sleep(0.3)
        else:
            t.api.default = slow(0.05)
            target = len(t.api.accepted) + dice.randrange(500, 3000)
            wait_until(lambda: len(t.api.accepted) >= target or not hctail.running(), "stuck")
        expect(hctail.running(), f"ended before it was killed: {hctail.err}")
        hctail.kill()
    t.api.default = ok()
    # A letter of the service that goes on meanwhile is none of this replay.
    t.write(LETTERS, '{"file":"/l/app.log","offset":0,"reason":"x","record":"{\\"n\\":-1}"}\n')
    time.sleep(0.2)
    hctail = t.run(*arguments, seconds=60)
    expect(f"going on with an earlier replay of '{LETTERS}'" in hctail.err, hctail.err)
    expect("has letters that were written meanwhile" in hctail.err, hctail.err)
    again = t.expect_at_least_once(range(lines))
    largest = max(request.events for request in t.api.requests)
    print(f"   {again} of {lines} events arrived again after {kills} kills, {largest} a request")
    expect(again <= kills * pool * (largest + 10), f"{again} events were sent again")
    t.run(*arguments)
    expect_equal(t.numbers()[-1], -1, "the last letter")
    nothing_left(t)


def test_beside_a_running_hctail(t):
    """The service keeps its state directory and its dead-letter file; nothing is lost."""
    t.write("app.log", "")
    service = t.start("-f", "app.log", "-p", "json", "--tail.read-from", "beginning")
    service.wait_until_up()
    t.append("app.log", "n=0\n")
    wait_until(t.dead_letters, "no dead letter")
    t.run("replay", LETTERS, "-p", "keyval")
    t.expect_numbers([0])
    t.append("app.log", 'n=1\n{"n":2}\n')
    wait_until(t.dead_letters, "no dead letter after the replay")
    t.run("replay", LETTERS, "-p", "keyval")
    t.wait_for_numbers(range(3))
    service.stop()
    t.expect_numbers(range(3))


def test_a_signal_leaves_the_rest_for_the_next_time(t):
    """SIGTERM: exit 1, and how to go on."""
    bury(t, range(20))
    t.api.default = silence()
    hctail = t.start("replay", LETTERS, "-p", "keyval", "--shutdown-timeout", "100ms")
    wait_until(lambda: t.api.requests[-1:] and not t.api.requests[-1].status, "no request")
    hctail.stop(code=1)
    expect(f"'hctail replay {LETTERS}' goes on where this one stopped" in hctail.err, hctail.err)
    checked = t.run("state", "check", api=False)
    expect("""\
note: 'DIR/state/dead-letter.jsonl.replaying' is a replay that did not end; 'hctail replay \
DIR/state/dead-letter.jsonl' goes on with it
""" in t.placeholders(checked.out), checked.out)
    t.api.default = ok()
    t.run("replay", LETTERS, "-p", "keyval")
    t.expect_at_least_once(range(20))
    nothing_left(t)


def test_printing_moves_nothing(t):
    """--dry-run shows what would be sent and leaves FILE as it is."""
    bury(t, range(5))
    before = t.read(LETTERS)
    hctail = t.run("replay", LETTERS, "-p", "keyval", "--dry-run")
    expect_equal([e["data"]["n"] for e in hctail.events], [*range(5)], "events")
    expect_equal(t.read(LETTERS), before, "FILE")
    t.run("replay", LETTERS, "-p", "json", "--dry-run")
    expect_equal(t.read(LETTERS), before, "FILE")
    expect_equal(sorted(os.listdir(t.path("state"))),
                 ["checkpoint", "checkpoint.log", "checkpoint.log.old", "checkpoint.old",
                  "dead-letter.jsonl", "lock"], "files")


def test_several_files(t):
    """All are moved before the first one is read, so that nothing is read twice."""
    bury(t, range(5))
    os.rename(t.path(LETTERS), t.path(LETTERS + ".1"))
    t.append(LETTERS, '{"file":"b.log","offset":0,"reason":"x","record":"rubbish"}\n')
    t.append(LETTERS + ".1", '{"file":"a.log","offset":0,"reason":"x","record":"rubbish"}\n')
    hctail = t.run("replay", LETTERS + ".1", LETTERS, "-p", "keyval")
    t.expect_numbers(range(5))
    expect_equal(sorted(letter["file"] for letter in t.dead_letters()), ["a.log", "b.log"],
                 "letters that failed again")
    expect_equal(hctail.err.count("1 letter failed again"), 2, "times it was said")


def test_errors(t):
    """What is no dead-letter file is said before anything is moved."""
    os.mkdir(t.path("folder"))
    os.symlink("folder", t.path("link"))
    for name, text in (("nothing", "cannot read 'nothing': no such file or directory"),
                       ("folder", "'folder' is not a regular file"),
                       ("link", "'link' is a symbolic link\n  Name the file that it leads to.")):
        hctail = t.run("replay", name, code=2)
        expect(f"hctail: error: {text}\n" in hctail.messages, hctail.messages)
    bury(t, [1])
    hctail = t.run("replay", LETTERS, "-p", "regex", code=2)
    expect("--parser regex needs --regex.line-regex" in hctail.err, hctail.err)
    hctail = t.run("replay", "app.log", code=2)
    expect_equal(hctail.messages, """\
hctail: error: there is no dead letter in 'app.log'
  Read a log with -f; letters stand in the file that --dead-letter names.
""", "stderr")
    expect(os.path.exists(t.path("app.log")), "the log was moved")
    t.run("replay", LETTERS, "-p", "regex", "--regex.line-regex", "(", code=2)
    expect(os.path.exists(t.path(LETTERS)), "it was moved")
    t.run("replay", LETTERS, "-p", "keyval")
    t.expect_numbers([1])
    nothing_left(t)


def test_only_one_at_a_time(t):
    """The second one names the first."""
    bury(t, range(5))
    t.api.default = silence()
    first = t.start("replay", LETTERS, "-p", "keyval")
    wait_until(lambda: os.path.exists(t.path(LETTERS + ".replaying/checkpoint")), "not started")
    second = t.run("replay", LETTERS, "-p", "keyval", code=2)
    expect_equal(t.placeholders(second.err, first.pid),
                 f"hctail: error: '{LETTERS}' is being replayed by hctail (pid PID)\n", "stderr")
    first.kill()


main()
