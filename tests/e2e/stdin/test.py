# SPDX-License-Identifier: Apache-2.0
"""producer | hctail -f -"""
import subprocess

from harness import expect, expect_equal, main


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


main()
