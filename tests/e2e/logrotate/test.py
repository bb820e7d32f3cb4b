# SPDX-License-Identifier: Apache-2.0
"""The real logrotate with the configurations people have."""
import glob
import gzip
import os
import re
import subprocess
import time

import zstandard

from harness import PATIENCE, expect, expect_equal, main, need_program
from storm import Tally, Writer, ranges

RATE = 3000
SIGNAL = "postrotate\n kill -HUP PID\nendscript\n"  # the daemon opens its log again


def numbers_on_disk(t):
    """What can still be read from any file: what is missing there, nobody can deliver."""
    found = set()
    for path in glob.glob(t.path("**/app*"), recursive=True):
        opens = {".gz": gzip.open, ".zst": zstandard.open}.get(os.path.splitext(path)[1], open)
        with opens(path, "rb") as file:
            found.update(map(int, re.findall(rb'"n":(\d+),.*\n', file.read())))
    return found


class Logrotate:
    def __init__(self, t, writer, directives):
        self.program = need_program("logrotate")
        self.t, self.runs = t, 0
        text = f"{writer.path} {{\n{directives}\n}}\n".replace("PID", str(writer.pid))
        t.write("logrotate.conf", text.replace("DIR", t.dir))
        os.chmod(t.path("logrotate.conf"), 0o644)

    def run(self, *options):
        self.runs += 1
        done = subprocess.run([self.program, *options, "-s", self.t.path("logrotate.state"),
                               self.t.path("logrotate.conf")], capture_output=True, text=True,
                              timeout=30, check=False)
        expect(done.returncode == 0, f"logrotate failed: {done.stderr}")


def scenario(t, directives, files=("log/app.log",), between=0.0, force=("-f",), findable=True):
    """Rotations one by one, in a row, while hctail is stopped, and while the API is down.

    Not `findable`: what was rotated away before it was opened cannot be found again."""
    tally = Tally(t)
    writer = Writer(t, "log/app.log", RATE)
    rotation = Logrotate(t, writer, "rotate 100\nmissingok\n" + directives)
    arguments = [word for file in files for word in ("-f", file)]
    hctail = t.start(*arguments, "--tail.read-from", "beginning")
    hctail.wait_until_up()

    def rotate(times, pause):
        for _ in range(times):
            rotation.run(*force)
            time.sleep(max(pause, between) * PATIENCE)
    time.sleep(0.3)
    rotate(2, 0.3)
    if findable:
        rotate(3, 0)     # within 100 ms, unless its names do not allow that
        time.sleep(0.3)
        hctail.stop()
        time.sleep(0.2)
        rotate(2, 0.1)   # stopped
        hctail = t.start(*arguments)
    time.sleep(0.5)
    t.api.down()
    time.sleep(0.1)
    rotate(2, 0.3)       # nobody listens
    t.api.up()
    rotate(1, 0.2)
    written = writer.stop()
    gone = set(range(written)) - numbers_on_disk(t)
    missing = tally.wait(written, gone)
    print(f"   {written} lines, {rotation.runs} runs of logrotate: {len(missing)} missing, "
          f"{tally.repeats} twice; not in any file any more {len(gone)}, of these "
          f"{sum(not tally.has(n) for n in gone)} not seen", flush=True)
    if "copytruncate" not in directives:
        expect(not gone, f"logrotate itself lost {ranges(gone)}")
    tally.expect_none_missing(written, gone, quiet=0.1)
    time.sleep(0.3)
    hctail.stop()
    # The API went away in the middle of a few small requests; a file holds about a thousand lines.
    expect(tally.repeats <= 500, f"sent twice: {ranges(tally.twice())}")
    expect_equal(t.dead_letters(), [], "dead letters")


def test_create(t):
    """create, and the daemon is told."""
    scenario(t, "create 0644\n" + SIGNAL)


def test_create_followed_by_a_glob(t):
    """The same, and app.log.1 and so on match as well."""
    scenario(t, "create 0644\n" + SIGNAL, ["log/app.log*"])


def test_nocreate(t):
    """Between the rename and the signal there is no app.log."""
    scenario(t, "nocreate\n" + SIGNAL)


def test_copytruncate(t):
    """What is lost is what logrotate itself lost."""
    scenario(t, "copytruncate")


def test_copytruncate_followed_by_a_glob(t):
    """The copies are not sent again."""
    scenario(t, "copytruncate", ["log/app.log*"])


def test_copytruncate_and_compress(t):
    """The copy is a .gz at once."""
    scenario(t, "copytruncate\ncompress", ["log/app.log*"])


def test_compress(t):
    """app.log.1.gz at once."""
    scenario(t, "create 0644\ncompress\n" + SIGNAL)


def test_compress_followed_by_a_glob(t):
    """What was sent from app.log is not sent again from app.log.1.gz."""
    scenario(t, "create 0644\ncompress\n" + SIGNAL, ["log/app.log*"])


def test_delaycompress(t):
    """app.log.1 is plain, app.log.2.gz packed."""
    scenario(t, "create 0644\ncompress\ndelaycompress\n" + SIGNAL, ["log/app.log*"])


def test_compress_with_zstd(t):
    """compresscmd zstd."""
    need_program("zstd")
    scenario(t, "create 0644\ncompress\ncompresscmd /usr/bin/zstd\ncompressext .zst\n"
             "compressoptions -q --rm\n" + SIGNAL, ["log/app.log*"])


def test_dateext(t):
    """app.log-20260101-1767225600."""
    scenario(t, "create 0644\ndateext\ndateformat -%Y%m%d-%s\n" + SIGNAL, between=1.05)


def test_extension(t):
    """app.1.log: the number stands before the extension, and *.log matches it."""
    scenario(t, "create 0644\nextension .log\n" + SIGNAL, ["log/*.log"])


def test_olddir(t):
    """Rotated files go to another folder, which nobody said is to be followed."""
    scenario(t, "create 0644\nolddir DIR/old\ncreateolddir 0755\n" + SIGNAL, findable=False)


def test_olddir_that_is_followed(t):
    """Rotated files go to a folder that is followed as well."""
    scenario(t, "create 0644\nolddir DIR/old\ncreateolddir 0755\n" + SIGNAL,
             ["log/app.log", "old/app.log*"])


def test_maxsize(t):
    """Rotated only when it has grown large."""
    scenario(t, "create 0644\nhourly\nmaxsize 60k\n" + SIGNAL, force=())


main()
