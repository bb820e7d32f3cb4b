# SPDX-License-Identifier: Apache-2.0
"""producer | hctail -f - --spool DIR: a pipe that survives outages and kills."""
import os
import random
import shutil
import subprocess
import threading
import time

from events_api import ok, silence, slow, status
from harness import Skip, expect, expect_equal, main, wait_until

ARGUMENTS = ["-f", "-", "--spool", "spool"]


def lines(numbers, padding=""):
    return "".join(f'{{"n":{n},"p":"{padding}"}}\n' for n in numbers).encode()


def segments(t):
    return [name for name in os.listdir(t.path("spool")) if name.startswith("stdin.")]


def write(hctail, data):
    hctail.process.stdin.write(data)
    hctail.process.stdin.flush()


def test_ships_a_pipe_until_its_end(t):
    """As without a spool: every line, in the dataset stdin; nothing stays in the spool."""
    t.run(*ARGUMENTS, input=lines(range(3000)) + b'{"n":3000}')
    t.expect_numbers(range(3001), "stdin")
    expect_equal(segments(t), [], "segments")
    t.run(*ARGUMENTS, input=lines(range(3001, 3010)))
    t.expect_numbers(range(3010), "stdin")


def test_the_writer_does_not_wait_for_the_api(t):
    """30 MB go into the pipe during an outage, and come out after it."""
    t.api.default = silence()
    hctail = t.start(*ARGUMENTS, stdin=subprocess.PIPE)
    padding = "x" * 1000
    began = time.monotonic()
    total = 0
    for first in range(0, 30_000, 1000):
        piece = lines(range(first, first + 1000), padding)
        write(hctail, piece)
        total += len(piece)
    hctail.process.stdin.close()
    print(f"   30 MB were taken in {time.monotonic() - began:.1f} s")
    wait_until(lambda: sum(os.path.getsize(t.path(f"spool/{name}")) for name in segments(t)) ==
               total, "it is not in the spool")
    hctail.kill()
    t.api.default = ok()
    t.run(*ARGUMENTS, input=b"", seconds=60)
    t.expect_at_least_once(range(30_000))
    expect_equal(segments(t), [], "segments")


def test_kills_lose_nothing_that_was_read(t):
    """kill -9 at any moment, and an outage: all that the dead ones took from the pipe arrives, and
    what comes twice is bounded by what was under way."""
    dice = random.Random(4714)
    t.api.default = slow(0.02)
    read_end, write_end = os.pipe()
    total, kills, pool = 40_000, 8, 2
    padding = "y" * 300

    def produce():
        with os.fdopen(write_end, "wb") as pipe:
            for n in range(total):
                pipe.write(lines([n], padding))

    producer = threading.Thread(target=produce, daemon=True)
    producer.start()
    for kill in range(kills):
        hctail = t.start(*ARGUMENTS, "--poolsize", pool, stdin=read_end)
        hctail.wait_until_up()
        t.api.default = status(503) if kill == 3 else slow(0.02)
        time.sleep(0.05 + dice.random() * 0.2)
        hctail.kill()
    t.api.default = ok()
    hctail = t.start(*ARGUMENTS, "--poolsize", pool, stdin=read_end)
    os.close(read_end)
    expect_equal(hctail.wait(60), 0, "exit code")
    producer.join()
    # A line that was cut by a kill is two pieces now, which are no JSON.
    torn = len(t.dead_letters())
    counts = {}
    for n in t.numbers():
        counts[n] = counts.get(n, 0) + 1
    missing = set(range(total)) - counts.keys()
    again = sum(counts.values()) - len(counts)
    print(f"   {len(missing)} lines cut by {kills} kills ({torn} pieces), {again} arrived again")
    expect(len(missing) <= kills and torn <= 2 * kills, f"lost: {sorted(missing)[:10]}")
    largest = max(request.events for request in t.api.requests)
    expect(again <= kills * pool * (largest + 10), f"{again} events were sent again")
    expect_equal(segments(t), [], "segments")


def mount(t, size):
    """A tmpfs of `size` on spool/."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "hctail-test", t.path("spool")],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")
    t.at_end(lambda: subprocess.run(["umount", t.path("spool")], check=False))


def test_a_full_spool_makes_the_writer_wait(t):
    """It is said once, and it goes on when the API does."""
    t.api.default = status(503)
    hctail = t.start(*ARGUMENTS, "--spool-max", "8MB", stdin=subprocess.PIPE)
    written = []

    def produce():
        for first in range(0, 20_000, 100):
            write(hctail, lines(range(first, first + 100), "z" * 1000))
            written.append(first + 100)
        hctail.process.stdin.close()

    producer = threading.Thread(target=produce, daemon=True)
    producer.start()
    hctail.wait_for_err("is full: standard input waits")
    time.sleep(0.3)
    stopped_at = written[-1]
    expect(7000 < stopped_at < 12_000, f"{stopped_at} lines were taken")
    time.sleep(0.5)
    expect_equal(written[-1], stopped_at, "lines taken")
    t.api.default = ok()
    expect_equal(hctail.wait(60), 0, "exit code")
    t.expect_numbers(range(20_000))
    expect_equal(hctail.err.count("is full: standard input waits"), 1, "times it was said")


def test_a_full_disk_under_the_spool(t):
    """It is said once, the writer waits, and all goes on when there is room."""
    os.mkdir(t.path("spool"))
    mount(t, "3m")
    t.api.default = status(503)
    hctail = t.start(*ARGUMENTS, stdin=subprocess.PIPE)

    def produce():
        for first in range(0, 10_000, 100):
            write(hctail, lines(range(first, first + 100), "z" * 1000))
        hctail.process.stdin.close()

    threading.Thread(target=produce, daemon=True).start()
    hctail.wait_for_err("no space left on device")
    t.api.default = ok()
    expect_equal(hctail.wait(60), 0, "exit code")
    t.expect_at_least_once(range(10_000))
    expect_equal(hctail.messages.count("cannot write in the spool"), 1, "times it was said")
    expect("""\
hctail: error: cannot write in the spool 'spool': no space left on device
  Standard input waits; it goes on when this works again.
""" in hctail.messages, hctail.messages)


def test_a_disk_that_is_too_small_for_a_line(t):
    """It is an error at once; with shorter lines it is enough, for more than it holds."""
    os.mkdir(t.path("spool"))
    mount(t, "300k")
    hctail = t.run(*ARGUMENTS, code=2, input=lines(range(1)))
    expect("""\
hctail: error: the disk of the spool 'spool' is too small: it has 307200 bytes in all
  It needs 1131072 bytes: a line may have 1000000 (--max-line). Give --spool a directory on a \
larger one, or --max-line a smaller size.
""" in hctail.messages, hctail.messages)
    t.run(*ARGUMENTS, "--max-line", "100KB", input=lines(range(1000), "z" * 1000), seconds=60)
    t.expect_at_least_once(range(1000))


def test_a_stop_leaves_the_rest_in_the_spool(t):
    """SIGTERM during an outage; the next run sends it before what is new."""
    t.api.default = silence()
    hctail = t.start(*ARGUMENTS, "--shutdown-timeout", "100ms", stdin=subprocess.PIPE)
    write(hctail, lines(range(100)))
    wait_until(lambda: t.api.requests, "no request")
    hctail.stop(code=1)
    shown = t.run("state", "show", api=False).out
    expect(f"""\
spool/stdin
  resumes at byte 0 of {len(lines(range(100))):,} ({len(lines(range(100))):,} bytes behind): \
the spool of standard input; saved""" in shown, shown)
    t.api.default = ok()
    hctail = t.run(*ARGUMENTS, input=lines(range(100, 110)))
    expect("hctail: 'spool' holds " in hctail.err, hctail.err)
    expect_equal(t.numbers(), [*range(110)], "in order")


def test_a_spool_that_is_removed_is_made_again(t):
    """Nothing is missing that had been read by then, and the end comes."""
    hctail = t.start(*ARGUMENTS, stdin=subprocess.PIPE)

    def feed(numbers):
        hctail.process.stdin.write(lines(numbers, "x" * 1000))
        hctail.process.stdin.flush()
        t.wait_for_numbers(range(numbers.stop))

    feed(range(50))
    shutil.rmtree(t.path("spool"))
    feed(range(50, 2000))  # so much that it is dropped once it is settled
    n = 2000
    while not os.path.isdir(t.path("spool")):
        expect(n < 2100, "it was not made again")
        feed(range(n, n + 1))
        n += 1
    hctail.process.stdin.close()
    expect_equal(hctail.wait(), 0, f"exit code; {hctail.err}")
    expect_equal(hctail.err.count("the spool 'spool' was removed while hctail ran; made again\n"), 1,
                 hctail.err)
    t.expect_numbers(range(n))


def test_errors(t):
    """Two hctails, a directory that cannot be made, options that make no sense."""
    first = t.start(*ARGUMENTS, stdin=subprocess.PIPE)
    first.wait_until_up()
    second = t.run(*ARGUMENTS, "--state-dir", "other", code=2, input=b"")
    expect_equal(t.placeholders(second.err, first.pid).splitlines()[-2:],
                 ["hctail: error: the spool 'spool' is in use by hctail (pid PID)",
                  "  Two cannot share one: stop that one, or give this one another with --spool."],
                 "stderr")
    first.kill()
    t.write("file", "")
    failed = t.run("-f", "-", "--spool", "file/spool", code=2)
    expect("hctail: error: cannot create 'file/spool': 'file' is not a directory\n"
           "  Give another one with --spool; hctail needs to write in it.\n" in failed.err,
           failed.err)
    failed = t.run("-f", "app.log", "--spool", "spool", code=2)
    expect_equal(failed.err, """\
hctail: error: --spool is for standard input, which is not read (from --spool)
  Read it with -f -, or leave out --spool.
""", "stderr")
    failed = t.run("-f", "-", "--spool", t.path("state"), code=2)
    expect("the spool cannot be in the state directory itself" in failed.err, failed.err)
    failed = t.run("-f", "-", "--spool", "spool", "--spool-max", "1MB", code=2)
    expect("--spool-max is less than four times --max-line" in failed.err, failed.err)


main()
