# SPDX-License-Identifier: Apache-2.0
"""The state directory: one owner, readable in words, never believed blindly."""
import os
import shutil

from events_api import silence
from harness import expect, expect_equal, main, wait_until


def tail_some(t, numbers):
    t.write_lines("app.log", numbers)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(numbers)
    hctail.stop()


def test_two_hctails_cannot_use_one_state(t):
    """The second one names the pid of the first and stops."""
    t.write_lines("app.log", 3)
    first = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(3))
    second = t.run("-f", "app.log", code=2)
    expect_equal(t.placeholders(second.err, first.pid), """\
hctail: error: the state directory 'DIR/state' is in use by hctail (pid PID)
  Two cannot share one: stop that one, or give this one another with --state-dir.
""", "stderr")
    first.kill()
    third = t.start("-f", "app.log")  # the lock of a killed one does not stay
    t.append_lines("app.log", [3])
    t.wait_for_numbers([3])
    third.stop()


def test_state_show_says_where_each_file_would_be_resumed(t):
    """In words, without disturbing a running hctail."""
    tail_some(t, range(100))
    size = os.path.getsize(t.path("app.log"))
    shown = t.run("state", "show", api=False).out
    expect("app.log" in shown and str(size) in shown.replace(",", ""), shown)
    hctail = t.start("-f", "app.log")
    hctail.wait_until_up()
    expect("app.log" in t.run("state", "show", api=False).out, "not shown while running")
    hctail.stop()


def test_state_show_says_why(t):
    """A rotated file by its new name, a truncated and a missing one; as JSON for machines."""
    import json
    for name in ("app.log", "cut.log", "lost.log"):
        t.write_lines(name, 100)
    hctail = t.start("-f", "*.log", "--tail.read-from", "beginning")
    wait_until(lambda: len(t.numbers()) == 300, "not all was sent")
    hctail.stop()
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.append_lines("app.log.1", [100])
    t.write_lines("app.log", 5)
    os.truncate(t.path("cut.log"), 10)
    os.remove(t.path("lost.log"))
    size = os.path.getsize(t.path("app.log.1"))
    shown = t.run("state", "show", api=False).out
    for words in ("rotated: it is 'app.log.1' now, and resumes at byte", "bytes behind); the file "
                  "at the old path is another one; saved ", "truncated since: it has 10 bytes",
                  "gone: nothing at this path holds what was saved"):
        expect(words in shown, f"no '{words}' in {shown}")
    plan = {each["path"]: each for each in
            map(json.loads, t.run("state", "show", "--json", api=False).out.splitlines())}
    expect_equal({path: each["why"] for path, each in plan.items()},
                 {"*.log": "pattern", "app.log": "rotated", "cut.log": "truncated",
                  "lost.log": "absent"}, "why")
    expect_equal(plan["app.log"]["found_as"], "app.log.1", "found_as")
    expect_equal(plan["app.log"]["size"], size, "size")
    expect(plan["app.log"]["resumes"] and not plan["cut.log"]["resumes"], f"{plan}")
    expect_equal(plan["*.log"]["text"].split(";")[0],
                 "followed: what comes to match it is read from its beginning", "pattern")
    # And so it happens.
    hctail = t.start("-f", "*.log")
    t.wait_for_numbers([*range(101)])
    hctail.stop()


def test_forgotten_positions_are_read_anew(t):
    """By path or glob; it says how many, and what happens next."""
    for name in ("app.log", "web.log", "old.log"):
        t.write_lines(name, 10)
    hctail = t.start("-f", "*.log", "--tail.read-from", "beginning")
    wait_until(lambda: len(t.numbers()) == 30, "not all was sent")
    hctail.stop()
    expect_equal(t.run("state", "forget", "app.log", api=False).out, """\
forgot what was saved of 'app.log'
The next hctail takes this file for new: read from the end, or from the beginning with --backfill,
--tail.read-from beginning, or if other files of the same -f GLOB are still known.
""", "stdout")
    expect(t.run("state", "forget", "[wo]*.log", "web.log", "*.log", api=False).out.startswith(
        "forgot what was saved of 3 paths\n"), "two files and the pattern were matched")
    expect("nothing is saved" in t.run("state", "show", api=False).out, "still there")
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    wait_until(lambda: len(t.numbers()) == 40, "not sent again")
    hctail.stop()


def test_a_path_is_forgotten_as_it_is_shown(t):
    """Control characters and backslashes are escaped where state is shown."""
    t.write_lines("a\nb\\c.log", 3)
    hctail = t.start("-f", "*.log", "--tail.read-from", "beginning")
    wait_until(lambda: len(t.numbers()) == 3, "not all was sent")
    hctail.stop()
    shown = "a\\x0ab\\\\c.log"
    expect(shown in t.run("state", "show", api=False).out, "state show")
    expect(f"forgot what was saved of '{shown}'" in t.run("state", "forget", shown, api=False).out,
           "state forget")
    expect(shown not in t.run("state", "show", api=False).out, "it is still there")


def test_forgetting_what_is_not_known_is_an_error(t):
    """Nothing is forgotten then, and what may have been meant is named."""
    tail_some(t, range(10))
    failed = t.run("state", "forget", "app.log", "/var/log/app.log", api=False, code=2)
    expect_equal(failed.err, """\
hctail: error: no position is saved for '/var/log/app.log'
  There is 'app.log'.
""", "stderr")
    expect("app.log" in t.run("state", "show", api=False).out, "it was forgotten")
    failed = t.run("state", "forget", "nothing*", api=False, code=2)
    expect_equal(failed.err, """\
hctail: error: no position is saved for 'nothing*'
  'hctail state show' lists all that are saved.
""", "stderr")
    failed = t.run("state", "forget", "x", "--state-dir", "none", api=False, code=2)
    expect_equal(failed.err, """\
hctail: error: there is no state directory 'none'
  Name the one that hctail uses with --state-dir.
""", "stderr")


def test_nothing_is_forgotten_under_a_running_hctail(t):
    """It would save the position again."""
    t.write_lines("app.log", 3)
    running = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(3))
    failed = t.run("state", "forget", "app.log", api=False, code=2)
    expect_equal(t.placeholders(failed.err, running.pid), """\
hctail: error: the state directory 'DIR/state' is in use by hctail (pid PID)
  Stop it first: it would save the positions again.
""", "stderr")
    running.stop()


def test_state_show_of_nothing(t):
    """No state directory yet: says so, exit 0."""
    shown = t.run("state", "show", api=False)
    expect_equal(t.placeholders(shown.out), """\
nothing is saved in 'DIR/state'
""", "stdout")
    expect(not os.path.exists(t.path("state")), "showing made a state directory")


def test_a_torn_log_is_cut_at_the_tear(t):
    """What a crash left half-written is ignored; nothing is lost."""
    tail_some(t, range(100))
    with open(t.path("state/checkpoint.log"), "ab") as log:
        log.write(b"advance 1 99")
    t.append_lines("app.log", range(100, 200))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(200))
    hctail.stop()
    t.expect_numbers(range(200))


def test_a_garbled_checkpoint_is_not_believed(t):
    """A damaged snapshot is said to be damaged; hctail goes on."""
    tail_some(t, range(100))
    for name in ("checkpoint", "checkpoint.old", "checkpoint.log"):
        if os.path.exists(t.path(f"state/{name}")):
            t.write(f"state/{name}", b"\x00\xffgarbage\n" * 10)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    hctail.wait_for_err("checkpoint")
    t.append_lines("app.log", [100])
    t.wait_for_numbers([100])
    hctail.stop()
    t.expect_at_least_once(range(101))


def test_a_file_that_was_replaced_is_read_anew(t):
    """A saved offset whose bytes do not match is not resumed."""
    tail_some(t, range(100))
    t.write_lines("app.log", range(1000, 1200))  # same inode, other content
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(1000, 1200))
    hctail.stop()
    t.expect_numbers([*range(100), *range(1000, 1200)])


def test_a_state_directory_that_is_removed_is_made_again(t):
    """With its lock, and once told; after a kill nothing is missing."""
    t.write_lines("app.log", 30)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(30))
    wait_until(lambda: os.path.exists(t.path("state/checkpoint.log")), "no positions were saved")
    shutil.rmtree(t.path("state"))
    t.append_lines("app.log", range(30, 40))
    wait_until(lambda: os.path.exists(t.path("state/checkpoint.log")), "it was not made again")
    hctail.wait_for_err("was removed while hctail ran; made again, with all positions")
    second = t.run("-f", "app.log", code=2)
    expect("is in use by hctail" in second.err, second.err)
    hctail.kill()
    expect_equal(hctail.err.count("was removed"), 1, hctail.err)
    t.append_lines("app.log", range(40, 50))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(50))
    hctail.stop()
    t.expect_at_least_once(range(50))


def test_a_state_directory_that_another_has_taken(t):
    """Its lock was removed, so that another could start: the first one says so and writes no more."""
    t.write_lines("app.log", 5)
    first = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(5))
    os.remove(t.path("state/lock"))
    second = t.start("-f", "app.log")
    second.wait_until_up()
    t.append_lines("app.log", [5])
    first.wait_for_err(f"is in use by hctail (pid {second.pid})")
    second.stop()
    first.wait_for_err("were removed while hctail ran; made again, with all positions")
    first.stop()


def test_nothing_is_written_when_nothing_settles(t):
    """An idle hctail, and one whose server is silent, leave the state files alone."""
    tail_some(t, range(10))
    t.api.default = silence()
    hctail = t.start("-f", "app.log", "--shutdown-timeout", "100ms")
    hctail.wait_until_up()
    t.append_lines("app.log", range(10, 20))
    wait_until(lambda: len(t.api.requests) > 1, "no request")

    def stamp():
        folder = t.path("state")
        return sorted((name, os.stat(f"{folder}/{name}").st_mtime_ns,
                       os.stat(f"{folder}/{name}").st_size)
                      for name in os.listdir(folder))
    before = stamp()
    import time
    time.sleep(1.5)
    expect_equal(stamp(), before, "state files")
    hctail.signal()
    hctail.wait()


main()
