# SPDX-License-Identifier: Apache-2.0
"""150,000 lines rotated every 15,000, each way, followed by the path and by a glob."""
import os
import time

from harness import expect, expect_equal, main, wait_until
from storm import CopyTruncated, ExactlyTruncated, Numbered, Tally, Writer, ranges

LINES = int(os.environ.get("HCTAIL_MATRIX_LINES", "150000"))
RATE = 50_000
EACH = 15_000


def matrix(t, kind, file, *options):
    tally = Tally(t)
    writer = Writer(t, "live/app.log", 0, *options)
    rotator = kind(t, writer, tally, keep=100)
    hctail = t.start("-f", file, "--tail.read-from", "beginning")
    hctail.wait_until_up()
    writer.rate(RATE)
    for end in range(EACH, LINES + 1, EACH):
        wait_until(lambda: writer.tell() >= end, f"line {end} is not written", 60)
        rotator.rotate()
    written = writer.stop()
    tally.wait(written, rotator.exposed)
    missing = [n for n in tally.missing(written) if n not in rotator.exposed]
    print(f"   {written} lines, {rotator.rotations} rotations: {len(missing)} missing, "
          f"{tally.repeats} twice; truncated before they were copied {len(rotator.exposed)}, of "
          f"these {sum(not tally.has(n) for n in rotator.exposed)} not seen", flush=True)
    tally.expect_none_missing(written, rotator.exposed, quiet=0.1)
    time.sleep(0.3)
    hctail.stop()
    expect(tally.repeats == 0, f"sent twice: {ranges(tally.twice())}")
    expect_equal(t.dead_letters(), [], "dead letters")


def test_renamed_and_followed_by_the_path(t):
    """Late lines through the old descriptor included."""
    matrix(t, Numbered, "live/app.log", "--late", 100)


def test_renamed_and_followed_by_a_glob(t):
    """app.log.1 is known to be what app.log was."""
    matrix(t, Numbered, "live/app.log*", "--late", 100)


def test_copied_and_truncated_and_followed_by_the_path(t):
    """With no line between copy and truncation, none may be missing."""
    matrix(t, ExactlyTruncated, "live/app.log")


def test_copied_and_truncated_and_followed_by_a_glob(t):
    """The copies are known to be copies."""
    matrix(t, ExactlyTruncated, "live/app.log*")


def test_copied_and_truncated_while_lines_are_written(t):
    """Only lines that were truncated away before anyone copied them may be missing."""
    matrix(t, CopyTruncated, "live/app.log")


def test_truncated_without_o_append(t):
    """The writer goes on where it was: the hole before that is no line."""
    matrix(t, ExactlyTruncated, "live/app.log", "--no-append")


def test_the_old_file_is_written_to_long_after_it_was_deleted(t):
    """As long as somebody has it open and writes, its lines are read."""
    tally = Tally(t)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    with open(t.path("app.log"), "wb", buffering=0) as old:
        old.write(b'{"n":0}\n')
        wait_until(lambda: tally.has(0), "the first line")
        os.rename(t.path("app.log"), t.path("app.log.1"))
        t.write_lines("app.log", range(1, 1000))
        os.remove(t.path("app.log.1"))
        for n in range(1000, 1100):
            old.write(b'{"n":%d,"late":true}\n' % n)
            time.sleep(0.02)
    tally.expect_none_missing(1100)
    hctail.stop()
    expect(tally.repeats == 0, f"{tally.repeats} lines sent twice")


main()
