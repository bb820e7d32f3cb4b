# SPDX-License-Identifier: Apache-2.0
"""kill -9 while files are rotated and the server fails: no line is lost, few are sent again.

$HCTAIL_KILLS: kills of each test (10); $HCTAIL_RATE: lines a second (5000).
"""
import os
import random
import threading
import time

from events_api import cut, flaky, half_body, status
from harness import PATIENCE, expect, main
from storm import (CopyTruncated, Dated, ExactlyTruncated, Moved, Numbered, Tally, Writer, Zipped,
                   ranges, rotating)

KILLS = int(os.environ.get("HCTAIL_KILLS", "10"))
RATE = int(os.environ.get("HCTAIL_RATE", "5000"))
POOL = 4
FAILURES = [status(429), status(503), cut(), half_body(account=False)]


def storm(t, kind, files, *options, seed=1, every=(0.05, 0.4)):
    dice = random.Random(seed)
    tally = Tally(t)
    t.api.default = flaky(0.05, seed=seed, failures=FAILURES)
    writer = Writer(t, "live/app.log", RATE, *options)
    rotator = kind(t, writer, tally)
    arguments = ["--poolsize", POOL, "-d", "app"]
    for file in files:
        arguments += ["-f", file]
    ended = threading.Event()
    hctail = t.start(*arguments, "--tail.read-from", "beginning")
    hctail.wait_until_up()
    thread, failures = rotating(rotator, random.Random(seed + 1), *every, ended)
    worst = 0
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.02, 0.5) * PATIENCE)
        expect(hctail.running(), f"ended by itself: {hctail.err}")
        before = tally.repeats
        hctail.kill()
        # Mostly it comes back at once, as under systemd; sometimes several rotations later.
        time.sleep(dice.choice([0, 0, 0.02, 0.1, 0.8]))
        hctail = t.start(*arguments)
        worst = max(worst, tally.repeats - before)
    time.sleep(0.5)
    ended.set()
    thread.join(20)
    expect(not failures, f"the rotation failed: {failures}")
    written = writer.stop()
    missing = tally.wait(written, rotator.exposed)
    lost = [n for n in rotator.exposed if not tally.has(n)]
    print(f"   {written} lines, {KILLS} kills, {rotator.rotations} rotations: {len(missing)} missing;"
          f" sent again {tally.repeats} events in {tally.repeated_requests} requests:"
          f" {tally.repeats / KILLS:.0f} events and {tally.repeated_requests / KILLS:.1f} requests"
          f" a kill, requests hold up to {tally.largest_request}; truncated before they were copied"
          f" {len(rotator.exposed)}, of these {len(lost)} not seen; rotated files kept longer"
          f" {rotator.held}", flush=True)
    tally.expect_none_missing(written, rotator.exposed, quiet=0.1)
    hctail.stop()
    # What a kill can repeat is what was under way: --poolsize requests, perhaps cut otherwise now.
    expect(tally.repeated_requests <= KILLS * (POOL + 2),
           f"{tally.repeated_requests} requests were sent again")
    expect(tally.repeats <= KILLS * POOL * tally.largest_request,
           f"{tally.repeats} events were sent again")
    # While the server keeps up that is much less: a few pieces of --send-frequency-ms.
    expect(RATE > 5000 or tally.repeats <= KILLS * 1000 * PATIENCE,
           f"sent again: {ranges(tally.twice())}")


def test_renamed_to_numbers(t):
    """app.log -> app.log.1 -> app.log.2, each time with late lines; followed by a glob."""
    storm(t, Numbered, ["live/app.log*"], "--late", 30)


def test_renamed_to_numbers_followed_by_the_path_alone(t):
    """The rotated files are found though nothing was said of them."""
    storm(t, Numbered, ["live/app.log"], "--late", 30)


def test_renamed_to_dates(t):
    """app.log -> app.log-20260101-000001; followed by the path alone."""
    storm(t, Dated, ["live/app.log"], "--late", 30)


def test_killed_while_it_starts(t):
    """Three rotations while it is down, then kills in the first moments; the path alone is given."""
    dice = random.Random(11)
    padding = "p" * 50
    lines = 0

    def write(name):
        nonlocal lines
        t.write_lines(name, range(lines, lines + 20), padding=padding)
        lines += 20
    write("app.log")
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(lines))
    hctail.kill()
    for round_ in range(5 * KILLS):
        for i in range(3):
            os.rename(t.path("app.log"), t.path(f"app.log-{round_:04d}{i}"))
            write("app.log")
        hctail = t.start("-f", "app.log")
        time.sleep(dice.uniform(0.005, 0.07) * PATIENCE)
        hctail.kill()
    hctail = t.start("-f", "app.log")
    hctail.wait_until_up()
    t.wait_for_numbers(range(lines), seconds=20)
    hctail.stop()
    print(f"   {lines} lines in {15 * KILLS} files, {5 * KILLS} kills: "
          f"{len(t.api.accepted) - lines} sent again", flush=True)
    t.expect_at_least_once(range(lines))


def test_an_old_file_written_to_after_a_newer_one(t):
    """While it is down: the order of the files is not that of their last changes."""
    t.write_lines("app.log", range(10), padding="p" * 100)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(10))
    hctail.kill()
    os.rename(t.path("app.log"), t.path("app.log.2"))
    t.write_lines("app.log", range(10, 20), padding="p" * 100)
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.write_lines("app.log", range(20, 30), padding="p" * 100)
    time.sleep(1.1)
    t.append_lines("app.log.2", range(30, 35))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(35))
    hctail.stop()
    t.expect_numbers(range(35))


def test_copied_and_truncated(t):
    """Only lines that were truncated away before they were copied may be missing."""
    storm(t, CopyTruncated, ["live/app.log"])


def test_copied_and_truncated_while_nothing_is_written(t):
    """Nothing may be missing; the copies match the glob and are not sent as well."""
    storm(t, ExactlyTruncated, ["live/app.log*"])


def test_renamed_and_compressed_at_once(t):
    """app.log -> app.log.1.gz; what was not sent yet is read from there."""
    storm(t, Zipped, ["live/app.log*"])


def test_moved_to_another_folder(t):
    """live/app.log -> old/app-1.log, and both folders are followed."""
    storm(t, Moved, ["live/*.log", "old/*.log"], "--late", 30)


main()
