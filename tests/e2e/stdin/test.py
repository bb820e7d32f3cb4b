# SPDX-License-Identifier: Apache-2.0
"""producer | hctail -f -"""
import os
import subprocess

from harness import expect, expect_equal, main, wait_until


def test_utf16_and_other_charsets(t):
    """Found by its mark, or said by --encoding; with a spool only what is said."""
    text = "".join(f'{{"n":{n},"name":"caf\u00e9"}}\n' for n in range(3))
    for encoding, options in (("utf-16", ()), ("latin-1", ("--encoding", "latin1")),
                              ("utf-16-le", ("--encoding", "UTF-16LE", "--spool", "sp"))):
        before = len(t.api.accepted)
        t.run("-f", "-", "-d", "d", *options, input=text.encode(encoding))
        expect_equal([event.data for event in t.api.accepted[before:]],
                     [{"n": n, "name": "caf\u00e9"} for n in range(3)], encoding)


def test_ships_a_pipe_until_its_end(t):
    """Every line of the pipe arrives, in the dataset stdin, a last one without newline too."""
    lines = "".join(f'{{"n":{n}}}\n' for n in range(3000)) + '{"n":3000}'
    t.run("-f", "-", input=lines)
    t.expect_numbers(range(3001), "stdin")


def test_a_line_of_an_idle_pipe_does_not_wait_for_the_next(t):
    """A quiet producer's line is sent at once, and SIGTERM ends hctail while it waits."""
    hctail = t.start("-f", "-", stdin=subprocess.PIPE)
    hctail.process.stdin.write(b'{"n":1}\n')
    hctail.process.stdin.flush()
    t.wait_for_numbers([1], seconds=5)
    hctail.stop(seconds=3)


def test_may_be_read_beside_files(t):
    """stdin and files at once."""
    t.write_lines("app.log", range(10))
    t.run("--backfill", "-f", "app.log", "-f", "-", input='{"n":10}\n')
    t.expect_numbers(range(10), "app")
    t.expect_numbers([10], "stdin")


def test_empty_input_is_no_error(t):
    """true | hctail -f - sends nothing and succeeds."""
    t.run("-f", "-", input="")
    expect_equal(t.api.requests, [], "requests")


def test_an_input_that_cannot_be_read_is_not_all(t):
    """A folder, or a file that is open for writing only: exit 1; a closed one is refused."""
    t.write("out.txt", "")
    for more in ([], ["--spool", "spool"]):
        for redirection, why in (("</", "is a directory"), ("0>>out.txt", "bad file descriptor")):
            hctail = t.run("-f", "-", *more, code=1, stdin=None,
                           wrap=["sh", "-c", f'exec "$@" {redirection}', "sh"])
            expect(f"hctail: error: cannot read 'stdin': {why}\n" in hctail.err, hctail.err)
            expect("; 1 file could not be read\n" in hctail.err, hctail.err)
            expect("cannot write" not in hctail.err, hctail.err)
        hctail = t.run("-f", "-", *more, code=2, stdin=None,
                       wrap=["sh", "-c", 'exec "$@" <&-', "sh"])
        expect_equal(hctail.messages, """\
hctail: error: standard input is closed (from --file -)
  Give it something to read: 'COMMAND | hctail -f -', or 'hctail -f - < FILE'.
""", "stderr")


def test_closed_streams_are_nobody_elses(t):
    """No file and no connection gets the number of one, and with it the messages."""
    t.write_lines("app.log", 10)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning", "--status-interval", "100ms",
                     wrap=["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"])
    t.wait_for_numbers(range(10))
    wait_until(lambda: os.path.exists(t.path("state/checkpoint.log")), "no positions were saved")
    expect_equal({os.readlink(f"/proc/{hctail.pid}/fd/{fd}") for fd in range(3)}, {"/"}, "streams")
    hctail.signal()
    expect_equal(hctail.wait(), 0, "exit code")
    expect_equal(t.read("state/lock"), f"{hctail.pid}\n", "the lock")


main()
