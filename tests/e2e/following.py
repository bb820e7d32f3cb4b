# SPDX-License-Identifier: Apache-2.0
"""hctail following numbered lines, for cases about files that come, go and move."""
import time

from harness import PATIENCE, expect, expect_equal

SOON = 1.0  # seconds


def following(t, *files, since=("--tail.read-from", "beginning"), **more):
    arguments = [word for file in files for word in ("-f", file)]
    hctail = t.start(*arguments, *since, "-d", "d", **more)
    hctail.wait_until_up()
    return hctail


def arrives(t, numbers, seconds=SOON):
    """Waits for `numbers`, which must come soon."""
    began = time.monotonic()
    t.wait_for_numbers(numbers, 15)
    took = time.monotonic() - began
    expect(took < seconds * PATIENCE, f"it took {took:.2f} s, more than {seconds} s")


def ends_with(t, hctail, numbers):
    time.sleep(0.1)
    hctail.stop()
    t.expect_numbers(numbers)
    expect_equal(t.dead_letters(), [], "dead letters")
