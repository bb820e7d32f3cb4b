# SPDX-License-Identifier: Apache-2.0
"""A backfill of two hundred files of all kinds, killed again and again.

$HCTAIL_BACKFILL_FILES: how many (200).
"""
import bz2
import collections
import gzip
import json
import lzma
import os
import random
import re
import time

import zstandard

from events_api import ok, silence, slow
from harness import expect, expect_equal, main, wait_until

FILES = int(os.environ.get("HCTAIL_BACKFILL_FILES", "200"))
KILLS, POOL = 5, 4
PADDING = "x" * 480


def line(n, **fields):
    return json.dumps({"n": n, "pad": PADDING, **fields}, ensure_ascii=False) + "\n"


def members(pack, text, count):
    """`text` in several packed members, as appending to a packed file makes them; cut anywhere."""
    data = text.encode()
    step = len(data) // count + 1
    return b"".join(pack(data[at:at + step]) for at in range(0, len(data), step))


def zstd(data):
    return zstandard.ZstdCompressor().compress(data)


class Files:
    """Writes the files; knows the numbers of their records, and of those too long to be read."""

    def __init__(self, t):
        self.t, self.records, self.overlong = t, 0, set()
        self._dice = random.Random(3)

    def text(self, lines=None, end="\n", **fields):
        count = lines or self._dice.randrange(50, 300)
        text = "".join(line(n, **fields) for n in range(self.records, self.records + count))
        self.records += count
        return text.replace("\n", end)

    def write(self, kind, i):
        name = f"old/{i:03d}-{kind}.log"
        data = getattr(self, kind)()
        suffix = {"gz": ".gz", "gz_members": ".gz", "zst": ".zst", "zst_frames": ".zst",
                  "bz2": ".bz2", "xz": ".xz", "gz_utf16": ".gz"}.get(kind, "")
        # Half of the packed files do not say so in their names.
        self.t.write(name + (suffix if i % 2 else ""), data)

    def plain(self):
        return self.text()

    def crlf(self):
        return self.text(end="\r\n")

    def no_newline_at_the_end(self):
        return self.text()[:-1]

    def utf8_mark(self):
        return b"\xef\xbb\xbf" + self.text(word="Zürich 日本").encode()

    def utf16le_mark(self):
        return b"\xff\xfe" + self.text(word="Zürich 日本").encode("utf-16-le")

    def utf16be_mark(self):
        return b"\xfe\xff" + self.text(word="Zürich 日本").encode("utf-16-be")

    def utf16le(self):
        return self.text(word="Zürich", end="\r\n").encode("utf-16-le")

    def utf16be(self):
        return self.text(word="Zürich").encode("utf-16-be")[:-2]

    def nul_runs(self):
        """What a crash or copytruncate leaves: NULs in front of a line."""
        return b"\0" * 5000 + self.text().encode() + b"\0" * 70_000 + self.text().encode()

    def overlong_lines(self):
        text = self.text(20)
        self.overlong.add(self.records)
        text += line(self.records, more="y" * 200_000)
        self.records += 1
        return text + self.text(20)

    def empty(self):
        return b""

    def blank_lines(self):
        return "\n\r\n\n" + self.text().replace("\n", "\n\n")

    def gz(self):
        return gzip.compress(self.text().encode(), 1)

    def gz_members(self):
        return members(lambda data: gzip.compress(data, 1), self.text(), 5)

    def gz_utf16(self):
        return gzip.compress(("\ufeff" + self.text(word="Zürich")).encode("utf-16-le"), 1)

    def gz_empty(self):
        return gzip.compress(b"")

    def zst(self):
        return zstd(self.text().encode())

    def zst_frames(self):
        return members(zstd, self.text(), 3)

    def bz2(self):
        return bz2.compress(self.text().encode(), 1)

    def xz(self):
        return lzma.compress(self.text().encode(), preset=0)


KINDS = [name for name in vars(Files) if not name.startswith("_") and name not in ("text", "write")]


def check(t, files, kills):
    """All records were sent or are dead letters; few twice."""
    letters = {int(re.search(r'"n"\s*:\s*(\d+)', letter.get("record", str(letter)))[1])
               for letter in t.dead_letters()}
    counts = collections.Counter(t.numbers())
    lost = set(range(files.records)) - counts.keys() - letters
    expect(not lost, f"{len(lost)} records lost: {sorted(lost)[:5]}")
    expect(counts.keys() <= set(range(files.records)), "sent what was never written")
    largest = max(request.events for request in t.api.requests)
    again = sum(counts.values()) - len(counts)
    print(f"   {files.records} records in {FILES} files, {kills} kills: {len(lost)} lost, {again} "
          f"sent again; a request holds up to {largest}; {len(letters)} dead letters", flush=True)
    # Requests of two chunks, made by two workers, may be mixed: then up to a chunk more.
    most = kills * (POOL * largest + (1 << 20) // len(PADDING))
    expect(again <= most, f"{again} events were sent again, more than {most}")
    # An overlong record is cut and sent, or a dead letter.
    expect(letters <= files.overlong, f"dead letters: {sorted(letters - files.overlong)[:5]}")
    for event in t.api.accepted:
        word = event.data.get("word")
        expect(word is None or word.startswith("Zürich"), f"garbled: {word!r}")


def test_two_hundred_files_and_five_kills(t):
    """Each record is accounted for, the last run says so, and its exit status is 0."""
    files = Files(t)
    for i in range(FILES):
        files.write(KINDS[i % len(KINDS)], i)
    t.api.default = slow(0.02)
    arguments = ["--backfill", "-f", "old/*", "-d", "old", "--poolsize", POOL, "--max-line", "100KB",
                 "--send-batch-size", 300]
    dice = random.Random(5)
    for kill in range(KILLS):
        hctail = t.start(*arguments)
        target = files.records * (kill + 1) // (KILLS + 1)
        while hctail.running() and len(t.api.accepted) < target:
            time.sleep(0.001)
        expect(hctail.running(), f"ended before it was killed: {hctail.err}")
        time.sleep(dice.random() * 0.02)
        hctail.kill()
    time.sleep(0.2)
    hctail = t.run(*arguments, seconds=60)
    check(t, files, KILLS)
    total = re.search(r"^ *total: ([\d,]+) read = ([\d,]+) sent \+ ([\d,]+) sampled out \+ "
                      r"([\d,]+) filtered \+ ([\d,]+) dead-lettered \+ ([\d,]+) in flight",
                      hctail.err, re.M)
    expect(total, f"no balance was printed: {hctail.err[-300:]}")
    read, *parts = (int(part.replace(",", "")) for part in total.groups())
    expect_equal(sum(parts), read, "the balance")
    expect_equal(parts[-1], 0, "in flight at the end")


def test_another_encoding(t):
    """--encoding latin1, packed or not."""
    lines = [line(n, word="Zürich").encode("latin-1") for n in range(200)]
    t.write("a.log", b"".join(lines[:100]))
    t.write("b.log.gz", gzip.compress(b"".join(lines[100:])))
    t.run("--backfill", "-f", "a.log", "-f", "b.log.gz", "--encoding", "latin1", "-d", "d")
    t.expect_numbers(range(200))
    expect_equal({event.data["word"] for event in t.api.accepted}, {"Zürich"}, "the words")


def test_a_packed_file_that_was_cut(t):
    """What can be unpacked is sent; the end is told, and the exit status is not 0."""
    text = "".join(line(n) for n in range(2000))
    t.write("cut.log.gz", gzip.compress(text.encode())[:-200])
    t.write_lines("good.log", range(5000, 5010))
    hctail = t.start("--backfill", "-f", "cut.log.gz", "-f", "good.log", "-d", "d", "-p", "json")
    code = hctail.wait()
    expect_equal(code, 1, "exit code")
    expect("cut.log.gz" in hctail.err, hctail.err)
    got = set(t.numbers())
    expect(set(range(5000, 5010)) <= got, "the good file was not sent")
    expect(set(range(1000)) <= got, "what could be unpacked was not sent")


PADDED = {"padding": "p" * 200}


def rotate_and_pack(t):
    """x.log.1 -> x.log.2.gz, x.log -> x.log.1."""
    if os.path.exists(t.path("x.log.1")):
        t.run_program("gzip", "x.log.1")
        os.rename(t.path("x.log.1.gz"), t.path("x.log.2.gz"))
    os.rename(t.path("x.log"), t.path("x.log.1"))


def test_what_was_sent_is_not_sent_again_from_its_packed_form(t):
    """x.log was followed; then it was rotated twice and packed, before hctail came back."""
    t.write_lines("x.log", range(100), **PADDED)
    hctail = t.start("-f", "x.log*", "-d", "x", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(100))
    hctail.stop()
    t.append_lines("x.log", range(100, 110), **PADDED)
    rotate_and_pack(t)
    t.write_lines("x.log", range(110, 200), **PADDED)
    rotate_and_pack(t)
    t.write_lines("x.log", range(200, 300), **PADDED)
    hctail = t.start("-f", "x.log*", "-d", "x")
    t.wait_for_numbers(range(300))
    time.sleep(0.3)
    hctail.stop()
    t.expect_numbers(range(300))
    hctail = t.start("-f", "x.log*", "-d", "x")  # and not by the next run either
    time.sleep(0.5)
    hctail.stop()
    t.expect_numbers(range(300))


def test_a_backfill_goes_on_in_a_file_that_was_packed_meanwhile(t):
    """It was interrupted, the files were rotated and packed, and it was begun again."""
    t.write_lines("x.log", range(20_000), **PADDED)
    t.api.default = slow(0.05)
    arguments = ["--backfill", "-f", "x.log*", "-d", "x", "--send-batch-size", 500]
    hctail = t.start(*arguments)
    while len(t.api.accepted) < 5000:
        time.sleep(0.001)
    hctail.kill()
    time.sleep(0.3)
    rotate_and_pack(t)
    t.write_lines("x.log", range(20_000, 20_100), **PADDED)
    rotate_and_pack(t)
    t.write_lines("x.log", range(20_100, 20_200), **PADDED)
    t.api.default = slow(0)
    t.run(*arguments)
    again = t.expect_at_least_once(range(20_200))
    # Requests of two chunks, made by two workers, may be mixed: then up to a chunk more.
    expect(again <= POOL * 510 + (1 << 20) // 260, f"{again} events were sent again")


def test_a_finished_backfill_forgets_what_interrupted_ones_have_read(t):
    """Packed files that were read to their ends before it was killed are read again by the next
    one, as all others are."""
    for i in range(4):
        text = "".join(f'{{"n":{n},"p":"{"q" * 200}"}}\n' for n in range(i * 5000, i * 5000 + 5000))
        t.write(f"app.log.{4 - i}.gz", gzip.compress(text.encode()))
        os.utime(t.path(f"app.log.{4 - i}.gz"), (10**9 + i, 10**9 + i))
    for _ in range(2):
        t.api.script(ok(), times=2)
        t.api.default = silence()
        before = len(t.numbers())
        hctail = t.start("--backfill", "-f", "app.log*", "-d", "d", "--poolsize", 1)
        wait_until(lambda: len(t.numbers()) > before + 5000, "two requests")
        time.sleep(0.1)
        hctail.kill()
    t.api.default = ok()
    for _ in range(2):
        t.run("--backfill", "-f", "app.log*", "-d", "d")
    counts = collections.Counter(t.numbers())
    expect_equal(sorted(counts), list(range(20000)), "numbers")
    expect_equal(min(counts.values()), 2, "times that the least frequent was sent")


def test_the_plain_and_the_packed_form_side_by_side(t):
    """A rotation was interrupted: x.log.1 and x.log.1.gz hold the same, and it is sent once."""
    t.write_lines("x.log", range(200, 300), **PADDED)
    t.write_lines("x.log.1", range(200), **PADDED)
    t.run_program("gzip", "--keep", "x.log.1")
    t.run("--backfill", "-f", "x.log*", "-d", "x")
    t.expect_numbers(range(300))


main()
