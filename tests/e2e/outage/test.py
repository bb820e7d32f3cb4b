# SPDX-License-Identifier: Apache-2.0
"""The server goes away while lines are written, and comes back."""
import threading
import time

from harness import expect, expect_equal, main
import events_api


class Writer(threading.Thread):
    """Appends about 1,000 lines a second until told to stop."""

    def __init__(self, t):
        super().__init__(daemon=True)
        self._case, self._ended = t, threading.Event()
        self.written = 0

    def run(self):
        while not self._ended.wait(0.05):
            self._case.append_lines("app.log", range(self.written, self.written + 50))
            self.written += 50

    def finish(self):
        self._ended.set()
        self.join()


def outage(t, begin, end):
    t.write("app.log", "")
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    writer = Writer(t)
    writer.start()
    t.wait_for_numbers(range(100))
    begin()
    time.sleep(1)
    before, connections = len(t.api.requests), t.api.connections_made
    time.sleep(4)
    during = len(t.api.requests) - before, t.api.connections_made - connections
    end()
    time.sleep(1)
    writer.finish()
    t.wait_for_numbers(range(writer.written), seconds=60)
    hctail.stop()
    return hctail, writer, during


def test_a_server_that_refuses_connections(t):
    """Nothing is lost, nothing is sent twice, and it is said once that the server is away."""
    hctail, writer, _ = outage(t, t.api.down, t.api.up)
    again = t.expect_at_least_once(range(writer.written))
    expect(again <= 500, f"{again} events sent again")
    expect_equal(t.dead_letters(), [], "dead letters")
    warnings = [line for line in hctail.err.splitlines() if "refused" in line]
    expect(1 <= len(warnings) <= 3, f"{len(warnings)} warnings: {warnings}")


def test_a_server_that_answers_503(t):
    """Retries are few while nothing gets through, and the backlog goes out in full batches."""
    def begin():
        t.api.default = events_api.status(503)

    def end():
        t.api.default = events_api.ok()
    _, writer, (requests, _) = outage(t, begin, end)
    t.expect_numbers(range(writer.written))
    expect(requests <= 40, f"{requests} requests in 4 s of outage")


main()
