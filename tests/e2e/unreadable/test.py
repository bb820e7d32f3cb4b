# SPDX-License-Identifier: Apache-2.0
"""Files and folders that cannot be read, or are not to be."""
import os
import time

from following import arrives, ends_with, following
from harness import Skip, expect, expect_equal, main


def test_what_is_not_a_file_is_left_alone(t):
    """A FIFO, a socket, a device and a folder match the glob: the file beside them is followed."""
    import socket
    t.write_lines("logs/a.log", [0])
    os.mkfifo(t.path("logs/fifo.log"))
    os.mkdir(t.path("logs/folder.log"))
    os.symlink("/dev/zero", t.path("logs/zero.log"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(t.path("logs/s.log"))
        hctail = following(t, "logs/*.log")
        arrives(t, [0])
        t.append_lines("logs/a.log", [1])
        arrives(t, [1])
    for name in ("fifo.log", "zero.log"):
        expect(name in hctail.err, f"nothing is said of {name}: {hctail.err}")
    ends_with(t, hctail, [0, 1])


def test_a_file_of_proc(t):
    """It has no size, and never grows: it is told, and what is beside it is followed."""
    t.write_lines("a.log", [0])
    hctail = following(t, "/proc/meminfo", "*.log")
    arrives(t, [0])
    told = "cannot read '/proc/meminfo': it has no size"
    hctail.wait_for_err(told)
    ends_with(t, hctail, [0])
    told_of = t.run("--backfill", "-f", "/proc/meminfo", code=1).err
    expect(told in told_of, told_of)


def test_what_hctail_writes_itself(t):
    """Its state, its dead letters and its output match the glob: it would never come to rest."""
    t.write_lines("a.log", range(10))
    t.write("b.log", "not parsed\n")
    hctail = following(t, "**/*")
    arrives(t, range(10))
    hctail.wait_for_err("skipping './state/checkpoint.log': hctail writes it itself")
    time.sleep(1)
    hctail.stop()
    t.expect_numbers(range(10))
    expect_equal(len(t.dead_letters()), 1, "dead letters")
    with open(t.path("out.log"), "w") as out:
        hctail = t.start("-f", "*.log", "--output", "stdout", api=False, stdout=out)
        hctail.wait_for_err("skipping 'out.log'")
        time.sleep(0.5)
        hctail.stop()
    expect_equal(len(open(t.path("out.log")).readlines()), 10, "lines of output")


def unprivileged(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to run hctail as somebody who may not read everything")
    os.chmod(t.dir, 0o755)
    os.mkdir(t.path("state"))
    os.chown(t.path("state"), 65534, 65534)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def test_a_file_that_becomes_readable(t):
    """It is told that it is not; after chmod it is read from its beginning."""
    wrap = unprivileged(t)
    t.write_lines("logs/a.log", [0])
    t.write_lines("logs/b.log", [1])
    os.chmod(t.path("logs/b.log"), 0o600)
    hctail = following(t, "logs/*.log", wrap=wrap)
    arrives(t, [0])
    hctail.wait_for_err("permission denied")
    os.chmod(t.path("logs/b.log"), 0o644)
    arrives(t, [1])
    expect_equal(hctail.err.count("permission denied"), 1, "times it was said")
    ends_with(t, hctail, [0, 1])


def test_a_folder_that_cannot_be_listed(t):
    """It is told which; what is beside it is followed, and what is in it once it may be."""
    wrap = unprivileged(t)
    t.write_lines("logs/open/a.log", [0])
    t.write_lines("logs/closed/b.log", [1])
    os.chmod(t.path("logs/closed"), 0o700)
    hctail = following(t, "logs/**/*.log", wrap=wrap)
    arrives(t, [0])
    expect_equal(hctail.err.count("cannot list 'logs/closed': permission denied"), 1, hctail.err)
    os.chmod(t.path("logs/closed"), 0o755)
    arrives(t, [1], seconds=2)
    ends_with(t, hctail, [0, 1])


def test_a_backfill_of_a_folder_that_cannot_be_listed(t):
    """What can be read is sent; exit 1, as not all was.  If nothing can ever match: exit 2."""
    wrap = unprivileged(t)
    t.write_lines("logs/open/a.log", [0])
    t.write_lines("logs/closed/b.log", [1])
    os.chmod(t.path("logs/closed"), 0o700)
    told = t.run("--backfill", "-f", "logs/**/*.log", wrap=wrap, code=1).err
    expect("cannot list 'logs/closed': permission denied\n  The folder is root:root, mode 0700" in
           told and "folders not listed" in told, told)
    t.expect_numbers([0])
    told = t.run("-f", "logs/closed/*.log", wrap=wrap, code=2).err
    expect("error: cannot list 'logs/closed': permission denied" in told, told)


def test_a_folder_whose_names_are_seen_and_nothing_else(t):
    """Of mode r--: each file is told to be closed."""
    wrap = unprivileged(t)
    t.write_lines("logs/a.log", [0])
    os.chmod(t.path("logs"), 0o744)
    hctail = following(t, "logs/*.log", wrap=wrap)
    hctail.wait_for_err("cannot read 'logs/a.log': permission denied")
    os.chmod(t.path("logs"), 0o755)
    arrives(t, [0], seconds=2)
    ends_with(t, hctail, [0])


def test_no_permission_after_a_rotation(t):
    """What is open is read to its end; the new file once it may be read."""
    wrap = unprivileged(t)
    t.write_lines("app.log", [0])
    hctail = following(t, "app.log", wrap=wrap)
    arrives(t, [0])
    t.append_lines("app.log", range(1, 10))
    os.rename(t.path("app.log"), t.path("app.log.1"))
    os.chmod(t.path("app.log.1"), 0o600)
    t.write_lines("new", range(10, 20))
    os.chmod(t.path("new"), 0o600)
    os.rename(t.path("new"), t.path("app.log"))
    arrives(t, range(10))
    hctail.wait_for_err("permission denied")
    t.append_lines("app.log", range(20, 30))
    os.chmod(t.path("app.log"), 0o644)
    arrives(t, range(10, 30))
    ends_with(t, hctail, range(30))


main()
