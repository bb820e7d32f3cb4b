# SPDX-License-Identifier: Apache-2.0
"""The state directory: one owner, readable in words, never believed blindly."""
import os

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
