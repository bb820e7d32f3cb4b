# SPDX-License-Identifier: Apache-2.0
"""Ten thousand quiet files, and a folder of fifty thousand names.

$HCTAIL_QUIET_FILES: how many (10000).
"""
import os
import random
import shutil
import time

from harness import PATIENCE, expect, expect_equal, main, wait_until
from storm import Tally

FILES = int(os.environ.get("HCTAIL_QUIET_FILES", "10000"))
SOON = 1.5  # seconds from the write to the server


def usage(pid):
    """CPU seconds, resident MB."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), resident / 1024


def make_files(t, count):
    for i in range(count):
        t.write(f"logs/{i % 100}/{i}.log", '{"n":%d}\n' % i)


def settle(t, tally, hctail, count, seconds=60):
    began = time.monotonic()

    def all_read():
        expect(hctail.running(), f"hctail ended: {hctail.err}")
        return tally.accepted >= count
    wait_until(all_read, f"only {tally.accepted} of {count} files were read", seconds)
    return time.monotonic() - began


def latencies(t, tally, count, dice, lines=20):
    """Seconds until a line in a random file arrives, each after a pause."""
    late = []
    for i in range(lines):
        n = 10_000_000 + i
        began = time.monotonic()
        which = dice.randrange(count)
        t.append(f"logs/{which % 100}/{which}.log", '{"n":%d}\n' % n)
        wait_until(lambda: tally.has(n), f"the line in file {which}", 15)
        late.append(time.monotonic() - began)
        time.sleep(dice.random() * 0.1)
    return late


def idle_cpu(hctail, seconds):
    before = usage(hctail.pid)[0]
    time.sleep(seconds)
    return (usage(hctail.pid)[0] - before) / seconds


def quiet(t, count, *arguments, wrap=(), limit=150, most=SOON, cpu_limit=0.01):
    make_files(t, count)
    tally = Tally(t)
    hctail = t.start("-f", "logs/*/*.log", "-d", "quiet", "--tail.read-from", "beginning",
                     *arguments, wrap=wrap)
    first = settle(t, tally, hctail, count)
    time.sleep(1)
    cpu = idle_cpu(hctail, 12)  # a whole look at all paths is among it
    late = latencies(t, tally, count, random.Random(1))
    memory = usage(hctail.pid)[1]
    descriptors = len(os.listdir(f"/proc/{hctail.pid}/fd"))
    print(f"   {count} files: read at first in {first:.1f} s; idle CPU {cpu * 100:.2f} % of a core; "
          f"RSS {memory:.0f} MB; {descriptors} descriptors; a new line arrives after "
          f"{sum(late) / len(late) * 1000:.0f} ms on average, {max(late) * 1000:.0f} ms at most",
          flush=True)
    hctail.stop(seconds=60)
    expect_equal(tally.repeats, 0, "lines sent twice")
    expect(cpu < cpu_limit * PATIENCE, f"idle CPU {cpu * 100:.2f} %")
    expect(PATIENCE > 1 or memory < limit, f"{memory:.0f} MB resident")
    expect(max(late) < most * PATIENCE, f"a line took {max(late):.2f} s")
    return descriptors


def test_ten_thousand_quiet_files(t):
    """Idle CPU below 1 % of a core, less than 150 MB, a new line within 1.5 s."""
    quiet(t, FILES)


def test_all_rotated_at_once(t):
    """2,000 files are renamed and created again within a second, with late lines to the old ones."""
    count = 2000
    make_files(t, count)
    tally = Tally(t)
    hctail = t.start("-f", "logs/*/*.log", "-d", "quiet", "--tail.read-from", "beginning")
    settle(t, tally, hctail, count)
    began = time.monotonic()
    for round_ in range(2):
        first = (round_ + 1) * 1_000_000
        for i in range(count):
            path = t.path(f"logs/{i % 100}/{i}.log")
            with open(path, "ab", buffering=0) as old:
                os.rename(path, f"{path}.{round_}")
                t.write(f"logs/{i % 100}/{i}.log", '{"n":%d}\n' % (first + i))
                old.write(b'{"n":%d}\n' % (first + count + i))
        wait_until(lambda: tally.accepted >= count * (2 * round_ + 3), "lines after a rotation", 30)
    print(f"   two rotations of {count} files in {time.monotonic() - began:.1f} s", flush=True)
    hctail.stop(seconds=60)
    for round_ in (1, 2):
        expect(tally.has_all(round_ * 1_000_000, round_ * 1_000_000 + 2 * count), "lines are lost")
    expect_equal(tally.repeats, 0, "lines sent twice")


FEW = ("bash", "-c", 'ulimit -n 256; exec "$@"', "--")  # hctail with so many descriptors


def test_more_files_than_descriptors(t):
    """1,000 files with 256 descriptors: each is read, and a new line is as soon there."""
    descriptors = quiet(t, 1000, wrap=FEW)
    expect(descriptors <= 256, f"{descriptors} descriptors")


def test_more_files_than_may_be_open(t):
    """--max-open-files 50, without inotify."""
    descriptors = quiet(t, 1000, "--max-open-files", 50, "--tail.poll", cpu_limit=0.10)
    expect(descriptors <= 50 + 30, f"{descriptors} descriptors")


def test_more_files_than_descriptors_are_rotated(t):
    """Renamed, moved aside and back, copied and truncated, rewritten, replaced; with late lines."""
    count = 1000
    make_files(t, count)
    tally = Tally(t)
    hctail = t.start("-f", "logs/*/*.log", "-d", "quiet", "--tail.read-from", "beginning", wrap=FEW)
    settle(t, tally, hctail, count)

    def rename(path, old, new):
        with open(path, "ab", buffering=0) as writer:
            writer.write(old)
            os.rename(path, path + ".1")
            with open(path, "ab", buffering=0) as fresh:
                fresh.write(new)

    def rename_late(path, old, new):
        with open(path, "ab", buffering=0) as writer:
            os.rename(path, path + ".1")
            with open(path, "ab", buffering=0) as fresh:
                fresh.write(new)
            writer.write(old)

    def move_and_back(path, old, new):
        os.rename(path, path + ".away")
        with open(path + ".away", "ab", buffering=0) as writer:
            writer.write(old)
        os.rename(path + ".away", path)
        with open(path, "ab", buffering=0) as writer:
            writer.write(new)

    def copytruncate(path, old, new):
        with open(path, "ab", buffering=0) as writer:
            writer.write(old)
            wait_until(lambda: tally.has(int(old[5:-2])), "a line before it is truncated", 30)
            shutil.copyfile(path, path + ".1")
            os.truncate(path, 0)
            writer.write(new)

    def replace(path, old, new):
        with open(path, "ab", buffering=0) as writer:
            writer.write(old)
        wait_until(lambda: tally.has(int(old[5:-2])), "a line before its file is replaced", 30)
        os.remove(path)
        with open(path, "ab", buffering=0) as fresh:
            fresh.write(new)

    ways = [rename, rename_late, move_and_back, copytruncate, replace]
    began = time.monotonic()
    for i in range(count):
        way = ways[i % len(ways)] if i % 50 < 10 else ways[i % 3]
        way(t.path(f"logs/{i % 100}/{i}.log"), b'{"n":%d}\n' % (count + i),
            b'{"n":%d}\n' % (2 * count + i))
    tally.wait(3 * count)
    print(f"   {count} files rotated in {time.monotonic() - began:.1f} s", flush=True)
    tally.expect_none_missing(3 * count)
    # All of them grow at once.
    for i in range(count):
        t.append(f"logs/{i % 100}/{i}.log", '{"n":%d}\n' % (3 * count + i))
    tally.expect_none_missing(4 * count)
    hctail.stop(seconds=60)
    expect("abandoned" not in hctail.err, "lines are told to be abandoned")
    expect_equal(tally.twice(), [], "lines sent twice")


def test_a_backfill_of_more_files_than_descriptors(t):
    """One after the other."""
    make_files(t, 1000)
    tally = Tally(t)
    t.run("--backfill", "-f", "logs/*/*.log", "-d", "quiet", wrap=FEW)
    tally.expect_none_missing(1000)
    expect_equal(tally.repeats, 0, "lines sent twice")


def test_a_folder_of_fifty_thousand_names(t):
    """Few match: it costs little, and new lines and new files are still seen soon."""
    os.makedirs(t.path("spool"))
    for i in range(50_000):
        os.mknod(t.path(f"spool/job-{i}.tmp"))
    for i in range(5):
        t.write_lines(f"spool/{i}.log", [i])
    tally = Tally(t)
    hctail = t.start("-f", "spool/*.log", "-d", "spool", "--tail.read-from", "beginning")
    settle(t, tally, hctail, 5)
    time.sleep(1)
    cpu = idle_cpu(hctail, 5)
    # Others come and go all the time; each means a look at the folder.
    before, began = usage(hctail.pid)[0], time.monotonic()
    for i in range(100):
        os.mknod(t.path(f"spool/more-{i}.tmp"))
        os.remove(t.path(f"spool/job-{i}.tmp"))
        time.sleep(0.05)
    busy = (usage(hctail.pid)[0] - before) / (time.monotonic() - began)
    late = []
    for i in range(10):
        began = time.monotonic()
        t.append_lines("spool/3.log", [100 + i])
        wait_until(lambda: tally.has(100 + i), "a new line")
        late.append(time.monotonic() - began)
    began = time.monotonic()
    t.write_lines("spool/new.log", [200])
    wait_until(lambda: tally.has(200), "a new file")
    new = time.monotonic() - began
    print(f"   50,000 names: idle CPU {cpu * 100:.2f} %, with 40 changes a second {busy * 100:.1f} %;"
          f" RSS {usage(hctail.pid)[1]:.0f} MB; a new line after {max(late) * 1000:.0f} ms at most, "
          f"a new file after {new * 1000:.0f} ms", flush=True)
    hctail.stop()
    expect(cpu < 0.01 * PATIENCE, f"idle CPU {cpu * 100:.2f} %")
    expect(busy < 0.15 * PATIENCE, f"CPU {busy * 100:.1f} % while names come and go")
    expect(max(late) < SOON * PATIENCE and new < SOON * PATIENCE, "late")


main()
