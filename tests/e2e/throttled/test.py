# SPDX-License-Identifier: Apache-2.0
"""Whole replies of 429 and 5xx: waited out, without end and without loss."""
import email.utils
import time

from events_api import status
from harness import expect, expect_equal, main


def gap(t):
    """Seconds between the first request and the second."""
    first, second = t.api.requests[:2]
    return second.at - first.at


def backfill(t, *behaviours):
    t.write_lines("app.log", 50)
    for behaviour in behaviours:
        t.api.script(behaviour)
    hctail = t.run("--backfill", "-f", "app.log", seconds=30)
    t.expect_numbers(range(50))
    expect_equal(t.dead_letters(), [], "dead letters")
    return hctail


def test_retry_after_in_seconds_is_honoured(t):
    """429 with Retry-After: 1."""
    backfill(t, status(429, retry_after=1))
    expect(1 <= gap(t) < 4, f"sent again after {gap(t):.2f} s")


def test_retry_after_as_a_date_is_honoured(t):
    """503 with a date."""
    backfill(t, status(503, retry_after=email.utils.formatdate(time.time() + 3, usegmt=True)))
    expect(1.5 <= gap(t) < 6, f"sent again after {gap(t):.2f} s")


def test_rate_limit_reset_is_honoured(t):
    """429 with RateLimit: limit=..., remaining=0, reset=1 and no Retry-After."""
    backfill(t, status(429, rate_limit="limit=100, remaining=0, reset=2"))
    expect(2 <= gap(t) < 5, f"sent again after {gap(t):.2f} s")


def test_server_errors_are_retried_with_backoff(t):
    """500, 502, 503, 504 and 408 are retried, a little later each time."""
    backfill(t, status(500), status(502), status(503), status(504))
    expect_equal(len(t.api.requests), 5, "requests")


def test_nonsense_in_retry_after_is_no_excuse(t):
    """An unreadable or negative Retry-After neither stops hctail nor makes it hammer."""
    backfill(t, *(status(429, retry_after=value) for value in ("soon", "-5", "NaN", "1e")))
    expect_equal(len(t.api.requests), 5, "requests")
    took = t.api.requests[-1].at - t.api.requests[0].at
    expect(took > 0.05, f"four retries within {took:.4f} s")


def test_other_requests_wait_too(t):
    """A throttled key is throttled for all requests: nobody else hurries past Retry-After."""
    t.write_lines("app.log", 2000)
    t.api.script(status(429, retry_after=2), times=1)
    t.run("--backfill", "-f", "app.log", "--send-batch-size", "100", seconds=30)
    t.expect_numbers(range(2000))
    began = t.api.requests[0].at
    early = [r for r in t.api.requests if 0.5 < r.at - began < 1.9]
    expect(not early, f"{len(early)} requests were sent while throttled")


main()
