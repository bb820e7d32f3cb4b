# SPDX-License-Identifier: Apache-2.0
"""Rotation by renaming the file and creating a new one."""
import os
import shutil
import time

from harness import expect_equal, main


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


main()
