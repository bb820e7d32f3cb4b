# SPDX-License-Identifier: Apache-2.0
"""Lines that are written in pieces: never sent in two halves, never forgotten."""
import os
import time

from harness import PATIENCE, expect, expect_equal, main


def begin(t, *arguments):
    t.write_lines("app.log", [0])
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", *arguments)
    t.wait_for_numbers([0])
    return hctail


def pieces(n, cuts):
    text = '{"n":%d,"msg":"a line in pieces, Zürich"}\n' % n
    data = text.encode()
    at = [0, *[len(data) * i // cuts for i in range(1, cuts)], len(data)]
    return [data[a:b] for a, b in zip(at, at[1:])]


def write_in_pieces(t, numbers, cuts, pause):
    with open(t.path("app.log"), "ab", buffering=0) as file:
        for n in numbers:
            for piece in pieces(n, cuts):
                file.write(piece)
                time.sleep(pause)


def ends_whole(t, hctail, numbers):
    t.wait_for_numbers(numbers)
    time.sleep(0.2)
    hctail.stop()
    t.expect_numbers(numbers)
    expect_equal(t.dead_letters(), [], "dead letters")
    for event in t.api.accepted:
        expect(event.data["n"] == 0 or event.data["msg"].endswith("Zürich"), str(event.data))


def test_pauses_within_a_line(t):
    """Of a millisecond, of more than --send-frequency-ms, and of seconds."""
    hctail = begin(t)
    write_in_pieces(t, range(1, 20), 7, 0.001)
    write_in_pieces(t, range(20, 30), 3, 0.06)
    write_in_pieces(t, [30], 2, 2.5)
    ends_whole(t, hctail, range(31))


def test_byte_by_byte(t):
    """Characters of several bytes included."""
    hctail = begin(t)
    write_in_pieces(t, range(1, 20), 40, 0.0005)
    ends_whole(t, hctail, range(20))


def test_pauses_longer_than_flush_partial_after(t):
    """What is no whole record is not sent before its rest comes."""
    hctail = begin(t, "--flush-partial-after", "200ms")
    write_in_pieces(t, range(1, 4), 3, 0.7)
    write_in_pieces(t, range(4, 20), 3, 0.05)
    ends_whole(t, hctail, range(20))


def test_a_last_line_without_a_newline_is_sent_after_a_while(t):
    """--flush-partial-after; the newline that comes later is no record of its own."""
    hctail = begin(t, "--flush-partial-after", "200ms")
    whole = b"".join(pieces(1, 1))
    t.append("app.log", whole[:-1])
    began = time.monotonic()
    t.wait_for_numbers([0, 1], 5)
    expect(time.monotonic() - began < 2 * PATIENCE, "it took more than 2 s")
    time.sleep(0.3)
    t.append("app.log", b"\n")
    time.sleep(0.3)
    t.append("app.log", b"".join(pieces(2, 1)))
    ends_whole(t, hctail, range(3))


def test_a_last_line_in_utf16(t):
    """The same, and its newline may come after a restart."""
    for n, restarted in enumerate((False, True)):
        numbers = range(10 * n, 10 * n + 3)
        name = f"app{n}.log"
        last = [b"".join(pieces(k, 1)).decode().encode("utf-16-le") for k in numbers]
        t.write(name, b"\xff\xfe" + last[0] + last[1][:-2])
        flush = ("--flush-partial-after", "200ms")
        hctail = t.start("-f", name, "--tail.read-from", "beginning", *flush)
        t.wait_for_numbers(numbers[:2], 5)
        if restarted:
            time.sleep(0.3)
            hctail.kill()
            hctail = t.start("-f", name, *flush)
            hctail.wait_until_up()
        time.sleep(0.3)
        t.append(name, last[1][-2:])
        time.sleep(0.3)
        t.append(name, last[2])
        t.wait_for_numbers(numbers)
        time.sleep(0.2)
        hctail.stop()
        expect_equal(sorted(t.numbers())[-3:], list(numbers), "numbers")
    expect_equal(len(t.numbers()), 6, "events")
    expect_equal(t.dead_letters(), [], "dead letters")


def test_stopped_and_killed_within_a_line(t):
    """The half stays in the file; the next run sends the whole."""
    hctail = begin(t)
    for n in range(1, 7):
        first, second = pieces(n, 2)
        t.append("app.log", first)
        time.sleep(0.1)
        if n % 2:
            hctail.stop()
        else:
            hctail.kill()
        if n % 3:
            t.append("app.log", second)
            hctail = t.start("-f", "app.log")
        else:
            hctail = t.start("-f", "app.log")
            hctail.wait_until_up()
            time.sleep(0.1)
            t.append("app.log", second)
        t.wait_for_numbers(range(n + 1))
    ends_whole(t, hctail, range(7))


def test_rotated_within_a_line(t):
    """Its rest goes to the old file: it is one line, and no part of the new file's first."""
    hctail = begin(t)
    for n in range(1, 8, 2):
        first, second = pieces(n, 2)
        with open(t.path("app.log"), "ab", buffering=0) as old:
            old.write(first)
            os.rename(t.path("app.log"), t.path(f"app.log.{n}"))
            t.append("app.log", b"".join(pieces(n + 1, 1)))
            time.sleep(0.2)
            old.write(second)
        t.wait_for_numbers(range(n + 2))
    ends_whole(t, hctail, range(9))


def test_a_line_that_grows_beyond_the_size_of_a_read(t):
    """900 KB that come in pieces of 9 KB."""
    hctail = begin(t)
    with open(t.path("app.log"), "ab", buffering=0) as file:
        file.write(b'{"n":1,"pad":"')
        for _ in range(100):
            file.write(b"y" * 9000)
            time.sleep(0.002)
        file.write('","msg":"Zürich"}\n'.encode())
    ends_whole(t, hctail, range(2))


main()
