# SPDX-License-Identifier: Apache-2.0
"""hctail -f FILE: follows it for ever."""
import gzip
import os
import time

from harness import expect, expect_equal, main, wait_until


def test_picks_up_appended_lines_at_once(t):
    """By default a new file is read from its end, and what is added arrives soon."""
    t.write_lines("app.log", range(10))
    hctail = t.start("-f", "app.log")
    wait_until(lambda: t.api.auth_requests, "no /1/auth")
    began = time.monotonic()
    number = 100

    def first_arrived():
        nonlocal number
        t.append_lines("app.log", [number])
        number += 1
        time.sleep(0.05)
        return t.api.accepted
    wait_until(first_arrived, "no line arrived")
    first = t.numbers()[0]
    t.append_lines("app.log", range(1000, 2000))
    t.wait_for_numbers(range(1000, 2000))
    expect(time.monotonic() - began < 5, "lines took 5 s")
    hctail.stop()
    t.expect_numbers([*range(first, number), *range(1000, 2000)])


def test_resumes_where_it_stopped(t):
    """Lines written while hctail was not running are sent by the next run, the others not again."""
    t.write_lines("app.log", range(100))
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(100))
    hctail.stop()
    t.append_lines("app.log", range(100, 200))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(200))
    hctail.stop()
    t.expect_numbers(range(200))


def test_a_short_file_that_grew_and_was_packed_while_down(t):
    """Too little is known of it to be recognised: nothing is lost, and it is sent again."""
    t.write_lines("app.log", range(3))
    t.start("-f", "app.log", "--tail.read-from", "beginning", "-d", "d").wait_until_up()
    t.wait_for_numbers(range(3))
    t.started[0].stop()
    t.append_lines("app.log", range(3, 6))
    with open(t.path("app.log"), "rb") as log, gzip.open(t.path("app.log.1.gz"), "wb") as packed:
        packed.write(log.read())
    os.remove(t.path("app.log"))
    t.write_lines("app.log", range(6, 9))
    hctail = t.start("-f", "app.log", "-d", "d")
    t.wait_for_numbers(range(9))
    hctail.stop()
    expect_equal(len(t.api.accepted), 12, "events: nothing twice but the first three")


def test_the_first_position_is_kept_before_anything_is_settled(t):
    """Killed before its first line came, hctail still knows where it began."""
    t.write_lines("app.log", range(100))
    hctail = t.start("-f", "app.log")
    hctail.wait_until_up()
    time.sleep(0.3)
    hctail.kill()
    t.append_lines("app.log", range(100, 110))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(100, 110), seconds=5)
    hctail.stop()
    t.expect_numbers(range(100, 110))


def test_pauses_do_not_use_up_the_window(t):
    """Each line is a record only when it was quiet for a while; of these pauses any number may come."""
    t.write_lines("app.log", [0])
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "-d", "d", "--poolsize", 2,
                     "--multiline.start", "^{", "--flush-partial-after", "100ms")
    for number in range(1, 8):
        t.wait_for_numbers(range(number))
        t.append_lines("app.log", [number])
    t.wait_for_numbers(range(8))
    hctail.stop()
    t.expect_numbers(range(8))


def test_waits_for_the_rest_of_a_line(t):
    """Half a line is no record until its newline comes."""
    t.write_lines("app.log", [0])
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers([0])
    t.append("app.log", '{"n":1,"msg":"be')
    time.sleep(0.3)
    t.append("app.log", 'gun"}\n{"n":2}\n')
    t.wait_for_numbers([0, 1, 2])
    hctail.stop()
    t.expect_numbers([0, 1, 2])
    expect_equal(t.dead_letters(), [], "dead letters")


def test_reads_files_that_appear_later(t):
    """A file that begins to match a glob while hctail runs is read from its beginning."""
    t.write_lines("logs/a.log", [0])
    hctail = t.start("-f", "logs/*.log", "--tail.read-from", "beginning")
    t.wait_for_numbers([0])
    t.write_lines("logs/b.log", range(10, 20))
    t.wait_for_numbers(range(10, 20), dataset="b")
    t.append_lines("logs/b.log", range(20, 30))
    t.wait_for_numbers(range(20, 30), dataset="b")
    hctail.stop()
    t.expect_numbers([0, *range(10, 30)])


def test_starts_at_the_end_of_utf16(t):
    """Nothing old is sent, and a line that is being written is sent whole."""
    def lines(numbers):
        return "".join('{"n":%d}\n' % n for n in numbers)
    for first, encoding in ((0, "utf-16-le"), (100, "utf-16-be")):
        name = f"{encoding}.log"
        begun = lines([first + 10])
        t.write(name, ("\ufeff" + lines(range(first, first + 10)) + begun[:4]).encode(encoding))
        hctail = t.start("-f", name)
        hctail.wait_until_up()
        time.sleep(0.2)
        t.append(name, (begun[4:] + lines([first + 11])).encode(encoding))
        t.wait_for_numbers([first + 10, first + 11])
        hctail.stop()
    t.expect_numbers([10, 11, 110, 111])
    expect_equal(t.dead_letters(), [], "dead letters")


def test_stops_at_the_end_if_told_to(t):
    """--tail.stop ends like a backfill but keeps the position."""
    t.write_lines("app.log", range(10))
    t.run("-f", "app.log", "--tail.read-from", "beginning", "--tail.stop")
    t.append_lines("app.log", range(10, 15))
    t.run("-f", "app.log", "--tail.stop")
    t.expect_numbers(range(15))


def test_polls_if_told_to(t):
    """--tail.poll finds appended lines and new files without inotify."""
    t.write_lines("logs/a.log", [0])
    hctail = t.start("-f", "logs/*.log", "--tail.read-from", "beginning", "--tail.poll")
    t.wait_for_numbers([0])
    t.append_lines("logs/a.log", [1])
    t.write_lines("logs/b.log", [2])
    t.wait_for_numbers([0, 1, 2])
    hctail.stop()
    t.expect_numbers([0, 1, 2])


main()
