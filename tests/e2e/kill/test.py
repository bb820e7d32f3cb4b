# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment loses nothing and repeats little."""
import random
import time

from events_api import flaky, per_event, slow, status
from harness import expect, main

LINES, POOL, KILLS = 40_000, 4, 10
PADDING = "x" * 1200  # a request holds 1 MB of lines: about 800 of these


def test_ten_kills_during_a_backfill_with_a_failing_server(t):
    """Every record at least once; each kill repeats at most the requests that were under way."""
    t.write_lines("app.log", LINES, padding=PADDING)
    dice = random.Random(4711)
    some_throttled = per_event(lambda event: 429 if event.data["n"] % 50 == 0 else 202)
    t.api.default = slow(0.03, flaky(0.05, seed=7, failures=[status(500), status(429), status(503),
                                                             some_throttled]))
    arguments = ["--backfill", "-f", "app.log", "--poolsize", POOL]
    for _ in range(KILLS):
        hctail = t.start(*arguments)
        target = len(t.api.accepted) + dice.randrange(200, LINES // (KILLS + 2))
        while hctail.running() and len(t.api.accepted) < target:
            time.sleep(0.001)
        expect(hctail.running(), f"ended before it was killed: {hctail.err}")
        time.sleep(dice.random() * 0.03)
        hctail.kill()
    time.sleep(0.2)  # requests that were under way are still being accounted for
    t.run(*arguments, seconds=60)
    largest = max(request.events for request in t.api.requests)
    again = t.expect_at_least_once(range(LINES))
    print(f"   {again} of {LINES} events arrived again after {KILLS} kills; "
          f"a request holds up to {largest}")
    # Requests are equal in bytes: one that was cut may have held a few events more than any answered.
    expect(again <= KILLS * POOL * (largest + 10), f"{again} events were sent again")
    expect(again > 0, "no kill hit a request: the test shows nothing")


def test_ten_kills_while_tailing(t):
    """The same while lines are being written."""
    t.write("app.log", "")
    dice = random.Random(4712)
    t.api.default = slow(0.005)
    written = 0
    for kill in range(KILLS):
        hctail = t.start("-f", "app.log", "--tail.read-from", "last" if kill else "beginning")
        until = time.monotonic() + 0.1 + dice.random() * 0.3
        while time.monotonic() < until:
            t.append_lines("app.log", range(written, written + 20))
            written += 20
            time.sleep(0.005)
        hctail.kill()
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(written), seconds=20)
    hctail.stop()
    again = t.expect_at_least_once(range(written))
    print(f"   {again} of {written} events arrived again after {KILLS} kills")


main()
