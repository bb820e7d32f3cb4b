# SPDX-License-Identifier: Apache-2.0
"""Rotation by renaming the file and creating a new one."""
import os
import shutil
import time

from following import ends_with, following
from harness import expect_equal, main


def lines(numbers):
    return "".join('{"time":"2024-03-05T06:07:08Z","n":%d,"msg":"line %d"}\n' % (n, n)
                   for n in numbers)


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(t):
    """Nothing is lost or sent twice over several rotations, late writes to the old file included."""
    t.write_lines("app.log", range(100))
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(100))
    next_number = 100
    for round_ in range(1, 4):
        with open(t.path("app.log"), "ab") as old:
            os.rename(t.path("app.log"), t.path(f"app.log.{round_}"))
            t.write_lines("app.log", range(next_number + 50, next_number + 100))
            for number in range(next_number, next_number + 50):
                old.write(b'{"n":%d,"late":true}\n' % number)
        next_number += 100
        t.wait_for_numbers(range(next_number))
    hctail.stop()
    t.expect_numbers(range(next_number), "app")
    expect_equal(t.api.datasets(), ["app"], "datasets")


def test_a_gap_between_rename_and_create_is_harmless(t):
    """The path may be missing for a while."""
    t.write_lines("app.log", [0])
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers([0])
    os.rename(t.path("app.log"), t.path("app.log.1"))
    time.sleep(0.5)
    t.write_lines("app.log", [1])
    t.wait_for_numbers([0, 1])
    hctail.stop()
    t.expect_numbers([0, 1])


def test_rotation_during_an_outage_loses_nothing(t):
    """What was not delivered when the file was renamed and the server was down is sent later."""
    t.write_lines("app.log", [0])
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers([0])
    t.api.down()
    t.append_lines("app.log", range(1, 100))
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.write_lines("app.log", range(100, 200))
    time.sleep(0.5)
    t.api.up()
    t.wait_for_numbers(range(200), seconds=20)
    hctail.stop()
    t.expect_at_least_once(range(200))


def test_a_restart_after_the_rotation_continues_in_the_new_file(t):
    """The position belongs to the new file once it was rotated."""
    t.write_lines("app.log", range(10))
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(10))
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.write_lines("app.log", range(10, 20))
    t.wait_for_numbers(range(20))
    hctail.stop()
    t.append_lines("app.log", range(20, 30))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(30))
    hctail.stop()
    t.expect_numbers(range(30))


def copied_and_truncated_while_down(t, encoding, *arguments, packed=False):
    t.write("app.log", lines(range(30)).encode(encoding))
    hctail = t.start("-f", "app.log", "-d", "d", "--tail.read-from", "beginning", *arguments)
    t.wait_for_numbers(range(30))
    time.sleep(0.3)
    hctail.stop()
    t.append("app.log", lines(range(30, 40)).encode(encoding))
    shutil.copyfile(t.path("app.log"), t.path("app.log.1"))
    t.write("app.log", lines(range(40, 50)).encode(encoding))
    if packed:
        t.run_program("gzip", t.path("app.log.1"))
    hctail = t.start("-f", "app.log", "-d", "d", *arguments)
    t.wait_for_numbers(range(50))
    ends_with(t, hctail, range(50))


def test_copied_and_truncated_while_down_in_utf16(t):
    """What was read is known by its bytes, not by the text they stand for."""
    copied_and_truncated_while_down(t, "utf-16")


def test_copied_and_truncated_while_down_in_another_charset(t):
    """The same."""
    copied_and_truncated_while_down(t, "latin1", "--encoding", "latin1")


def test_copied_truncated_and_packed_while_down_with_lone_cr(t):
    """The same."""
    copied_and_truncated_while_down(t, "utf-8", "--lone-cr", packed=True)


def test_utf16_rewritten_while_down(t):
    """With the same beginning, and longer than it was: all of the new lines are read."""
    banner = "".join('{"time":"2024-03-05T06:07:08Z","banner":%d}\n' % n for n in range(40))
    t.write("app.log", (banner + lines(range(30))).encode("utf-16"))
    hctail = following(t, "app.log")
    t.wait_for_numbers(range(30))
    time.sleep(0.3)
    hctail.stop()
    t.write("app.log", (banner + lines(range(30, 80))).encode("utf-16"))
    hctail = following(t, "app.log", since=())
    t.wait_for_numbers(range(80))
    hctail.stop()
    expect_equal(sorted(n for n in t.numbers() if n is not None), list(range(80)), "numbers")


def test_packed_while_down_after_an_overlong_line(t):
    """What was settled last was cut: the file is known by the end of that line."""
    cut = ("--max-line", "2048")
    t.write("app.log", lines(range(40)) + '{"n":40,"x":"' + "y" * 3000 + '"}\n')
    hctail = following(t, "app.log", since=("--tail.read-from", "beginning", *cut))
    t.wait_for_numbers(range(40))
    time.sleep(0.3)
    hctail.stop()
    t.append("app.log", lines(range(41, 50)))
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.run_program("gzip", t.path("app.log.1"))
    t.write("app.log", lines(range(50, 60)))
    hctail = following(t, "app.log", since=cut)
    t.wait_for_numbers(range(50, 60))
    time.sleep(0.2)
    hctail.stop()
    t.expect_numbers([*range(40), *range(41, 60)])


def test_a_file_that_was_made_long_beforehand(t):
    """Its NULs are filled line by line, which is no truncation; also over a restart."""
    t.write("app.log", lines(range(3)))
    at = os.path.getsize(t.path("app.log"))
    with open(t.path("app.log"), "r+b") as file:
        file.truncate(65536)
        hctail = following(t, "app.log")
        for n in range(3, 40):
            if n == 10:
                t.wait_for_numbers(range(n))
                time.sleep(0.2)
                hctail.stop()
                hctail = following(t, "app.log", since=())
            at += os.pwrite(file.fileno(), lines([n]).encode(), at)
            time.sleep(0.03)
    t.wait_for_numbers(range(40))
    ends_with(t, hctail, range(40))


def truncated_under_a_writer_without_o_append(t, encoding, mark, down):
    t.write("app.log", mark + lines(range(100)).encode(encoding))
    hctail = following(t, "app.log")
    t.wait_for_numbers(range(100))
    time.sleep(0.3)
    with open(t.path("app.log"), "r+b") as file:
        file.seek(0, os.SEEK_END)
        if down:
            hctail.stop()
        os.truncate(t.path("app.log"), 0)
        if not down:
            time.sleep(0.3)
        file.write(lines(range(100, 200)).encode(encoding))
        file.flush()
        if down:
            hctail = following(t, "app.log", since=())
        t.wait_for_numbers(range(200))
        file.write(lines(range(200, 210)).encode(encoding))
    t.wait_for_numbers(range(210))
    ends_with(t, hctail, range(210))


def test_utf16_truncated_without_o_append(t):
    """The text behind the hole tells the charset, for the mark is gone."""
    truncated_under_a_writer_without_o_append(t, "utf-16-le", b"\xff\xfe", down=False)


def test_utf16_truncated_without_o_append_while_down(t):
    """The same, in the other byte order."""
    truncated_under_a_writer_without_o_append(t, "utf-16-be", b"\xfe\xff", down=True)


def test_a_copy_without_the_last_lines_is_not_sent_after_a_restart(t):
    """copytruncate copied, more was written and read, and then truncated: the copy is known."""
    t.write_lines("app.log", range(2000))
    hctail = t.start("-f", "app.log*", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(2000))
    shutil.copyfile(t.path("app.log"), t.path("app.log.1"))
    t.append_lines("app.log", range(2000, 2010))
    t.wait_for_numbers(range(2010))
    os.truncate(t.path("app.log"), 0)
    t.append_lines("app.log", range(2010, 2020))
    t.wait_for_numbers(range(2020))
    hctail.stop()
    os.rename(t.path("app.log.1"), t.path("app.log.2"))
    t.append_lines("app.log", range(2020, 2030))
    hctail = t.start("-f", "app.log*")
    t.wait_for_numbers(range(2030))
    time.sleep(0.3)
    hctail.stop()
    t.expect_numbers(range(2030))


def test_truncated_to_a_part_of_itself(t):
    """What is left cannot be told from a new file that begins alike: it is sent again."""
    t.write("app.log", lines(range(100)))
    hctail = following(t, "app.log")
    t.wait_for_numbers(range(100))
    os.truncate(t.path("app.log"), len(lines(range(50))))
    time.sleep(0.5)
    t.append("app.log", lines(range(100, 110)))
    t.wait_for_numbers(range(110))
    ends_with(t, hctail, [*range(110), *range(50)])


main()
