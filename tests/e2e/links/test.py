# SPDX-License-Identifier: Apache-2.0
"""Logs that are followed by a symbolic link, and rotated behind it."""
import os
import shutil
import signal
import time

from following import arrives, ends_with, following
from harness import main


def test_a_link_to_a_folder_that_is_pointed_elsewhere(t):
    """As a deployment does: `current` leads to the newest release."""
    t.write_lines("releases/1/logs/app.log", range(10))
    os.symlink("releases/1", t.path("current"))
    hctail = following(t, "current/logs/*.log")
    arrives(t, range(10))
    with open(t.path("releases/1/logs/app.log"), "ab", buffering=0) as old:
        t.write_lines("releases/2/logs/app.log", range(10, 20))
        os.symlink("releases/2", t.path("next"))
        os.rename(t.path("next"), t.path("current"))
        old.write(b'{"n":20}\n')
        arrives(t, range(10, 21))
    t.write_lines("releases/2/logs/new.log", range(21, 30))
    arrives(t, range(21, 30))
    ends_with(t, hctail, range(30))


KUBE = "pods/uid/0.log"  # what the link leads to


def kubernetes(t):
    t.write_lines(KUBE, range(100))
    os.mkdir(t.path("containers"))
    os.symlink(t.path(KUBE), t.path("containers/web.log"))
    hctail = following(t, "containers/*.log")
    arrives(t, range(100))
    time.sleep(0.1)
    return hctail


def test_rotated_behind_a_link_while_down(t):
    """Twice, the older one packed, as the kubelet does: what was not read of it is found."""
    kubernetes(t).kill()
    for turn in range(2):
        first = 100 + 10 * turn
        t.append_lines(KUBE, range(first, first + 5))
        os.rename(t.path(KUBE), t.path(f"{KUBE}.20240305-10000{turn}"))
        t.write_lines(KUBE, range(first + 5, first + 10))
    t.run_program("gzip", t.path(f"{KUBE}.20240305-100000"))
    hctail = following(t, "containers/*.log", since=())
    arrives(t, range(120), 2)
    ends_with(t, hctail, range(120))


def test_a_container_that_began_again_while_down(t):
    """The link leads to another file; the end of the first one is read."""
    kubernetes(t).kill()
    t.append_lines(KUBE, range(100, 110))
    t.write_lines("pods/uid/1.log", range(110, 120))
    os.remove(t.path("containers/web.log"))
    os.symlink(t.path("pods/uid/1.log"), t.path("containers/web.log"))
    hctail = following(t, "containers/*.log", since=())
    arrives(t, range(120), 2)
    ends_with(t, hctail, range(120))


def test_rotated_behind_a_link_within_one_look(t):
    """Renamed three times while hctail is suspended, then copied, truncated and packed: each line
    comes once."""
    hctail = kubernetes(t)
    hctail.signal(signal.SIGSTOP)
    for turn in range(3):
        first = 100 + 10 * turn
        t.append_lines(KUBE, range(first, first + 5))
        os.rename(t.path(KUBE), t.path(f"{KUBE}.2024030{turn}"))
        t.write_lines(KUBE, range(first + 5, first + 10))
    hctail.signal(signal.SIGCONT)
    arrives(t, range(130), 2)
    t.run_program("gzip", t.path(f"{KUBE}.20240300"))
    hctail.signal(signal.SIGSTOP)
    t.append_lines(KUBE, range(130, 140))
    shutil.copyfile(t.path(KUBE), t.path(f"{KUBE}.20240304"))
    os.truncate(t.path(KUBE), 0)
    t.append_lines(KUBE, range(140, 150))
    hctail.signal(signal.SIGCONT)
    arrives(t, range(150), 2)
    time.sleep(1)
    ends_with(t, hctail, range(150))


main()
