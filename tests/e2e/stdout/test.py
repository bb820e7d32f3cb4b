# SPDX-License-Identifier: Apache-2.0
"""--output stdout: events as JSON lines."""
import os
import subprocess
import time

from harness import expect, expect_equal, main, wait_until

NO_KEY = {"HONEYCOMB_API_KEY": None}


def test_without_a_key_events_are_printed_and_one_line_says_why(t):
    """The first thing a new user sees."""
    t.write("app.log", '{"time":"2024-03-05T06:07:08.5Z","level":"info","took":1.10,"big":'
                       '12345678901234567890,"user":{"id":7}}\n')
    hctail = t.run("--backfill", "-f", "app.log", env=NO_KEY, api=False)
    expect_equal(hctail.events, [{
        "time": "2024-03-05T06:07:08.5Z", "samplerate": 1, "dataset": "app",
        "data": {"level": "info", "took": 1.1, "big": 12345678901234567890, "user": {"id": 7}},
    }], "events")
    expect('"took":1.10,' in hctail.out, "1.10 did not stay 1.10")
    expect_equal(t.api.auth_requests, [], "requests to /1/auth")
    expect_equal(hctail.messages, """\
hctail: no API key: printing events; to send them set HONEYCOMB_API_KEY or give --writekey-file FILE
hctail: 'app.log': json (1 of 1 lines are JSON objects)
hctail: summary
  app.log: 1 read = 1 sent + 0 sampled out + 0 filtered + 0 dead-lettered + 0 in flight; 104 bytes, 0 behind
  total: 1 read = 1 sent + 0 sampled out + 0 filtered + 0 dead-lettered + 0 in flight; 104 bytes, 0 behind
""", "stderr")


def test_asked_for_by_name_it_does_not_explain_itself(t):
    """--output stdout and --dry-run need no key and send nothing, even with one."""
    t.write_lines("app.log", 3)
    for option in (["--output", "stdout"], ["--dry-run"], ["--debug_stdout"]):
        hctail = t.run("--backfill", "-f", "app.log", *option)
        expect_equal([e["data"]["n"] for e in hctail.events], [0, 1, 2], f"{option}")
        expect("API key" not in hctail.err, f"{option}: {hctail.err}")
    expect_equal(t.api.requests, [], "requests")
    expect(not os.path.exists(t.path("state")), "a state directory was made")


def test_a_closed_pipe_is_a_quiet_end(t):
    """hctail ... | head -1: no complaint."""
    t.write_lines("app.log", 200000)
    head = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    hctail = t.start("--backfill", "-f", "app.log", "--output", "stdout", "-p", "json",
                     stdout=head.stdin)
    head.stdin.close()
    expect('"n":0' in head.stdout.read().decode(), "head saw no event")
    head.wait()
    code = hctail.wait()
    expect_equal(hctail.messages, "", "stderr")
    expect_equal(code, 0, "exit code")


def test_follows_a_file(t):
    """Without a key, hctail -f FILE prints the file and what is added to it."""
    t.write_lines("app.log", 2)
    hctail = t.start("-f", "app.log", env=NO_KEY, api=False)
    wait_until(lambda: hctail.out.count("\n") == 2, "the file was not printed")
    t.append_lines("app.log", [2])
    wait_until(lambda: hctail.out.count("\n") == 3, "the added line was not printed")
    hctail.stop()


def test_a_reader_that_stalls_does_not_hold_up_the_end(t):
    """hctail ... | less: SIGTERM still ends it, after the shutdown timeout at the latest."""
    t.write_lines("app.log", 20000)
    reader, writer = os.pipe()
    hctail = t.start("--backfill", "-f", "app.log", "--output", "stdout",
                     "--shutdown-timeout", "500ms", stdout=writer)
    os.close(writer)
    time.sleep(0.5)
    expect(hctail.running(), "it ended although nobody read")
    hctail.signal()
    expect_equal(hctail.wait(3), 1, "exit code")
    os.close(reader)


def test_stdout_that_is_full(t):
    """Said once, with the reason; exit 1."""
    t.write_lines("app.log", 3)
    with open("/dev/full", "wb") as full:
        hctail = t.run("--backfill", "-f", "app.log", "--output", "stdout", code=1, stdout=full)
    expect("hctail: error: cannot write to stdout: no space left on device\n" in hctail.err,
           hctail.err)


def test_a_closed_or_full_stdout_is_told(t):
    """Events need a place; what a command prints and cannot is told, too, with exit 2."""
    t.write_lines("app.log", 3)

    def fails(redirection, *args):
        hctail = t.run(*args, code=2, api=False, env=NO_KEY,
                       wrap=["sh", "-c", f'exec "$@" {redirection}', "sh"])
        return hctail.messages

    expect_equal(fails(">&-", "--backfill", "-f", "app.log", "--output", "stdout"), """\
hctail: error: standard output is closed: events cannot be printed
  Give it a place to go to, 'hctail ... > FILE', or an API key to send them.
""", "stderr")
    for command in (["--help"], ["check", "app.log"], ["state", "show"]):
        expect_equal(fails(">&-", *command),
                     "hctail: error: cannot write to standard output: it is closed\n", "stderr")
    for command in (["--help"], ["check", "app.log"], ["state", "show"], ["state", "check"]):
        expect_equal(fails(">/dev/full", *command),
                     "hctail: error: cannot write to standard output: no space left on device\n",
                     "stderr")


main()
