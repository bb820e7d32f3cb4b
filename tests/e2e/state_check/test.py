# SPDX-License-Identifier: Apache-2.0
"""hctail state check: what is wrong with a state directory, and mending it."""
import os

from harness import Skip, expect, expect_equal, main


def tail_some(t, numbers, name="app.log"):
    t.write_lines(name, numbers)
    hctail = t.start("-f", name, "--tail.read-from", "beginning")
    t.wait_for_numbers(numbers)
    hctail.stop()


def check(t, code, *more):
    return t.placeholders(t.run("state", "check", *more, api=False, code=code).out)


def test_a_sound_state_is_said_to_be_sound(t):
    """Exit 0, and what is in it; nothing is changed."""
    expect_equal(check(t, 0), "there is no state directory 'DIR/state' yet: nothing to check\n")
    expect(not os.path.exists(t.path("state")), "checking made a state directory")
    tail_some(t, range(10))
    before = sorted(os.listdir(t.path("state")))
    expect_equal(check(t, 0), "'DIR/state' is sound: 1 position, 0 dead letters\n")
    expect_equal(sorted(os.listdir(t.path("state"))), before, "files")


def test_a_running_hctail_is_named_and_not_mended_under(t):
    """Its pid is shown; --repair refuses."""
    t.write_lines("app.log", 3)
    running = t.start("-f", "app.log", "--tail.read-from", "beginning")
    t.wait_for_numbers(range(3))
    expect_equal(check(t, 0).replace(str(running.pid), "PID"),
                 "note: in use by hctail (pid PID)\n"
                 "'DIR/state' is sound: 1 position, 0 dead letters\n")
    refused = t.run("state", "check", "--repair", api=False, code=2)
    expect_equal(t.placeholders(refused.err, running.pid), """\
hctail: error: the state directory 'DIR/state' is in use by hctail (pid PID)
  Stop it first: nothing can be mended under it.
""", "stderr")
    running.stop()


def test_damaged_lines_are_named_and_mended(t):
    """The line, what may be sent again; --repair keeps the damaged file and goes on with the rest."""
    t.write_lines("other.log", [1000])
    tail_some(t, range(10))
    text = t.read("state/checkpoint")
    lines = text.splitlines(True)
    t.write("state/checkpoint", "".join(lines[:-1]) + lines[-1].replace("end", "eNd"))
    out = check(t, 1)
    expect(f"""\
problem: 'DIR/state/checkpoint': line {len(lines)} is damaged
  --repair keeps it aside and writes the positions anew
""" in out, out)
    expect("may be sent again" in out, out)
    expect("'DIR/state' has 1 problem: 1 position, 0 dead letters\n"
           "'hctail state check --repair' mends 1 of them.\n" in out, out)
    out = check(t, 0, "--repair")
    expect(out.endswith("mended 1 problem\n"), out)
    expect("eNd" in t.read("state/checkpoint.damaged"), "the damaged file was not kept")
    expect_equal(check(t, 0), "note: 'DIR/state/checkpoint.damaged' was kept by an earlier "
                              "--repair; delete it when it is of no more use\n"
                              "'DIR/state' is sound: 1 position, 0 dead letters\n")
    t.append_lines("app.log", range(10, 20))
    hctail = t.start("-f", "app.log")
    t.wait_for_numbers(range(20))
    hctail.stop()
    t.expect_numbers(range(20))


def test_a_torn_end_is_no_problem(t):
    """A kill leaves that; the next start cuts it off."""
    tail_some(t, range(10))
    t.write("state/checkpoint.log", "advance 1 off", "a")
    expect("note: 'DIR/state/checkpoint.log': its last line is torn after 13 bytes" in
           check(t, 0), "no note")


def test_garbage_everywhere(t):
    """Every file of the state is rubbish: each is named, and --repair makes a state that works."""
    tail_some(t, range(10))
    for name in ("checkpoint", "checkpoint.old", "checkpoint.log", "checkpoint.log.old",
                 "sampling"):
        t.write(f"state/{name}", b"\x00\xffgarbage\n" * 10)
        os.chmod(t.path(f"state/{name}"), 0o600)
    t.write("state/dead-letter.jsonl", '{"file":"a","record":"x"}\nrubbish\n{"record":"y"}\n')
    os.chmod(t.path("state/dead-letter.jsonl"), 0o600)
    out = check(t, 1)
    expect_equal(out.count("line 1 is damaged"), 4, "damaged files")
    expect("problem: 'DIR/state/sampling' is damaged: the rates of sampling begin anew\n" in out,
           out)
    expect("problem: 'DIR/state/dead-letter.jsonl': 1 line is no dead letter (the first is line 2)"
           in out, out)
    check(t, 0, "--repair")
    out = check(t, 0)
    expect(out.endswith("'DIR/state' is sound: 0 positions, 2 dead letters\n"), out)
    expect_equal(t.read("state/dead-letter.jsonl.damaged").count("\n"), 3, "letters kept")


def test_modes_and_foreign_files(t):
    """What others may read or write is a problem; what is not ours is only noted."""
    tail_some(t, range(10))
    os.chmod(t.path("state"), 0o777)
    os.chmod(t.path("state/checkpoint"), 0o644)
    t.write("state/notes.txt", "mine")
    os.chmod(t.path("state/notes.txt"), 0o666)
    out = check(t, 1)
    expect("""\
problem: 'DIR/state' has mode 0777: others may write it
  --repair makes it 0755
problem: 'DIR/state/checkpoint' has mode 0644: others may read it
  --repair makes it 0600
note: 'DIR/state/notes.txt' is not hctail's; it is left alone
""" in out, out)
    check(t, 0, "--repair")
    expect_equal(os.stat(t.path("state/checkpoint")).st_mode & 0o777, 0o600, "mode")
    expect_equal(os.stat(t.path("state/notes.txt")).st_mode & 0o777, 0o666, "mode of notes.txt")


def test_root_gives_the_files_back_to_their_owner(t):
    """What root left in the service's directory is given to the service's user."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    os.chmod(t.dir, 0o755)
    tail_some(t, range(10))
    # Who has changed his user cannot be looked at by LeakSanitizer.
    t.env["ASAN_OPTIONS"] = t.env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    for name in os.listdir(t.path("state")):
        os.chown(t.path(f"state/{name}"), 65534, 65534)
    os.chown(t.path("state"), 65534, 65534)
    os.chown(t.path("state/checkpoint"), 0, 0)
    out = check(t, 1)
    expect("problem: 'DIR/state/checkpoint' belongs to root, and the directory to nobody\n"
           "  --repair gives it to the directory's owner\n" in out, out)
    check(t, 0, "--repair")
    t.run("state", "forget", "app.log", api=False)
    owners = {name: os.stat(t.path(f"state/{name}")).st_uid for name in os.listdir(t.path("state"))}
    expect_equal(set(owners.values()), {65534}, f"owners {owners}")


def test_pipes_in_the_place_of_files(t):
    """Nothing waits for somebody to write into them."""
    for name in ("lock", "checkpoint", "checkpoint.log", "sampling"):
        directory = t.path(f"with-{name}")
        os.mkdir(directory)
        os.mkfifo(f"{directory}/{name}")
        checked = t.run("--state-dir", directory, "state", "check", api=False, seconds=5,
                        code=0 if name == "lock" else 1)
        expect("is not hctail's" in checked.out, checked.out)
        if name == "lock":
            t.run("--state-dir", directory, "state", "show", api=False, seconds=5)
            forgot = t.run("--state-dir", directory, "state", "forget", "x", api=False, seconds=5,
                           code=2)
            expect("/lock': not a regular file\n" in forgot.err, forgot.err)


main()
