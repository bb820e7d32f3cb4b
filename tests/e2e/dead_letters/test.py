# SPDX-License-Identifier: Apache-2.0
"""Lines that are no records: kept, counted, and never in the way."""
import os

from harness import expect, expect_equal, main


def test_a_malformed_line_is_kept_with_its_place_and_reason(t):
    """The lines around it are sent; exit 0, as every record was settled."""
    lines = ['{"n":0}', "this is not JSON", '{"n":1}', '[1,2,3]', '{"n":2', "", '{"n":3}']
    t.write("app.log", "\n".join(lines) + "\n")
    hctail = t.run("--backfill", "-f", "app.log", "--parser", "json")
    t.expect_numbers([0, 1, 3])
    letters = t.dead_letters()
    expect_equal([letter["record"] for letter in letters],
                 ["this is not JSON", "[1,2,3]", '{"n":2'], "records")
    offsets = [sum(len(line) + 1 for line in lines[:at]) for at in (1, 3, 4)]
    expect_equal([letter["offset"] for letter in letters], offsets, "offsets")
    for letter in letters:
        expect(letter["reason"], f"no reason: {letter}")
        expect(letter["file"].endswith("app.log"), f"file: {letter['file']}")
    expect("dead" in hctail.err, f"nothing was said: {hctail.err}")


def test_another_file_can_be_named(t):
    """--dead-letter FILE."""
    t.write("app.log", 'no JSON\n{"n":1}\n')
    t.run("--backfill", "-f", "app.log", "-p", "json", "--dead-letter", "bad.jsonl")
    expect_equal(len(t.dead_letters("bad.jsonl")), 1, "dead letters")
    expect(not os.path.exists(t.path("state/dead-letter.jsonl")), "there is one in the state too")


def test_invalid_utf8_survives_in_a_dead_letter(t):
    """The dead-letter file is valid JSON whatever the line was."""
    t.write("app.log", b'{"n":0}\n\xff\xfe\x00 binary "quoted" \\ \x01\n{"n":1}\n')
    t.run("--backfill", "-f", "app.log", "-p", "json")
    t.expect_numbers([0, 1])
    [letter] = t.dead_letters()
    expect("binary" in str(letter), f"{letter}")


def test_the_file_is_rotated_at_its_limit(t):
    """--dead-letter-max bounds it: one old file is kept."""
    for run in range(12):
        t.write("app.log", "".join(f"bad line {run} {n} {'x' * 80}\n" for n in range(10)))
        t.run("--backfill", "-f", "app.log", "-p", "json", "--dead-letter-max", "8KiB")
    files = sorted(name for name in os.listdir(t.path("state")) if name.startswith("dead-letter"))
    expect_equal(files, ["dead-letter.jsonl", "dead-letter.jsonl.1"], "files")
    for name in files:
        size = os.path.getsize(t.path(f"state/{name}"))
        expect(0 < size <= 8192, f"{name} has {size} bytes")
    expect("bad line 11 9" in t.read("state/dead-letter.jsonl"), "the newest is not in the newest")


def test_a_whole_file_of_rubbish_does_not_stop_the_others(t):
    """Every line is dead-lettered, the other file is sent."""
    t.write("bad.log", "".join(f"line {n}\n" for n in range(1000)))
    t.write_lines("good.log", 1000)
    t.run("--backfill", "-f", "*.log", "-p", "json")
    t.expect_numbers(range(1000), "good")
    expect_equal(len(t.dead_letters()), 1000, "dead letters")


def test_a_pipe_is_refused(t):
    """Whoever writes to one may wait for ever."""
    t.write("app.log", 'no JSON\n{"n":1}\n')
    os.mkfifo(t.path("pipe"))
    hctail = t.run("--backfill", "-f", "app.log", "-p", "json", "--dead-letter", "pipe", code=2)
    expect("hctail: error: cannot write to 'pipe': not a regular file (for the dead letters)\n"
           in hctail.err, hctail.err)


main()
