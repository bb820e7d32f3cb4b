# SPDX-License-Identifier: Apache-2.0
"""hctail --backfill -f FILE: from the beginning to the end, once."""
import os

from harness import expect, expect_equal, main, wait_until


def test_ships_every_record_once_and_forgets_its_position(t):
    """A finished backfill has sent each record exactly once and keeps no position."""
    t.write_lines("app.log", 5000)
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(5000))
    expect_equal(t.api.datasets(), ["app"], "datasets")
    expect_equal(len(t.api.auth_requests), 1, "requests to /1/auth")
    shown = t.run("state", "show", api=False).out
    expect("app.log" not in shown, f"the position was kept: {shown}")
    t.run("--backfill", "-f", "app.log")
    expect_equal(len(t.api.accepted), 10000, "events after a second backfill")


def test_leaves_the_positions_of_a_run_that_follows_alone(t):
    """Of the same file and of others: that run goes on where they stand by then."""
    for name in ("app.log", "other.log"):
        t.write_lines(name, range(10))
    hctail = t.start("-f", "*.log", "--tail.read-from", "beginning")
    wait_until(lambda: len(t.api.accepted) == 20, "what is followed did not come")
    hctail.stop()
    t.append_lines("app.log", range(10, 20))
    t.write_lines("old.txt", range(100, 110))
    t.run("--backfill", "-f", "app.log", "-f", "old.txt")
    expect_equal(len(t.api.accepted), 40, "events after the backfill")
    shown = t.run("state", "show", api=False).out
    expect("old.txt" not in shown, f"the position was kept: {shown}")
    for name in ("app.log", "other.log"):
        t.append_lines(name, range(20, 30))
    hctail = t.start("-f", "*.log")
    wait_until(lambda: len(t.api.accepted) == 60, "what was written meanwhile did not come")
    hctail.stop()
    t.expect_numbers([*range(10), *range(20, 30)] * 2 + [*range(10, 20), *range(100, 110)])


def test_keeps_the_order_of_one_request_at_a_time(t):
    """With one request at a time the server sees the records in the order of the file."""
    t.write_lines("app.log", 20000)
    t.run("--backfill", "-f", "app.log", "--poolsize", 1)
    expect_equal(t.numbers(), list(range(20000)), "order")


def test_takes_several_globs_and_leaves_out_filtered_files(t):
    """Each file once, however many globs match it; each in the dataset of its own name."""
    for number, name in enumerate(["a/web.log", "a/db.log", "b/jobs.log", "b/jobs.log.old",
                                   "b/secret.log"]):
        t.write_lines(name, range(number * 100, number * 100 + 50))
    t.run("--backfill", "-f", "a/*.log", "-f", "b/*.log", "-f", "a/web.*",
          "--filter-file", "*/secret*", "-F", "b/[x-z]*")
    t.expect_numbers([*range(0, 50)], "web")
    t.expect_numbers([*range(100, 150)], "db")
    t.expect_numbers([*range(200, 250)], "jobs")
    expect_equal(t.api.datasets(), ["db", "jobs", "web"], "datasets")


def test_reads_a_last_line_without_a_newline_and_empty_files(t):
    """What stands at the end of a finished file counts, newline or not."""
    t.write_lines("app.log", 3)
    os.truncate(t.path("app.log"), os.path.getsize(t.path("app.log")) - 1)
    t.write("empty.log", "")
    t.run("--backfill", "-f", "app.log", "-f", "empty.log", "--dataset", "my logs/ü")
    t.expect_numbers(range(3), "my logs/ü")


def test_names_one_dataset_for_all_files_if_told_to(t):
    """--dataset holds for every file."""
    t.write_lines("a.log", [1])
    t.write_lines("b.log", [2])
    t.run("--backfill", "-f", "?.log", "-d", "all")
    t.expect_numbers([1, 2], "all")


main()
