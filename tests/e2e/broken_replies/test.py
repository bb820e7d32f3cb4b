# SPDX-License-Identifier: Apache-2.0
"""Replies that cannot be trusted: at least once, whatever happens on the wire."""
from events_api import cut, garbage, half_body, silence
from harness import expect, expect_equal, main


def ship(t, *behaviours, options=()):
    t.write_lines("app.log", 200)
    for behaviour in behaviours:
        t.api.script(behaviour)
    t.run("--backfill", "-f", "app.log", *options, seconds=30)
    expect_equal(t.dead_letters(), [], "dead letters")
    return t.expect_at_least_once(range(200))


def test_garbage_instead_of_statuses(t):
    """200 with HTML (a captive portal) settles nothing."""
    expect_equal(ship(t, garbage(), garbage()), 0, "events sent again")


def test_half_a_body(t):
    """The events were accounted for but we cannot know: they arrive again."""
    expect_equal(ship(t, half_body()), 200, "events sent again")


def test_a_connection_cut_before_accounting(t):
    """Nothing arrived; sent again on a new connection."""
    expect_equal(ship(t, cut(), cut()), 0, "events sent again")


def test_a_connection_cut_after_accounting(t):
    """Everything arrived, but we cannot know."""
    expect_equal(ship(t, cut(account=True)), 200, "events sent again")


def test_silence(t):
    """A server that never answers is given up on after --request-timeout."""
    expect_equal(ship(t, silence(), options=["--request-timeout", "1s"]), 0, "events sent again")
    gap = t.api.requests[1].at - t.api.requests[0].at
    expect(1 <= gap < 6, f"sent again after {gap:.2f} s")


main()
