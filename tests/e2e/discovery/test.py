# SPDX-License-Identifier: Apache-2.0
"""Files and folders that come, go, move, and are not what they seem."""
import os
import shutil
import signal
import subprocess
import time

from following import arrives, ends_with, following
from harness import Skip, main

# What appears ----------------------------------------------------------------------------------

def test_a_new_file_is_read_from_its_beginning_within_a_second(t):
    """Created, and renamed into place; in a folder whose name matched a wildcard later."""
    t.write_lines("logs/a/0.log", [0])
    hctail = following(t, "logs/*/*.log", since=())
    time.sleep(0.5)
    t.write_lines("logs/a/1.log", range(10, 20))
    arrives(t, range(10, 20))
    t.write_lines("logs/a/2.tmp", range(20, 30))
    os.rename(t.path("logs/a/2.tmp"), t.path("logs/a/2.log"))
    arrives(t, range(20, 30))
    t.write_lines("logs/b/3.log", range(30, 40))
    arrives(t, range(30, 40))
    t.write_lines("elsewhere/4.log", range(40, 50))
    os.rename(t.path("elsewhere"), t.path("logs/c"))
    arrives(t, range(40, 50))
    ends_with(t, hctail, range(10, 50))


def test_a_missing_file_is_waited_for(t):
    """That is said, and the file is read from its beginning once it is there."""
    hctail = following(t, "later/app.log", since=())
    hctail.wait_for_err("later/app.log", 5)
    time.sleep(0.3)
    t.write_lines("later/app.log", range(10))
    arrives(t, range(10), 2)  # its folder was missing too
    ends_with(t, hctail, range(10))


def test_a_folder_that_appears_level_by_level(t):
    """None of DIR/a/b/c was there at the start."""
    hctail = following(t, "a/b/c/*.log", since=())
    time.sleep(0.3)
    for folder in ("a", "a/b", "a/b/c"):
        os.mkdir(t.path(folder))
        time.sleep(0.2)
    t.write_lines("a/b/c/app.log", range(10))
    arrives(t, range(10), 2)
    ends_with(t, hctail, range(10))


def test_a_folder_is_followed(t):
    """-f DIR: the files in it, and those that come."""
    t.write_lines("logs/a.log", range(10))
    hctail = following(t, "logs")
    arrives(t, range(10))
    t.write_lines("logs/b.log", range(10, 20))
    arrives(t, range(10, 20))
    ends_with(t, hctail, range(20))


def test_all_depths_of_folders(t):
    """`**` matches folders of any depth, also those made later."""
    t.write_lines("logs/a.log", [0])
    t.write_lines("logs/x/y/b.log", [1])
    hctail = following(t, "logs/**/*.log")
    arrives(t, [0, 1])
    t.write_lines("logs/x/z/deep/c.log", [2])
    arrives(t, [2], 2)
    ends_with(t, hctail, range(3))


def test_files_that_live_for_a_moment(t):
    """Written, and deleted a fifth of a second later, as those of short jobs are."""
    os.makedirs(t.path("jobs"))
    hctail = following(t, "jobs/*.log", since=())
    for n in range(40):
        t.write_lines(f"jobs/{n}.log", [n])
        if n >= 10:
            os.remove(t.path(f"jobs/{n - 10}.log"))
        time.sleep(0.02)
    time.sleep(0.2)
    for n in range(30, 40):
        os.remove(t.path(f"jobs/{n}.log"))
    arrives(t, range(40))
    ends_with(t, hctail, range(40))


def test_what_comes_while_hctail_is_down(t):
    """It is news, and read from its beginning, though no file of the pattern was ever seen."""
    os.makedirs(t.path("logs"))
    hctail = following(t, "logs/*.log", "later.log", since=())
    time.sleep(0.3)
    hctail.kill()
    t.write_lines("logs/a.log", range(10))
    t.write_lines("later.log", range(10, 20))
    hctail = following(t, "logs/*.log", "later.log", since=())
    arrives(t, range(20))
    ends_with(t, hctail, range(20))


def test_the_place_of_a_file_that_moved_away(t):
    """The only file of a pattern moved to another one, and hctail was killed before the next."""
    t.write_lines("live/app.log", range(10))
    files = ["live/*.log", "old/*.log"]
    hctail = following(t, *files)
    arrives(t, range(10))
    os.mkdir(t.path("old"))
    os.rename(t.path("live/app.log"), t.path("old/app-1.log"))
    t.append_lines("old/app-1.log", [10])
    arrives(t, [10])
    time.sleep(0.3)
    hctail.kill()
    t.write_lines("live/app.log", range(11, 20))
    hctail = following(t, *files, since=())
    arrives(t, range(20))
    ends_with(t, hctail, range(20))


# What stands for something else ----------------------------------------------------------------

def test_a_symlink_that_is_pointed_elsewhere(t):
    """A retargeted link is a rotation: the old file to its end, the new one from its beginning."""
    t.write_lines("data/1.log", range(10))
    os.symlink("data/1.log", t.path("app.log"))
    hctail = following(t, "app.log")
    arrives(t, range(10))
    old = open(t.path("data/1.log"), "ab", buffering=0)
    t.write_lines("data/2.log", range(10, 20))
    os.symlink("data/2.log", t.path("next"))
    os.rename(t.path("next"), t.path("app.log"))
    old.write(b'{"n":20}\n')
    arrives(t, range(10, 21))
    old.close()
    ends_with(t, hctail, range(21))


def test_links_of_kubernetes(t):
    """containers/NAME.log -> pods/.../0.log -> docker's file, rotated behind the links."""
    os.makedirs(t.path("containers"))
    os.makedirs(t.path("pods/uid"))
    t.write_lines("runtime/c-json.log", range(10))
    os.symlink(t.path("runtime/c-json.log"), t.path("pods/uid/0.log"))
    os.symlink(t.path("pods/uid/0.log"), t.path("containers/web.log"))
    hctail = following(t, "containers/*.log")
    arrives(t, range(10))
    # Nothing changes in containers/ or pods/.
    os.rename(t.path("runtime/c-json.log"), t.path("runtime/c-json.log.1"))
    t.write_lines("runtime/c-json.log", range(10, 20))
    arrives(t, range(10, 20))
    # The container starts again: another file, the links made anew.
    t.write_lines("runtime/d-json.log", range(20, 30))
    os.symlink(t.path("runtime/d-json.log"), t.path("pods/uid/1.log"))
    os.remove(t.path("containers/web.log"))
    os.symlink(t.path("pods/uid/1.log"), t.path("containers/web.log"))
    arrives(t, range(20, 30))
    # A link that leads nowhere yet.
    os.symlink(t.path("pods/uid/2.log"), t.path("containers/late.log"))
    time.sleep(0.2)
    t.write_lines("pods/uid/2.log", range(30, 40))
    arrives(t, range(30, 40))
    ends_with(t, hctail, range(40))


def test_links_in_a_circle(t):
    """They are no file; the others are followed."""
    t.write_lines("logs/a.log", [0])
    os.symlink("y.log", t.path("logs/x.log"))
    os.symlink("x.log", t.path("logs/y.log"))
    hctail = following(t, "logs/*.log")
    arrives(t, [0])
    ends_with(t, hctail, [0])


def test_hard_links_are_one_file(t):
    """Its lines are sent once, whichever name goes away."""
    t.write_lines("logs/a.log", range(10))
    os.link(t.path("logs/a.log"), t.path("logs/b.log"))
    hctail = following(t, "logs/*.log")
    arrives(t, range(10))
    os.remove(t.path("logs/a.log"))
    t.append_lines("logs/b.log", range(10, 20))
    arrives(t, range(10, 20))
    os.link(t.path("logs/b.log"), t.path("logs/c.log"))
    t.append_lines("logs/c.log", range(20, 30))
    arrives(t, range(20, 30))
    ends_with(t, hctail, range(30))


def test_a_file_that_an_editor_saved(t):
    """A copy with more lines takes the file's place: only the new lines are sent."""
    padding = "p" * 100
    t.write_lines("app.log", range(50), padding=padding)
    hctail = following(t, "app.log")
    arrives(t, range(50))
    shutil.copyfile(t.path("app.log"), t.path(".app.log.swp"))
    t.append_lines(".app.log.swp", range(50, 60), padding=padding)
    os.rename(t.path(".app.log.swp"), t.path("app.log"))
    t.wait_for_numbers(range(60))
    ends_with(t, hctail, range(60))


BANNER = "".join('{"n":-1,"line":"%04d of a banner that all files have"}\n' % i for i in range(60))


def test_files_with_the_same_beginning(t):
    """3 KB of the same banner: they are no copies of each other, however little was read."""
    def write(first, last):
        for i in range(first, last):
            t.write(f"logs/{i}.log", BANNER)
        for i in range(first, last):
            t.append_lines(f"logs/{i}.log", range(i * 10, i * 10 + 10))
    write(0, 5)
    hctail = following(t, "logs/*.log")
    arrives(t, range(50))
    write(5, 10)                  # while it runs
    arrives(t, range(100))
    t.write("logs/10.log", BANNER)
    t.write("logs/11.log", BANNER)
    time.sleep(0.5)               # of both all was read when they begin to differ
    t.append_lines("logs/10.log", range(100, 110))
    t.append_lines("logs/11.log", range(110, 120))
    arrives(t, range(120))
    hctail.stop()
    write(12, 15)                 # while it does not
    hctail = following(t, "logs/*.log", since=())
    arrives(t, range(150))
    ends_with(t, hctail, [*range(150), *[-1] * 60 * 15])


def test_a_backfill_of_files_with_the_same_beginning(t):
    """The same for a backfill, and for files that begin with a hole of NULs or end alike."""
    for i in range(12):
        t.write(f"logs/{i}.log", BANNER if i < 6 else b"\0" * 5000)
        t.append_lines(f"logs/{i}.log", range(i * 100, i * 100 + 100), pad="p" * (i % 2 * 100))
    t.run("--backfill", "-f", "logs/*.log", "-d", "d")
    t.expect_numbers([*range(1200), *[-1] * 60 * 6])


def test_a_path_of_several_names(t):
    """Overlapping globs and ../ name a file twice: it is read once."""
    t.write_lines("logs/app.log", range(10))
    hctail = following(t, "logs/*.log", "logs/app.log", "./logs/../logs/app.log")
    arrives(t, range(10))
    t.append_lines("logs/app.log", range(10, 20))
    arrives(t, range(10, 20))
    ends_with(t, hctail, range(20))


def test_strange_names(t):
    """Blanks, quotes, line feeds, bytes that are no UTF-8, and names like a glob."""
    names = ["a b.log", "it's.log", 'q"q.log', "new\nline.log", "[x].log", "*.log", "ü.log",
             b"\xff\xfe.log".decode("utf-8", "surrogateescape")]
    os.makedirs(t.path("logs"))
    for i, name in enumerate(names):
        with open(os.path.join(os.fsencode(t.path("logs")), os.fsencode(name)), "wb") as file:
            file.write(b'{"n":%d}\n' % i)
    hctail = following(t, "logs/*.log")
    arrives(t, range(len(names)))
    hctail.stop()
    hctail = following(t, "logs/*.log", since=())
    time.sleep(0.3)
    ends_with(t, hctail, range(len(names)))


# What goes away --------------------------------------------------------------------------------

def test_a_folder_that_is_removed_and_made_again(t):
    """Three times; each time its files are read from their beginning."""
    hctail = following(t, "logs/*.log")
    for round_ in range(3):
        t.write_lines("logs/app.log", range(round_ * 10, round_ * 10 + 10))
        arrives(t, range(round_ * 10, round_ * 10 + 10), 2)
        shutil.rmtree(t.path("logs"))
        time.sleep(0.2)
    ends_with(t, hctail, range(30))


def test_a_folder_that_is_renamed(t):
    """Another folder takes its place: the files of both are read to their ends."""
    t.write_lines("logs/app.log", range(10))
    hctail = following(t, "logs/*.log")
    arrives(t, range(10))
    with open(t.path("logs/app.log"), "ab", buffering=0) as old:
        os.rename(t.path("logs"), t.path("logs.old"))
        t.write_lines("logs/app.log", range(10, 20))
        old.write(b'{"n":20}\n')
        arrives(t, range(10, 21), 2)
    t.append_lines("logs/app.log", [21])
    arrives(t, [21])
    t.write_lines("logs/other.log", [22])
    arrives(t, [22])
    ends_with(t, hctail, range(23))


def mount(t, folder, size="1m"):
    os.makedirs(t.path(folder), exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "hctail-test",
                           t.path(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")
    t.at_end(lambda: subprocess.run(["umount", "-l", t.path(folder)], check=False,
                                    capture_output=True))


def test_a_disk_that_is_mounted_late_and_goes_away(t):
    """Mounted over the folder that was watched, and unmounted lazily."""
    os.makedirs(t.path("disk"))
    hctail = following(t, "disk/*.log")
    time.sleep(0.2)
    mount(t, "disk")
    t.write_lines("disk/app.log", range(10))
    # No inotify event tells of a mount: the folder is looked at every ten seconds.
    arrives(t, range(10), 11)
    subprocess.run(["umount", "-l", t.path("disk")], check=True)
    t.write_lines("disk/under.log", range(10, 20))
    arrives(t, range(10, 20), 11)
    ends_with(t, hctail, range(20))


# When inotify fails ----------------------------------------------------------------------------

def without_inotify(what):
    """A prefix that gives the command a user namespace with no inotify `what` to be had."""
    script = f'echo 0 > /proc/sys/user/max_inotify_{what} && exec "$@"'
    wrap = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    done = subprocess.run([*wrap, "true"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"no user namespaces here: {done.stderr.strip()}")
    return wrap


def test_an_inotify_queue_that_overflows(t):
    """Events were dropped by the kernel: everything is looked at again."""
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as file:
        limit = int(file.read())
    if limit > 100_000:
        raise Skip(f"{limit} inotify events are too many to make")
    for i in range(50):
        t.write_lines(f"logs/{i}.log", [i])
    hctail = following(t, "logs/*.log")
    arrives(t, range(50))
    hctail.signal(signal.SIGSTOP)
    for i in range(limit // 2 + 1):
        os.mknod(t.path(f"logs/{i}.tmp"))
        os.remove(t.path(f"logs/{i}.tmp"))
    for i in range(50):
        t.append_lines(f"logs/{i}.log", [100 + i])
        t.write_lines(f"logs/new{i}.log", [200 + i])
    hctail.signal(signal.SIGCONT)
    arrives(t, [*range(100, 150), *range(200, 250)])
    ends_with(t, hctail, [*range(50), *range(100, 150), *range(200, 250)])


def blind(t, what):
    t.write_lines("logs/a.log", [0])
    hctail = following(t, "logs/*.log", wrap=without_inotify(what))
    arrives(t, [0])
    t.append_lines("logs/a.log", [1])
    arrives(t, [1], 1.5)
    t.write_lines("logs/b.log", [2])
    arrives(t, [2], 2)
    os.rename(t.path("logs/a.log"), t.path("logs/a.log.1"))
    t.append_lines("logs/a.log.1", [3])
    t.write_lines("logs/a.log", [4])
    arrives(t, [3, 4], 2)
    ends_with(t, hctail, range(5))


def test_no_inotify_watches_left(t):
    """Files are then looked at by themselves; new lines, files and rotations are still seen."""
    blind(t, "watches")


def test_no_inotify_instance_left(t):
    """The same if not even one instance is to be had."""
    blind(t, "instances")


main()
