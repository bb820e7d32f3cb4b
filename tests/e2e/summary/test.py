# SPDX-License-Identifier: Apache-2.0
"""Every record is accounted for: read = sent + sampled out + filtered + dead-lettered + in flight."""
import gzip
import os
import random
import re

from events_api import (cut, flaky, garbage, half_body, per_event, poison, silence, status)
from harness import expect, expect_equal, main, need_program, wait_until

COUNTS = re.compile(r"^hctail: (?P<what>.*): (?P<read>[\d,]+) read = (?P<sent>[\d,]+) sent "
                    r"\+ (?P<sampled_out>[\d,]+) sampled out \+ (?P<filtered>[\d,]+) filtered "
                    r"\+ (?P<dead_lettered>[\d,]+) dead-lettered "
                    r"\+ (?P<in_flight>[\d,]+) in flight; (?P<bytes>[\d,]+) bytes")


def summaries(text):
    """What each line of each summary counts: [{"what": "total", "read": 5, ...}]."""
    found = []
    for line in text.splitlines():
        line = line if line.startswith("hctail: ") else "hctail: " + line.strip()
        if match := COUNTS.match(line):
            counts = {k: v if k == "what" else int(v.replace(",", ""))
                      for k, v in match.groupdict().items()}
            found.append(counts)
    return found


def expect_balance(counts):
    total = sum(counts[k] for k in ("sent", "sampled_out", "filtered", "dead_lettered",
                                    "in_flight"))
    expect_equal(total, counts["read"], f"sum of {counts}")


def final(hctail):
    """The last total, after every line was checked."""
    found = summaries(hctail.err)
    expect(found, f"no summary in: {hctail.err}")
    for counts in found:
        expect_balance(counts)
    expect("BALANCE" not in hctail.err, hctail.err)
    expect_equal(found[-1]["what"], "total", "last line")
    return found[-1]


def test_the_exact_text_of_a_small_summary(t):
    """What a user sees at the end."""
    t.write_lines("app.log", 3)
    t.write("bad.log", '{"n":3}\nnot JSON\n\n{"n":4}\n')
    hctail = t.run("--backfill", "-f", "app.log", "-f", "bad.log", "-p", "json")
    expect_equal(hctail.messages, """\
hctail: sending to HOST, team t, environment e
hctail: warning: 'bad.log', byte 8: not a JSON object: 'not JSON'
  It goes to 'DIR/state/dead-letter.jsonl', as will others of this file, which are only counted.
hctail: summary
  app.log: 3 read = 3 sent + 0 sampled out + 0 filtered + 0 dead-lettered + 0 in flight; 159 bytes, 0 behind
  bad.log: 4 read = 2 sent + 0 sampled out + 1 filtered + 1 dead-lettered + 0 in flight; 26 bytes; 2 without a time, 0 behind
  not parsed: bad.log, byte 8: not a JSON object: 'not JSON'
  total: 7 read = 5 sent + 0 sampled out + 1 filtered + 1 dead-lettered + 0 in flight; 185 bytes; 2 without a time, 0 behind
""", "stderr")


def test_it_balances_under_faults(t):
    """Whatever the server does, each record is counted once, and sent is what it accepted."""
    bad = 0
    lines = []
    for n in range(20_000):
        if n % 1000 == 7:
            lines.append("not JSON\n")
            bad += 1
        else:
            lines.append('{"n":%d%s}\n' % (n, ',"poison":true' if n == 12_345 else ""))
    t.write("app.log", "".join(lines))
    t.write_lines("other.log", range(50_000, 51_000))
    dice = random.Random(1)
    refuse = per_event(lambda e: 400 if e.data["n"] % 997 == 0 else
                       429 if dice.random() < 0.05 else 202)

    def deliver(call):
        (poison("poison") if any("poison" in e.data for e in call.events) else refuse)(call)
    t.api.default = flaky(0.2, seed=3, failures=[status(500), status(429), cut(), garbage()],
                          then=deliver)
    hctail = t.run("--backfill", "-f", "*.log", "--send-batch-size", "200", "-p", "json",
                   seconds=60)
    total = final(hctail)
    refused = sum(1 for n in [*range(20_000), *range(50_000, 51_000)]
                  if n % 997 == 0 and not (n < 20_000 and n % 1000 == 7) and n != 12_345)
    expect_equal(total["read"], 21_000, "read")
    expect_equal(total["in_flight"], 0, "in flight")
    expect_equal(total["dead_lettered"], bad + refused + 1, "dead-lettered")
    expect_equal(total["sent"], len(t.api.accepted), "sent")
    expect_equal(len(t.dead_letters()), bad + refused + 1, "dead letters in the file")
    size = len(t.read("app.log")) + len(t.read("other.log"))
    expect_equal(total["bytes"], size, "bytes")


def test_it_balances_when_stopped_in_the_middle(t):
    """What is under way at the end is in flight; the next start sends it."""
    t.write_lines("app.log", 20_000)
    t.api.script(per_event(lambda e: 202), times=10)
    t.api.default = silence()
    hctail = t.start("--backfill", "-f", "app.log", "--send-batch-size", "100",
                     "--shutdown-timeout", "300ms")
    wait_until(lambda: len(t.api.accepted) == 1000, "no progress")
    hctail.signal()
    expect_equal(hctail.wait(5), 1, "exit code")
    total = final(hctail)
    expect_equal(total["sent"], 1000, "sent")
    expect(total["in_flight"] > 0, f"{total}")
    expect(re.search(r"error: not all was settled: [\d,]+ in flight\n", hctail.err), hctail.err)


def test_a_backfill_that_could_not_read_everything_says_so(t):
    """Exit status 1, which bytes of which file, and what to do."""
    t.write_lines("app.log", 20)
    with open(t.path("app.log"), "rb") as plain:
        packed = gzip.compress(plain.read())
    with open(t.path("cut.log.gz"), "wb") as file:
        file.write(packed[:-20])
    hctail = t.run("--backfill", "-f", "*.log*", "-d", "all", code=1)
    total = final(hctail)
    expect_equal(total["in_flight"], 0, "in flight")
    expect("'cut.log.gz': bytes " in hctail.err and "abandoned: the gzip data ends in the middle"
           in hctail.err, hctail.err)
    expect(re.search(r"error: not all was settled: \d+ bytes abandoned\n"
                     r"  Run the same again: it goes on where this one stopped.\n$", hctail.err),
           hctail.err)
    expect("abandoned, 0 behind" in hctail.err, hctail.err)


def test_a_backfill_with_a_file_that_cannot_be_opened(t):
    """The others are read; the exit status is 1."""
    t.write_lines("app.log", 20)
    os.symlink("gone", t.path("link.log"))
    os.symlink("self.log", t.path("self.log"))
    t.write_lines("shut.log", 5)
    os.chmod(t.path("shut.log"), 0)
    if os.geteuid() == 0:
        wrap = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid", "65534",
                "--clear-groups")
        need_program("setpriv")
        for folder, _, _ in os.walk(t.dir):
            os.chmod(folder, 0o777)
    else:
        wrap = ()
    hctail = t.run("--backfill", "-f", "*.log", "-d", "all", "--state-dir", t.path("state"),
                   code=1, wrap=wrap)
    t.expect_numbers(range(20))
    expect("cannot read 'shut.log': permission denied" in hctail.err, hctail.err)
    expect("0 behind; 1 file could not be read\n" in hctail.err, hctail.err)
    expect("error: not all was settled: 1 file not read\n" in hctail.err, hctail.err)


def test_an_answer_that_is_lost_is_counted_once(t):
    """The server has the events twice, the summary says what was read."""
    t.write_lines("app.log", 100)
    t.api.script(half_body())
    hctail = t.run("--backfill", "-f", "app.log")
    expect_equal(final(hctail)["sent"], 100, "sent")
    expect_equal(len(t.api.accepted), 200, "accepted")


def test_the_status_comes_at_its_interval(t):
    """--status-interval; 0 is never but at the end."""
    t.write_lines("app.log", 3)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "--status-interval", "300ms")
    t.wait_for_numbers(range(3))
    wait_until(lambda: hctail.err.count("total:") >= 3, "no three summaries", 5)
    hctail.stop()
    expect_equal(final(hctail)["sent"], 3, "sent")
    hctail = t.start("-f", "app.log", "--status-interval", "0")
    hctail.wait_until_up()
    hctail.stop()
    expect_equal(hctail.err.count("total:"), 1, "summaries")


def test_a_name_cannot_forge_a_message(t):
    """Nor can it talk to the terminal: in messages, in the summary and in the status."""
    name = "a\nhctail: error: fake\x1b[31m.log"
    t.write(name, '{"n":1}\nbad\x1b[2Jline\n')
    hctail = t.run("--backfill", "-f", "*.log", "-p", "json")
    expect("\x1b" not in hctail.err, hctail.err)
    expect(not any("fake" in line and not "a\\nhctail: error: fake\\x1b[31m.log" in line
                   for line in hctail.err.splitlines()), hctail.err)
    expect_balance(next(counts for counts in summaries(hctail.err) if counts["what"] == "total"))


main()
