# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM: drain, write the position, say what is left."""
import signal
import time

from events_api import ok, silence, slow, status
from harness import expect, expect_equal, main, wait_until


def test_an_interrupted_backfill_resumes_without_sending_anything_twice(t):
    """SIGTERM settles what is under way; exit 1 as bytes are left; the next run sends the rest."""
    lines = 40_000
    t.write_lines("app.log", lines, padding="x" * 1200)  # far more than may be under way
    t.api.default = slow(0.05)
    arguments = ["--backfill", "-f", "app.log", "--poolsize", 2]
    for number in (signal.SIGTERM, signal.SIGINT):
        hctail = t.start(*arguments)
        before = len(t.api.accepted)
        wait_until(lambda: len(t.api.accepted) > before + 2000, "no progress")
        hctail.signal(number)
        expect_equal(hctail.wait(5), 1, "exit code of an interrupted backfill")
        expect(len(t.api.accepted) < lines, "it went on to the end")
    t.api.default = ok()
    t.run(*arguments)
    t.expect_numbers(range(lines))


def test_a_second_signal_ends_it_at_once(t):
    """While the first signal's drain waits for a silent server."""
    t.write_lines("app.log", 10)
    t.api.default = silence()
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    wait_until(lambda: t.api.requests, "no request")
    hctail.signal(signal.SIGTERM)
    time.sleep(0.5)
    expect(hctail.running(), "it did not wait for the request under way")
    began = time.monotonic()
    hctail.signal(signal.SIGINT)
    expect_equal(hctail.wait(2), 1, "exit code")
    expect(time.monotonic() - began < 1, "the second signal took a second")


def test_a_signal_that_comes_twice_at_once_is_one(t):
    """As timeout(1) and some supervisors send it: the request under way is settled."""
    t.write_lines("app.log", 10)
    t.api.default = slow(1)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    wait_until(lambda: t.api.requests, "no request")
    hctail.signal(signal.SIGTERM)
    time.sleep(0.02)
    hctail.signal(signal.SIGTERM)
    expect_equal(hctail.wait(5), 0, "exit code")
    t.expect_numbers(range(10))


def test_the_drain_ends_after_the_shutdown_timeout(t):
    """--shutdown-timeout bounds it; exit 1 and a message say what was left."""
    t.write_lines("app.log", 10)
    t.api.default = silence()
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "--shutdown-timeout", "1s")
    wait_until(lambda: t.api.requests, "no request")
    began = time.monotonic()
    hctail.signal()
    expect_equal(hctail.wait(5), 1, "exit code")
    expect(0.8 < time.monotonic() - began < 3, f"it took {time.monotonic() - began:.1f} s")
    t.api.default = ok()
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(10))
    hctail.stop()
    t.expect_numbers(range(10))


def test_an_idle_hctail_ends_at_once(t):
    """Nothing under way, nothing to wait for: exit 0."""
    t.write_lines("app.log", 10)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(10))
    time.sleep(0.2)
    began = time.monotonic()
    hctail.stop(0)
    expect(time.monotonic() - began < 1, f"it took {time.monotonic() - began:.1f} s")


def test_a_signal_during_an_outage_does_not_hang(t):
    """The backoff timer does not outlive the shutdown timeout."""
    t.write_lines("app.log", 10)
    t.api.default = status(503, retry_after=60)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "--shutdown-timeout", "1s")
    wait_until(lambda: t.api.requests, "no request")
    hctail.signal()
    expect_equal(hctail.wait(4), 1, "exit code")


def test_nohup_is_respected(t):
    """Signals that were ignored when hctail started stay ignored."""
    t.write_lines("app.log", 10)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning",
                     wrap=["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh"])
    t.wait_for_numbers(range(10))
    hctail.signal(signal.SIGHUP)
    hctail.signal(signal.SIGINT)
    time.sleep(0.3)
    expect(hctail.running(), f"it ended: {hctail.err}")
    hctail.stop()


main()
