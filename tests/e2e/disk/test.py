# SPDX-License-Identifier: Apache-2.0
"""Trouble with the state directory's disk."""
import os
import subprocess
import time


from harness import Skip, expect, expect_equal, main


def unprivileged(t):
    """A prefix that runs the command as nobody, or as ourselves if we are not root."""
    if os.geteuid() != 0:
        return []
    os.chmod(t.dir, 0o755)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def small_disk(t, size):
    """Mounts a tmpfs of `size` on state/."""
    os.mkdir(t.path("state"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "hctail-test",
                           t.path("state")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"cannot mount a tmpfs here: {done.stderr.strip()}")
    t.at_end(lambda: subprocess.run(["umount", t.path("state")], check=False))


def test_a_state_directory_that_cannot_be_written(t):
    """Exit 2 before anything is read; the message says whose it is and who we are."""
    t.write_lines("app.log", 3)
    os.mkdir(t.path("state"))
    os.chmod(t.path("state"), 0o555)
    hctail = t.run("--backfill", "-f", "app.log", code=2, wrap=unprivileged(t))
    if os.geteuid() == 0:
        expect_equal(hctail.messages, """\
hctail: error: cannot write in the state directory 'DIR/state': permission denied
  The directory is root:root, mode 0555; hctail runs as 'nobody' (uid 65534).
  Give another one with --state-dir; hctail needs to write in it.
""", "stderr")
    expect_equal(t.api.requests, [], "requests")


def test_root_in_the_directory_of_a_service(t):
    """Root may do it, and is told what it costs."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    t.write_lines("app.log", 3)
    os.mkdir(t.path("state"))
    os.chown(t.path("state"), 65534, 65534)
    hctail = t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(3))
    expect("""\
hctail: warning: the state directory 'DIR/state' belongs to nobody, and hctail runs as root
  What is saved now cannot be read by nobody later; run hctail as nobody, or mend it with 'hctail \
state check --repair'.
""" in hctail.messages, hctail.messages)


def test_a_directory_of_somebody_else(t):
    """Files of another user that cannot be read are named with their owner."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    t.write_lines("app.log", 3)
    t.run("--backfill", "-f", "app.log")
    os.chmod(t.path("state"), 0o777)
    prefix = unprivileged(t)
    for name in ("lock", "checkpoint"):
        hctail = t.run("--backfill", "-f", "app.log", code=2, wrap=prefix)
        verb = "open" if name == "lock" else "read"
        expect(f"""\
hctail: error: cannot {verb} 'DIR/state/{name}': permission denied
  The file is root:root, mode 0600; hctail runs as 'nobody' (uid 65534).
""" in hctail.messages, hctail.messages)
        os.chown(t.path(f"state/{name}"), 65534, 65534)


def test_a_read_only_file_system(t):
    """The reason is told as it is."""
    t.write_lines("app.log", 3)
    small_disk(t, "64k")
    subprocess.run(["mount", "-o", "remount,ro", t.path("state")], check=True)
    hctail = t.run("--backfill", "-f", "app.log", code=2)
    expect_equal(hctail.messages, """\
hctail: error: cannot write in the state directory 'DIR/state': read-only file system
  Give another one with --state-dir; hctail needs to write in it.
""", "stderr")


def test_a_full_disk_does_not_stop_the_shipping(t):
    """It is said once; events go on; the position is written when there is room again."""
    t.write_lines("app.log", 100)
    small_disk(t, "64k")
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "--send-frequency-ms", 2)
    t.wait_for_numbers(range(100))
    with open(t.path("state/ballast"), "wb", buffering=0) as ballast:
        try:
            while ballast.write(b"x" * 4096):
                pass
        except OSError:
            pass
    for n in range(100, 700):
        t.append_lines("app.log", [n])
        time.sleep(0.003)
    t.wait_for_numbers(range(700))
    hctail.wait_for_err("no space left on device")
    expect_equal(hctail.err.count("no space left on device"), 1, "times it was said")
    expect("""\
hctail: error: cannot write 'DIR/state/checkpoint.log': no space left on device
  Positions are kept in memory and written as soon as this works again; a restart before that""" in
           hctail.messages, hctail.messages)
    os.remove(t.path("state/ballast"))
    t.append_lines("app.log", range(700, 710))
    t.wait_for_numbers(range(710))
    time.sleep(0.2)
    hctail.kill()
    hctail = t.start("-f", "app.log")
    t.append_lines("app.log", range(710, 720))
    t.wait_for_numbers(range(720))
    hctail.stop()
    t.expect_numbers(range(720))


def test_a_disk_that_is_full_at_the_start(t):
    """No position can be saved: that is said, and the events are sent all the same."""
    t.write_lines("app.log", 3)
    small_disk(t, "4k")
    t.write("state/ballast", "x" * 4096)
    hctail = t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(3))
    expect("""\
hctail: error: cannot write 'DIR/state/checkpoint.new': no space left on device
  Positions are kept in memory and written as soon as this works again.
""" in hctail.messages, hctail.messages)


def test_dead_letters_that_could_never_be_written(t):
    """That is said at the start, not when the first record waits for them."""
    t.write("app.log", '{"n":0}\nno JSON\n')
    t.write("file", "")
    os.makedirs(t.path("letters"))
    small_disk(t, "64k")
    subprocess.run(["mount", "-o", "remount,ro", t.path("state")], check=True)
    for path, why in (("file/bad.jsonl", "'file' is not a folder"),
                      ("letters", "it is a folder"),
                      ("state/sub/bad.jsonl", "read-only file system"),
                      ("state/bad.jsonl", "read-only file system")):
        hctail = t.run("--backfill", "-f", "app.log", "--state-dir", "own", "--dead-letter", path,
                       code=2)
        expect(why in hctail.err and "--dead-letter" in hctail.err, hctail.err)
    expect_equal(t.numbers(), [], "events")
    hctail = t.run("-f", "-", "-d", "d", input="no JSON\n", code=2)
    expect("(for the dead letters)" in hctail.err, hctail.err)


def test_printing_needs_no_dead_letters(t):
    """Without a place for them of its own, a run that prints goes on without."""
    t.write("app.log", '{"n":0}\nno JSON\n{"n":1}\n')
    small_disk(t, "64k")
    subprocess.run(["mount", "-o", "remount,ro", t.path("state")], check=True)
    hctail = t.run("--backfill", "-f", "app.log", "--output", "stdout")
    expect_equal([event["data"]["n"] for event in hctail.events], [0, 1], "events")
    expect("no dead letters are kept: cannot write to 'DIR/state': read-only file system" in
           hctail.messages, hctail.messages)


def test_dead_letters_that_cannot_be_written_hold_the_position(t):
    """A dead letter is only settled once it is in the file."""
    t.write("app.log", '{"n":0}\nno JSON\n{"n":1}\n')
    hctail = t.start("--backfill", "-f", "app.log", "-p", "json", "--dead-letter", "/dev/full",
                     "--shutdown-timeout", "1s")
    hctail.wait_for_err("no space left on device")
    hctail.signal()
    code = hctail.wait()
    expect_equal(code, 1, "exit code")


main()
