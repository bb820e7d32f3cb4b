# SPDX-License-Identifier: Apache-2.0
"""What arrives: fields, times, rates, limits and compression."""
from harness import expect, expect_equal, main


def test_values_arrive_as_they_were_written(t):
    """Numbers verbatim, nested values as they are, every escape understood."""
    t.api.keep_bodies = True
    t.write("app.log", r'{"a":1.10,"b":12345678901234567890123,"c":{"d":[1,null]},"e":"\u00fc\n",'
                       r'"f":1e308,"g":-0.0,"h":true,"i":"<&>"}' + "\n")
    t.run("--backfill", "-f", "app.log", "--compression", "none")
    [event] = t.api.accepted
    text = t.api.requests[0].text
    for piece in ('"a":1.10,', '"b":12345678901234567890123,', '"f":1e308', '"g":-0.0'):
        expect(piece in text, f"{piece} is not in {text}")
    expect_equal(event.data["c"], {"d": [1, None]}, "c")
    expect_equal(event.data["e"], "ü\n", "e")
    expect_equal(event.data["i"], "<&>", "i")


def test_times(t):
    """Found by name, understood in many forms, removed from the fields."""
    t.write("app.log", "\n".join([
        '{"n":0,"time":"2024-03-05T06:07:08.123456789Z"}',
        '{"n":1,"timestamp":"2024-03-05T07:07:08+01:00"}',
        '{"n":2,"time":1709618828}',
        '{"n":3,"time":1709618828123}',
        '{"n":4,"ts":1709618828.5}']) + "\n")
    t.run("--backfill", "-f", "app.log")
    times = {e.data["n"]: e.time for e in t.api.accepted}
    expect_equal(times[0], "2024-03-05T06:07:08.123456789Z", "time 0")
    expect(times[1] in ("2024-03-05T06:07:08Z", "2024-03-05T07:07:08+01:00"), f"1: {times[1]}")
    expect_equal(times[2], "2024-03-05T06:07:08Z", "time 2")
    expect_equal(times[3], "2024-03-05T06:07:08.123Z", "time 3")
    expect_equal(times[4], "2024-03-05T06:07:08.5Z", "time 4")
    expect(all("time" not in e.data for e in t.api.accepted), "the time is still a field")


def test_a_record_without_a_time_gets_one(t):
    """The time it was read, and the summary counts it."""
    import time
    t.write("app.log", '{"n":0}\n')
    t.run("--backfill", "-f", "app.log")
    [event] = t.api.accepted
    expect(event.time is None or event.time[:4] >= time.strftime("%Y"), f"time {event.time}")


def test_libhoney_envelopes(t):
    """Their dataset, time and rate are used."""
    t.write("app.log", '{"data":{"n":1},"samplerate":7,"time":"2024-03-05T06:07:08Z",'
                       '"dataset":"other"}\n' * 3)
    t.run("--backfill", "-f", "app.log")
    expect_equal([(e.data, e.samplerate, e.dataset, e.time) for e in t.api.accepted],
                 [({"n": 1}, 7, "other", "2024-03-05T06:07:08Z")] * 3, "events")


def test_compressions(t):
    """zstd by default, gzip and none on demand."""
    t.write_lines("app.log", 100)
    for option, encoding in ((None, "zstd"), ("zstd:9", "zstd"), ("gzip", "gzip"),
                             ("gzip:9", "gzip"), ("none", "")):
        t.run("--backfill", "-f", "app.log", *(["--compression", option] if option else []))
        expect_equal(t.api.requests[-1].headers.get("content-encoding", ""), encoding, f"{option}")
    expect_equal(len(t.api.accepted), 500, "events")
    sizes = [r.packed for r in t.api.requests]
    expect(sizes[0] < sizes[-1] / 3, f"packed sizes {sizes}")


def test_requests_stay_within_the_limits(t):
    """Many large events: no body over 5 MB; an event over 1 MB is dead-lettered."""
    for n in range(30):
        t.append("app.log", '{"n":%d,"msg":"%s"}\n' % (n, "x" * 900_000))
    t.append("app.log", '{"n":30,"msg":"%s"}\n' % ("x" * 999_990))
    t.append("app.log", '{"n":31,%s}\n' % ",".join(f'"f{i}":1' for i in range(2001)))
    t.append_lines("app.log", [32])
    t.run("--backfill", "-f", "app.log", "--max-line", "10MB")
    t.expect_numbers([*range(30), 32])
    expect_equal(len(t.dead_letters()), 2, "dead letters")


def test_the_user_agent_says_who_we_are(t):
    """hctail/VERSION (PARSER), and backfill if it is one."""
    t.write_lines("app.log", 1)
    t.run("--backfill", "-f", "app.log")
    agent = t.api.requests[0].headers["user-agent"]
    expect(agent.startswith("hctail/") and "backfill" in agent, agent)


def test_a_path_in_the_api_host_is_kept(t):
    """--api-host http://proxy/some/path."""
    t.api.prefix = "/some/path"
    t.write_lines("app.log", 5)
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(5))


main()
