# SPDX-License-Identifier: Apache-2.0
"""Writers, rotators and tallies for cases that lose no line whatever happens to the file.

A Writer is the program line_writer: it writes lines numbered 0, 1, 2, ... as a daemon does, and
says which number comes next whenever it is asked, so that a test knows what each file held when it
was rotated.  A Tally counts how often each number was accepted.
"""
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from harness import PATIENCE, expect


class Tally:
    """How often each number was accepted; keeps no events, so that millions may come."""

    def __init__(self, t, field="n"):
        self.counts = bytearray()
        self.repeats = 0           # events that had been accepted before
        self.repeated_requests = 0  # requests that held one of those
        self.largest_request = 0
        self.accepted = 0
        self.strange = []          # what is not a number
        self._field = field
        self._lowest = 0           # all below were accepted
        self._lock = threading.Lock()
        t.api.take_events = self._take

    def _take(self, events):
        with self._lock:
            before = self.repeats
            for event in events:
                n = event.data.get(self._field)
                if not isinstance(n, int):
                    self.strange.append(event.data)
                    continue
                if n >= len(self.counts):
                    self.counts.extend(bytes(n + 100_000 - len(self.counts)))
                if self.counts[n]:
                    self.repeats += 1
                self.counts[n] = min(self.counts[n] + 1, 255)
            self.accepted += len(events)
            self.repeated_requests += self.repeats > before
            self.largest_request = max(self.largest_request, len(events))

    def has(self, n):
        return n < len(self.counts) and self.counts[n] > 0

    def has_all(self, begin, end):
        with self._lock:
            return end <= len(self.counts) and self.counts.find(0, begin, end) < 0

    def missing(self, end):
        """The numbers below `end` that were never accepted."""
        with self._lock:
            found, at = [], self.counts.find(0, 0, min(end, len(self.counts)))
            while at >= 0:
                found.append(at)
                at = self.counts.find(0, at + 1, min(end, len(self.counts)))
            return found + list(range(len(self.counts), end))

    def twice(self):
        """The numbers that were accepted more than once."""
        with self._lock:
            return [n for n, count in enumerate(self.counts) if count > 1]

    def beyond(self, end):
        """Numbers that were accepted and never written."""
        return [n for n in range(end, len(self.counts)) if self.counts[n]]

    def wait(self, end, allowed=(), quiet=5.0):
        """Waits until all below `end` but those in `allowed` are there, or nothing comes for
        `quiet` seconds; returns what is missing."""
        allowed = set(allowed)
        last, since = -1, time.monotonic()
        while True:
            missing = [n for n in self.missing(end) if n not in allowed]
            if not missing:
                return []
            if self.accepted != last:
                last, since = self.accepted, time.monotonic()
            if time.monotonic() - since > quiet * PATIENCE:
                return missing
            time.sleep(0.05)

    def expect_none_missing(self, end, allowed=(), quiet=5.0):
        missing = self.wait(end, allowed, quiet)
        expect(not missing, f"{len(missing)} of {end} lines lost: {ranges(missing)}")
        expect(not self.strange, f"not lines that were written: {self.strange[:3]}")
        expect(not self.beyond(end), f"never written: {self.beyond(end)[:5]}")


def ranges(numbers):
    """[1, 2, 3, 7] -> "1-3 7", the first dozen."""
    spans = []
    for n in sorted(numbers):
        if spans and spans[-1][1] == n - 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    text = " ".join(f"{a}-{b}" if a < b else str(a) for a, b in spans[:12])
    return text + (f" and {len(spans) - 12} more" if len(spans) > 12 else "")


class Writer:
    """line_writer with its commands; every answer is the number of the next line."""

    def __init__(self, t, path, rate, *options):
        program = os.path.join(os.path.dirname(os.environ["HCTAIL"]), "line_writer")
        expect(os.path.exists(program), f"{program} is not built")
        self.path = t.path(path)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self._process = subprocess.Popen(
            [program, self.path, str(rate), "0", "--commands", *map(str, options)], cwd=t.dir,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        self._lock = threading.Lock()
        self._written = None
        t.at_end(self.stop)
        self.tell()

    def _ask(self, command):
        with self._lock:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            expect(answer, f"line_writer ended at {command!r}")
            return int(answer)

    def tell(self):
        return self._ask("tell")

    def reopen(self):
        return self._ask("reopen")

    def rename(self, path):
        return self._ask(f"rename {path}")

    def truncate(self):
        return self._ask("truncate")

    def copytruncate(self, copy):
        """Copies and truncates with no line written in between."""
        return self._ask(f"copytruncate {copy}")

    def rate(self, lines_per_second):
        return self._ask(f"rate {lines_per_second}")

    def hang_up(self):
        os.kill(self.pid, signal.SIGHUP)

    def stop(self):
        """Ends it; how many lines were written."""
        if self._written is None:
            with self._lock:
                self._process.stdin.close()
                self._written = int(self._process.stdout.readline() or -1)
                self._process.wait(10)
                self._process.stdout.close()
        return self._written


class Rotator:
    """Rotates the file of a Writer; knows which lines each rotated file holds.

    A rotated file goes only once there are `keep` newer ones and all of it was accepted: then a
    line that is missing is hctail's fault and not that of a short rotation count.
    """

    def __init__(self, t, writer, tally, keep=12):
        self.t, self.writer, self.tally, self.keep = t, writer, tally, keep
        self.path = writer.path
        self.rotations = 0
        self.exposed = set()  # lines that were truncated away before anyone could copy them
        self.held = 0         # files that were kept longer, for want of delivery
        self._from = 0        # the first line of the current file
        self._old = []        # (path, first line, end), oldest first

    def rotate(self):
        self.rotations += 1
        old, end = self.turn()
        self._old.append([old, self._from, end])
        self._from = end
        if len(self._old) > self.keep:
            # Late lines of the next file may stand in the oldest.
            path, begin, end = self._old[0][0], self._old[0][1], self._old[1][2]
            if all(self.tally.has(n) or n in self.exposed for n in range(begin, end)):
                os.remove(path)
                self._old.pop(0)
            else:
                self.held += 1

    def turn(self):
        """Rotates; returns the path of the old file and the number of its last line + 1."""
        raise NotImplementedError

    def shift(self, suffix=""):
        """app.log.2 -> app.log.3, app.log.1 -> app.log.2; returns the free app.log.1."""
        for i, file in enumerate(self._old):
            new = f"{self.path}.{len(self._old) - i + 1}{suffix}"
            os.rename(file[0], new)
            file[0] = new
        return f"{self.path}.1{suffix}"


class Numbered(Rotator):
    """logrotate's create: app.log.1, app.log.2, ..."""

    def turn(self):
        new = self.shift()
        os.rename(self.path, new)
        return new, self.writer.reopen()


class Dated(Rotator):
    """logrotate's dateext: app.log-20260101-000001."""

    def turn(self):
        new = f"{self.path}-20260101-{self.rotations:06d}"
        os.rename(self.path, new)
        return new, self.writer.reopen()


class Moved(Rotator):
    """Into another folder, which is followed too."""

    def turn(self):
        folder = os.path.join(os.path.dirname(os.path.dirname(self.path)), "old")
        os.makedirs(folder, exist_ok=True)
        new = os.path.join(folder, f"app-{self.rotations}.log")
        os.rename(self.path, new)
        return new, self.writer.reopen()


class Zipped(Rotator):
    """logrotate's compress: renamed, and gone into app.log.1.gz a moment later."""

    def turn(self):
        new = self.shift(".gz")
        plain = f"{self.path}.1"
        os.rename(self.path, plain)
        end = self.writer.reopen()
        compress(plain, new)
        return new, end


class CopyTruncated(Rotator):
    """logrotate's copytruncate: what is written between copy and truncation may be lost."""

    def turn(self):
        new = self.shift()
        shutil.copyfile(self.path, new)
        with open(new, "rb") as copy:
            copied = copy.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
        last = json.loads(copied)["n"] if copied else self._from - 1
        end = self.writer.truncate()
        self.exposed.update(range(last + 1, end))
        return new, end


class ExactlyTruncated(Rotator):
    """copytruncate while nothing is written: nothing may be lost."""

    def turn(self):
        new = self.shift()
        return new, self.writer.copytruncate(new)


def compress(plain, packed):
    """gzip as it is run by logrotate: the packed file grows while the plain one is there."""
    with open(plain, "rb") as source, open(packed, "xb", buffering=0) as target:
        gzip = subprocess.Popen(["gzip", "-1"], stdin=source, stdout=target)
        expect(gzip.wait(30) == 0, "gzip failed")
    os.remove(plain)


def rotating(rotator, dice, least, most, ended):
    """Rotates at random intervals until `ended` is set; a thread, whose failures are kept."""
    failures = []

    def run():
        try:
            while not ended.wait(dice.uniform(least, most)):
                rotator.rotate()
        except Exception as error:  # reported by the test
            failures.append(error)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, failures
