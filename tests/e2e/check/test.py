# SPDX-License-Identifier: Apache-2.0
"""hctail check: what is wrong with the configuration, and what would become of the lines."""
import gzip
import json
import os

from harness import KEY, Skip, expect, expect_equal, main, violations_allowed

NO_KEY = {"HONEYCOMB_API_KEY": None}


def check(t, *args, code=0, **more):
    """Its report; stderr must be empty, and nothing may be sent or written."""
    before = sorted(os.listdir(t.dir))
    hctail = t.run("check", *args, code=code, **more)
    expect_equal(hctail.err, "", "stderr")
    expect(KEY not in hctail.out, "the key was printed")
    expect_equal(t.api.requests, [], "requests")
    expect_equal(sorted(os.listdir(t.dir)), before, "files in the folder")
    return t.placeholders(hctail.out)


def test_good_lines_are_shown_as_they_would_be_sent(t):
    """Shape, place, time, types; exit 0."""
    t.write_lines("app.log", 3)
    expect_equal(check(t, "app.log"), """\
ok: events would be sent to HOST, with the key from $HONEYCOMB_API_KEY (--online asks whether it is good)

json
  app.log: 3 lines, 3 events for dataset 'app'
    recognised, 100 % sure: 3 of 3 lines are JSON objects

  3 events, such as app.log:1
    time     2024-03-05T06:07:08Z, from time
    fields   n    integer  0
             msg  string   line 0

all is well: 3 lines in 1 file make 3 events
""")
    expect_equal(t.api.auth_requests, [], "questions to the API")


def test_lines_that_would_not_be_parsed_are_named(t):
    """Exit 1, with file and line; --on-unparsed changes what becomes of them, not the code."""
    t.write_lines("app.log", 8)
    t.append("app.log", 'not json\n{"n":8}\nnot \x1b[31mjson\n')
    out = check(t, "app.log", code=1, env=NO_KEY)
    expect("""
  1 event, such as app.log:10
    time     none found: it is when the line is read
    fields   n  integer  8

not parsed
  2 records: not a JSON object
    app.log:9  not json
    app.log:11  not \\x1b[31mjson

2 records would not be parsed, of 11 lines in 1 file
  They would go to the dead letters, 'DIR/state/dead-letter.jsonl'.
""" in out, out)
    out = check(t, "app.log", "--on-unparsed", "drop", code=1)
    expect("They would be dropped" in out, out)


def test_a_wrong_configuration_is_told_whole(t):
    """Every problem at once, each with where it stands; exit 2, no line is tried."""
    t.write_lines("app.log", 1)
    t.write("hctail.conf", "[Required Options]\nparsr = json\nfile = app.log\npoolsize = many\n"
                           "[Tail Options]\nread-from = middle\n")
    out = check(t, "-c", "hctail.conf", "--compression", "lzma", "--dataset", "", code=2)
    expect_equal(out, """\
error: hctail.conf:2: unknown key 'parsr'; did you mean 'parser'?
  hctail.conf(5) lists the keys.
error: unknown tail.read-from 'middle' (from hctail.conf:6)
  --tail.read-from takes beginning, end or last.
error: 'many' is not a whole number (from hctail.conf:4)
  --poolsize takes a whole number from 1 to 256.
error: the name of the dataset is empty (from --dataset)
error: 'lzma' is not a compression (from --compression)
  Write zstd, gzip or none; zstd:1 to zstd:19 and gzip:1 to gzip:9 set the level.

5 errors to be mended; no line was tried
""")


def test_what_a_format_refuses_is_told(t):
    """Time formats, regular expressions, zones: all that a run would refuse."""
    t.write_lines("app.log", 1)
    out = check(t, "app.log", "--timezone", "Europe/Olso", "--parser", "regex",
                "--regex.line-regex", "(?P<a>", code=2)
    expect("Europe/Olso" in out and "(from --timezone)" in out, out)
    expect("--regex.line-regex is not a regular expression" in out, out)
    expect(out.endswith("2 errors to be mended; no line was tried\n"), out)


def test_options_of_another_parser_are_told(t):
    """They do nothing, and were meant to."""
    t.write_lines("app.log", 1)
    out = check(t, "app.log", "--parser", "json", "--csv.fields", "a,b")
    expect("warning: --csv.fields does nothing with --parser json\n" in out, out)
    expect("does nothing" not in check(t, "app.log", "--csv.fields", "a,b"), "with --parser auto")


def test_files_that_cannot_be_read_are_told_and_the_others_tried(t):
    """One that a run would wait for; one that may not be read is an error."""
    if os.geteuid() == 0:
        # Root may read everything: a folder stands for it.
        t.write("pipe/x", "")
        os.mkfifo(t.path("secret.log"))
        why = "cannot read 'secret.log': not a regular file"
    else:
        t.write("secret.log", "x\n")
        os.chmod(t.path("secret.log"), 0)
        why = "cannot read 'secret.log': Permission denied"
    t.write_lines("app.log", 2)
    out = check(t, "app.log", "secret.log", "later.log", "none-*.log", code=2)
    expect("error: " + why in out, out)
    expect("warning: there is no 'later.log'; a run would wait for it\n" in out, out)
    expect("warning: no file matches 'none-*.log' yet" in out, out)
    expect("app.log: 2 lines, 2 events" in out, out)
    expect(out.endswith("1 error to be mended\n"
                        "not every file is there: 2 lines in 1 file make 2 events\n"), out)


def test_a_file_that_is_not_there_was_not_tried(t):
    """Exit 1 if the command names it; a configuration may name what comes later."""
    out = check(t, "app.lgo", code=1)
    expect("warning: there is no 'app.lgo'; a run would wait for it\n" in out, out)
    expect(out.endswith("\nthere is no line to be tried\n"), out)
    check(t, "no-*.log", code=1)
    t.write_lines("app.log", 2)
    out = check(t, "app.log", "app.lgo", code=1)
    expect(out.endswith("\nnot every file is there: 2 lines in 1 file make 2 events\n"), out)
    out = check(t, "app.log", "-f", "later.log")
    expect("warning: there is no 'later.log'; a run would wait for it\n" in out, out)
    expect(out.endswith("\nall is well: 2 lines in 1 file make 2 events\n"), out)


def test_where_state_cannot_be_kept_is_told(t):
    """The state directory and the folder of the dead letters."""
    t.write_lines("app.log", 1)
    t.write("file", "")
    out = check(t, "app.log", "--state-dir", "file/state", "--dead-letter", "file/letters", code=2)
    expect("error: cannot write to 'file/state': 'file' is not a folder (the state directory)\n"
           in out, out)
    expect("error: cannot write to 'file': 'file' is not a folder (the folder of the dead letters)"
           in out, out)


def test_the_api_is_asked_about_the_key(t):
    """--online: whose key it is; no event is sent."""
    t.write_lines("app.log", 1)
    out = check(t, "app.log", "--online")
    expect("ok: events would be sent to HOST, with the key from $HONEYCOMB_API_KEY\n"
           "ok: sending to HOST, team " in out, out)
    expect_equal(len(t.api.auth_requests), 1, "questions to the API")
    out = check(t, "app.log", "--online", code=2, env=NO_KEY)
    expect("error: --online: there is no API key to ask about\n" in out, out)


@violations_allowed
def test_a_refused_key_is_an_error(t):
    """401 from the API: exit 2, and the lines are tried all the same."""
    t.write_lines("app.log", 1)
    out = check(t, "app.log", "--online", code=2, env={"HONEYCOMB_API_KEY": "wrong-key-value"})
    expect("error: the API refused the key from $HONEYCOMB_API_KEY (401 from HOST)\n" in out, out)
    expect("wrong-key-value" not in out, "the key was printed")
    expect("app.log: 1 line, 1 event" in out, out)


def test_json_is_one_document(t):
    """--json: the same for machines, also when the configuration is wrong."""
    t.write_lines("app.log", 2)
    t.append("app.log", "no\n")
    report = json.loads(check(t, "app.log", "--json", code=1))
    expect_equal((report["ok"], report["exit"], report["tried"]), (False, 1, True), "verdict")
    expect_equal(report["files"], [{
        "path": "app.log", "dataset": "app", "chosen": "recognised", "wrapper": "none",
        "parser": "json", "confidence": 0.67, "reason": "2 of 3 lines are JSON objects",
        "lines": 3, "whole": True, "events": 2, "sampled_out": 0, "skipped": 0, "unparsed": 1}],
        "files")
    [shape] = report["formats"][0]["shapes"]
    expect_equal(shape["first"], {"path": "app.log", "line": 1, "byte": 0}, "place")
    expect_equal((shape["time_from"], shape["time"]), ("time", "2024-03-05T06:07:08Z"), "time")
    expect_equal([(f["name"], f["type"]) for f in shape["fields"]],
                 [("n", "integer"), ("msg", "string")], "fields")
    [reason] = report["unparsed"]
    expect_equal(reason["examples"][0]["line"], 3, "line")
    report = json.loads(check(t, "app.log", "--json", "--compression", "x", code=2))
    expect_equal([f["level"] for f in report["findings"]], ["error"], "findings")
    expect_equal((report["tried"], report["files"]), (False, []), "nothing was tried")


def test_packed_files_and_standard_input_are_tried_too(t):
    """Whatever a run reads."""
    t.write("old.log.gz", gzip.compress(b'{"n":1}\n{"n":2}\nbad\n'))
    out = check(t, "old.log.gz", code=1)
    expect("old.log.gz: 3 lines, 2 events for dataset 'old'" in out, out)
    expect("old.log.gz:3  bad\n" in out, out)
    out = check(t, "-", input='{"n":1}\n{"n":2}\n')
    expect("stdin: 2 lines, 2 events for dataset 'stdin'" in out, out)
    t.write("cut.log.gz", gzip.compress(b'{"n":1}\n' * 1000)[:-12])
    out = check(t, "cut.log.gz", code=1)
    expect("warning: 'cut.log.gz': bytes " in out and "the gzip data ends in the middle" in out, out)


def test_records_of_several_lines_are_one(t):
    """As they would be sent; the place is that of the first line."""
    t.write("app.log", '{"n":1}\n{"n":2,"msg":"boom"}\njava.lang.Error: x\n\tat a.B.c(B.java:1)\n'
                       '{"n":3}\noops\n')
    out = check(t, "app.log", "--parser", "json", "--multiline.preset", "java", code=1)
    expect("app.log: 6 lines, 4 events for dataset 'app', 1 not parsed\n" in out, out)
    expect("1 event, such as app.log:3\n" in out, out)
    expect("exception.stacktrace  string   java.lang.Error: x\\n\\tat a.B.c(B.java:1)\n" in out, out)
    expect("app.log:6  oops\n" in out, out)


def test_the_first_lines_are_enough(t):
    """--lines: so many of each file; a record that goes on behind them is not called broken."""
    t.write_lines("app.log", 100000)
    out = check(t, "app.log", "--lines", "10")
    expect("app.log: the first 10 lines, 10 events" in out, out)
    expect("all is well: 10 lines (at most 10 of each file) in 1 file make 10 events" in out, out)
    t.write("table.csv", 'a,b,c\n1,2,3\n4,"5\n6\n7",8\n')
    out = check(t, "table.csv", "--parser", "csv", "--lines", "4")
    expect("table.csv: the first 4 lines, 1 event" in out, out)
    expect("all is well" in out, out)
    out = check(t, "app.log", "--lines", "0")
    expect("app.log: 100,000 lines, 100,000 events" in out, out)


def test_a_format_that_is_not_recognised_is_told(t):
    """Exit 1, and what to do."""
    t.write("odd.log", "what is this\nand this\n")
    out = check(t, "odd.log", code=1)
    expect("""
format not recognised
  odd.log: 2 lines, 0 events for dataset 'odd', 2 not parsed
    A run would end at once.
    It begins: 'what is this'
    Name it with --parser (see 'hctail --list-parsers'), describe it with --parser regex
    --regex.line-regex REGEX, or send its lines whole with --on-unparsed raw.
""" in out, out)
    report = json.loads(check(t, "odd.log", "--json", code=1))
    expect_equal([report["files"][0].get("parser"), report["formats"][0].get("parser")],
                 [None, None], "the parser of no format")
    expect("--on-unparsed raw" in report["files"][0]["advice"], report)
    expect_equal(t.run("--tail.stop", "--tail.read-from", "beginning", "-f", "odd.log",
                       code=2).err.count("cannot tell the format"), 1, "what a run says")


def test_lines_that_are_sent_whole_are_well(t):
    """--on-unparsed raw, and containers: plain text, as in a run."""
    t.write("odd.log", "what is this\nand this\n")
    out = check(t, "odd.log", "--on-unparsed", "raw")
    expect("\nplain, for no format was recognised\n" in out, out)
    expect("all is well: 2 lines in 1 file make 2 events\n" in out, out)
    t.write("cri.log", "2024-03-05T06:07:08Z stdout F what is this\n")
    out = check(t, "cri.log")
    expect("all is well: 1 line in 1 file make 1 event\n" in out, out)


def test_colours_are_for_terminals(t):
    """--color always asks for them; without a terminal there are none."""
    t.write_lines("app.log", 1)
    expect("\x1b[" not in check(t, "app.log"), "colours without a terminal")
    expect("\x1b[32mall is well\x1b[0m" in check(t, "app.log", "--color", "always"), "no colours")
    expect("\x1b[" not in check(t, "app.log", "--color", "never"), "colours in spite of never")


def test_only_check_has_its_options(t):
    """--online and the others are refused elsewhere."""
    t.write_lines("app.log", 1)
    hctail = t.run("--backfill", "-f", "app.log", "--online", code=2)
    expect("--online is an option of 'hctail check'" in hctail.err, hctail.err)


main()
