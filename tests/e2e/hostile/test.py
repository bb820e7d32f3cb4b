# SPDX-License-Identifier: Apache-2.0
"""An API that stops, a disk that is full, a process that is suspended, while files are rotated.

$HCTAIL_OUTAGE: seconds for which the API is away (10).
"""
import os
import signal
import subprocess
import threading
import time

from events_api import ok, silence
from harness import PATIENCE, Skip, expect, main, wait_until
from storm import Moved, Numbered, Tally, Writer, ranges

OUTAGE = float(os.environ.get("HCTAIL_OUTAGE", "10"))
RATE = 5000
MOST_MEMORY = 150  # MB resident
LONGEST_PAUSE = 30  # seconds between two tries


class Deleting(Numbered):
    """Keeps two old files, whether anybody has read them or not."""

    def turn(self):
        while len(self._old) >= 2:
            os.remove(self._old.pop(0)[0])
        return super().turn()


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


class Memory(threading.Thread):
    """The most that a process had resident while this ran."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self._ended = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self._ended.wait(0.05):
            try:
                self.most = max(self.most, resident(self.pid))
            except (OSError, StopIteration):
                return

    def finish(self):
        self._ended.set()
        self.join()
        return self.most


def outage(t, kind, file, begin, end, seconds=OUTAGE):
    tally = Tally(t)
    writer = Writer(t, "live/app.log", RATE)
    rotator = kind(t, writer, tally, keep=100)
    hctail = t.start("-f", file, "--tail.read-from", "beginning")
    wait_until(lambda: tally.accepted > 1000, "the first lines")
    memory = Memory(hctail.pid)
    begin()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1.0, seconds / 8))
        rotator.rotate()
    requests, again, accepted = len(t.api.requests), time.monotonic(), tally.accepted
    behind = writer.tell() - accepted
    end()
    wait_until(lambda: tally.accepted > accepted, "it is not tried again", LONGEST_PAUSE + 5)
    noticed = time.monotonic() - again
    wait_until(lambda: writer.tell() - tally.accepted < RATE, "the backlog is not worked off", 60)
    recovery = time.monotonic() - again - noticed
    time.sleep(1)
    written = writer.stop()
    tally.wait(written)
    most = memory.finish()
    sent = t.api.requests[requests:]
    busiest = max(sum(0 <= r.at - s.at < 0.1 for r in sent) for s in sent)
    print(f"   {written} lines, {rotator.rotations} rotations, API away for {seconds:g} s, then "
          f"{behind} lines behind: tried again after {noticed:.1f} s, caught up in {recovery:.1f} s "
          f"with {len(sent)} requests, at most "
          f"{busiest} in 100 ms; RSS at most {most:.0f} MB; {len(tally.missing(written))} missing, "
          f"{tally.repeats} twice", flush=True)
    tally.expect_none_missing(written, quiet=0.1)
    hctail.stop()
    expect(tally.repeated_requests <= 4, f"sent twice: {ranges(tally.twice())}")
    expect(PATIENCE > 1 or most < MOST_MEMORY, f"{most:.0f} MB resident")
    # Full requests, not one for each of the many small pieces that were written meanwhile.
    expect(busiest <= 40 * PATIENCE, f"{busiest} requests in 100 ms")
    expect(recovery < 15 * PATIENCE, f"{recovery:.0f} s to catch up")


def test_an_api_that_is_away(t):
    """Connections are refused while files are rotated: nothing is lost, memory stays bounded."""
    outage(t, Numbered, "live/app.log", t.api.down, t.api.up)


def test_an_api_that_does_not_answer(t):
    """It takes requests and is silent; then it resets all connections and is well again."""
    def begin():
        t.api.default = silence()

    def end():
        t.api.default = ok()
        t.api.down()
        t.api.up()
    outage(t, Numbered, "live/app.log*", begin, end)


def test_files_that_are_deleted_during_an_outage(t):
    """Only two old files are kept: what was open is read although it has no name any more."""
    outage(t, Deleting, "live/app.log", t.api.down, t.api.up, seconds=OUTAGE / 2)


def test_a_process_that_was_suspended(t):
    """SIGSTOP over some rotations, as when a machine sleeps or a container is frozen."""
    tally = Tally(t)
    writer = Writer(t, "live/app.log", RATE)
    rotator = Moved(t, writer, tally, keep=100)
    hctail = t.start("-f", "live/*.log", "-f", "old/*.log", "--tail.read-from", "beginning")
    wait_until(lambda: tally.accepted > 1000, "the first lines")
    for _ in range(3):
        hctail.signal(signal.SIGSTOP)
        for _ in range(3):
            time.sleep(0.2)
            rotator.rotate()
        hctail.signal(signal.SIGCONT)
        time.sleep(0.3)
    written = writer.stop()
    tally.expect_none_missing(written)
    hctail.stop()
    expect(tally.repeats == 0, f"{tally.repeats} lines sent twice")


def test_a_folder_that_goes_away_and_comes_back(t):
    """What was written to its files meanwhile is read, and nothing is read twice."""
    tally = Tally(t)
    t.write_lines("live/app.log", range(100))
    hctail = t.start("-f", "live/*.log", "-d", "app", "--tail.read-from", "beginning")
    tally.wait(100)
    for round_ in range(3):
        first = 100 * (round_ + 1)
        os.rename(t.path("live"), t.path("away"))
        t.append_lines("away/app.log", range(first, first + 50))
        time.sleep(1.2 * PATIENCE)
        os.rename(t.path("away"), t.path("live"))
        t.append_lines("live/app.log", range(first + 50, first + 100))
        missing = tally.wait(first + 100, quiet=15)
        expect(not missing, f"round {round_}: {ranges(missing)} did not arrive")
    hctail.stop()
    expect(tally.repeats == 0, f"sent twice: {ranges(tally.twice())}")


def test_a_mount_that_goes_away_and_comes_back(t):
    """umount -l, and another file system in its place: its files are followed soon."""
    os.mkdir(t.path("live"))

    def mount():
        done = subprocess.run(["mount", "-t", "tmpfs", "hctail-test", t.path("live")],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")

    def unmount():
        subprocess.run(["umount", "-l", t.path("live")], check=False, capture_output=True)
    mount()
    t.at_end(unmount)
    tally = Tally(t)
    t.write_lines("live/app.log", range(100))
    hctail = t.start("-f", "live/*.log", "-d", "app", "--tail.read-from", "beginning")
    tally.wait(100)
    with open(t.path("live/app.log"), "a", encoding="utf-8") as held:
        unmount()
        held.write('{"n":100}\n')  # by who still has it open
    tally.expect_none_missing(101, quiet=15)
    mount()
    t.write_lines("live/app.log", range(101, 200))
    tally.expect_none_missing(200, quiet=15)  # mounts are noticed by the next look at all paths
    t.append_lines("live/app.log", range(200, 300))
    tally.expect_none_missing(300, quiet=5)
    hctail.stop()
    expect(tally.repeats == 0, f"sent twice: {ranges(tally.twice())}")


def test_a_full_disk_and_kills(t):
    """No position can be saved and hctail is killed: lines are sent again, none is lost."""
    os.mkdir(t.path("state"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "hctail-test",
                           t.path("state")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")
    t.at_end(lambda: subprocess.run(["umount", "-l", t.path("state")], check=False))
    tally = Tally(t)
    writer = Writer(t, "live/app.log", RATE)
    rotator = Numbered(t, writer, tally, keep=100)
    hctail = t.start("-f", "live/app.log*", "--tail.read-from", "beginning")
    wait_until(lambda: tally.accepted > 1000, "the first lines")
    again = 0
    for round_ in range(4):
        with open(t.path("state/ballast"), "wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 512):
                    pass
            except OSError:
                pass
        before = writer.tell()
        time.sleep(0.5 * PATIENCE)
        rotator.rotate()
        time.sleep(0.5 * PATIENCE)
        hctail.kill()
        again += writer.tell() - before
        if round_ % 2:
            os.remove(t.path("state/ballast"))  # else it is full at the start, too
        hctail = t.start("-f", "live/app.log*")
        time.sleep(0.5 * PATIENCE)
        if round_ % 2 == 0:
            os.remove(t.path("state/ballast"))
            time.sleep(1.5 * PATIENCE)  # it tries again once a second
    written = writer.stop()
    tally.wait(written)
    print(f"   {written} lines, 4 kills with a full disk: {len(tally.missing(written))} missing, "
          f"{tally.repeats} twice of {again} written meanwhile", flush=True)
    tally.expect_none_missing(written, quiet=0.1)
    hctail.stop()
    # The in-flight requests, and what was written while no position could be.
    expect(tally.repeats <= again + 4 * 4 * tally.largest_request,
           f"{tally.repeats} lines sent again")


main()
