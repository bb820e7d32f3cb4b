# SPDX-License-Identifier: Apache-2.0
"""--parser auto: what is chosen, what is said of it, and what happens when nothing fits."""
import os

from harness import expect, expect_equal, main, wait_until

JSON = '{"time":"2024-03-05T06:07:08Z","a":1}\n'
ACCESS = '1.2.3.4 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"\n'


def test_each_file_has_the_format_of_its_own_first_lines(t):
    """The choice and why, once per file; not if the parser was asked for."""
    t.write("a.log", JSON * 3)
    t.write("b.log", ACCESS * 3)
    t.write("c.log", "level=info msg=up port=1\n" * 3)
    hctail = t.run("--backfill", "-f", "*.log", "--dry-run")
    for line in ("hctail: 'a.log': json (3 of 3 lines are JSON objects)\n",
                 "hctail: 'b.log': nginx (3 of 3 lines are of an access log)\n",
                 "hctail: 'c.log': keyval (3 of 3 lines are key=value pairs)\n"):
        expect_equal(hctail.err.count(line), 1, f"times it was said: {line}")
    expect_equal(len(hctail.events), 9, "events")
    hctail = t.run("--backfill", "-f", "a.log", "--dry-run", "--parser", "json")
    expect("lines are JSON" not in hctail.err, hctail.err)


def test_of_many_files_the_formats_are_counted(t):
    """Ten are told, the summary says the rest."""
    for n in range(30):
        t.write(f"{n}.log", JSON if n % 3 else ACCESS)
    hctail = t.run("--backfill", "-f", "*.log", "--dry-run")
    expect_equal(hctail.err.count(" lines are "), 10, "files that were told")
    expect("\n  formats of the files: 20 json, 10 nginx\n" in hctail.err, hctail.err)


def test_one_file_of_several_that_is_no_known_format(t):
    """It is told with advice, its lines are kept, and the others are read."""
    t.write("good.log", JSON * 2)
    t.write("odd.log", "first words\nmore\x1b[31m words\n")
    hctail = t.run("--backfill", "-f", "good.log", "-f", "odd.log")
    expect("hctail: warning: cannot tell the format of 'odd.log' from its first lines\n"
           "  It begins: 'first words'\n" in hctail.err, hctail.err)
    expect("\x1b" not in hctail.err and "more\\x1b[31m words" in hctail.err, hctail.err)
    expect_equal(len(t.api.accepted), 2, "events")
    expect_equal([d["record"] for d in t.dead_letters()], ["first words", "more\x1b[31m words"],
                 "dead letters")


def test_lines_of_no_known_format_sent_whole(t):
    """--on-unparsed raw: with the time found in the line, or that of the line before."""
    t.write("odd.log", "2024-03-05 06:07:08,250 [main] ERROR no\n\tat a.B(C.java:1)\n"
                       "[05/Mar/2024:06:07:09 +0100] yes\n")
    hctail = t.run("--backfill", "-f", "odd.log", "--dry-run", "--on-unparsed", "raw")
    expect_equal([(e["time"], e["data"]) for e in hctail.events], [
        ("2024-03-05T06:07:08.25Z", {"message": "2024-03-05 06:07:08,250 [main] ERROR no"}),
        ("2024-03-05T06:07:08.25Z", {"message": "\tat a.B(C.java:1)"}),
        ("2024-03-05T05:07:09Z", {"message": "[05/Mar/2024:06:07:09 +0100] yes"})], "events")
    expect("Its lines are sent whole" in hctail.err, hctail.err)


def test_a_container_whose_lines_are_plain_text(t):
    """The runtime's time counts, and the container's name is the dataset."""
    t.write("pods/shop_cart-1_uid/api/0.log",
            "2024-03-05T06:07:08.5Z stdout F 2020/01/01 00:00:00 up\n"
            "2024-03-05T06:07:09Z stderr F done\n")
    hctail = t.run("--backfill", "-f", "pods/*/*/*.log", "--dry-run")
    expect("plain in container log lines" in hctail.err, hctail.err)
    expect_equal([(e["time"], e["dataset"], e["data"]["message"]) for e in hctail.events], [
        ("2024-03-05T06:07:08.5Z", "api", "2020/01/01 00:00:00 up"),
        ("2024-03-05T06:07:09Z", "api", "done")], "events")


def test_a_file_that_changes_its_format_goes_on_as_the_other_also_after_a_restart(t):
    """Noticed after 20 lines; these are in the dead letters, all others are events."""
    t.write("app.log", JSON * 100 + ACCESS * 100)
    args = ("-f", "app.log", "--tail.read-from", "beginning")
    hctail = t.start(*args)
    hctail.wait_for_err("from byte 3800 on it looks like nginx")
    t.append("app.log", ACCESS * 50)
    wait_until(lambda: len(t.api.accepted) == 230, "not all arrived")
    hctail.stop()
    expect_equal(len(t.dead_letters()), 20, "dead letters")

    t.append("app.log", ACCESS * 50)
    hctail = t.start(*args)
    wait_until(lambda: len(t.api.accepted) == 280, "not all arrived after the restart")
    hctail.stop()
    expect_equal(len(t.dead_letters()), 20, "dead letters")
    expect("looks like" not in hctail.err, hctail.err)


def test_a_change_in_the_middle_of_a_big_file_costs_twenty_lines(t):
    """However many workers read it at once."""
    t.write("app.log", JSON * 100_000 + ACCESS * 100_000)
    hctail = t.run("--backfill", "-f", "app.log", seconds=60)
    lost = len(t.dead_letters())
    expect(20 <= lost <= 200, f"{lost} lines in the dead letters; {hctail.err}")
    expect_equal(len(t.api.accepted), 200_000 - lost, "events")


def test_a_change_is_only_told_if_the_parser_was_asked_for(t):
    """--parser json goes on as JSON."""
    t.write("app.log", JSON * 10 + ACCESS * 100)
    hctail = t.run("--backfill", "-f", "app.log", "--parser", "json")
    expect("from byte 380 on it looks like nginx" in hctail.err, hctail.err)
    expect("It is still read as json." in hctail.err, hctail.err)
    expect_equal(len(t.api.accepted), 10, "events")


def test_a_file_that_begins_oddly_has_the_format_of_the_one_before_it(t):
    """Rotated while hctail runs and while it does not; a record that rotation cut is two events."""
    def cri(second, text):
        return f"2024-03-05T06:07:{second:02}Z stdout {text}\n"

    def rotate(number, text):
        os.rename(t.path("api.log"), t.path(f"api.log.{number}"))
        t.write("api.log", text)

    def got(number):
        wait_until(lambda: len(t.api.accepted) >= number, f"not {number} events")
        return [e.data for e in t.api.accepted[number - 1:]]

    args = ("-f", "api.log", "--tail.read-from", "beginning", "--flush-partial-after", "1s")
    t.write("api.log", cri(1, 'F {"n":1}') + cri(2, 'F {"n":2}') + cri(3, 'P {"n":3,"m":"one '))
    hctail = t.start(*args)
    got(2)
    rotate(1, cri(4, 'F two"}'))
    hctail.wait_for_err("'api.log': json in container log lines, as the file before it at this")
    wait_until(lambda: len(t.api.accepted) == 4, "the halves did not come")
    halves = {e.data["unwrap.cut"]: e.data["message"] for e in t.api.accepted[2:]}
    expect_equal(halves, {"end": '{"n":3,"m":"one ', "beginning": 'two"}'}, "halves")
    t.append("api.log", cri(5, 'F {"n":4}'))
    expect_equal(got(5), [{"n": 4, "stream": "stdout"}], "the event after it")
    hctail.stop()
    rotate(2, "half a line\n")
    hctail = t.start(*args)
    hctail.wait_for_err("json in container log lines, as the file before it at this path was")
    t.append("api.log", cri(6, 'F {"n":5}'))
    expect_equal(got(6), [{"n": 5, "stream": "stdout"}], "the event after the restart")
    hctail.stop()
    expect_equal([d["record"] for d in t.dead_letters()], ["half a line"], "dead letters")


main()
