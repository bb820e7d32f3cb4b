# SPDX-License-Identifier: Apache-2.0
"""honeytail's command lines and INI files work unchanged as far as the features exist."""
from harness import KEY, expect, expect_equal, main


def test_a_honeytail_command_line(t):
    """Short letters, underscores, dots and '=' as honeytail takes them."""
    t.write_lines("app.log", 500)
    t.run("-p", "json", "-k", KEY, "-d", "ds", "-f", "app.log", f"--api_host={t.api.url}/",
          "--send_frequency_ms=50", "--send_batch_size=100", "-P", "3", "-r", "1",
          "--tail.read_from=beginning", "--tail.stop", "--backoff", "--status_interval=0",
          "--json.timefield=time", api=False, env={"HONEYCOMB_API_KEY": None})
    t.expect_numbers(range(500), "ds")
    expect(max(r.events for r in t.api.requests) <= 100, "batches are too large")


def test_a_honeytail_ini_file(t):
    """As honeytail --write_current_config writes it."""
    t.write_lines("app.log", 50)
    t.write("honeytail.conf", f"""[Application Options]
; SampleRate = 1
APIHost = {t.api.url}
BatchFrequencyMs = 50
NumSenders = 2
BackOff = true

[Required Options]
ParserName = json
WriteKey = {KEY}
LogFiles = {t.path("app.log")}
Dataset = "my ds"

[Tail Options]
ReadFrom = beginning
Stop = true

[JSON Parser Options]
TimeFieldName = time
""")
    t.run("-c", "honeytail.conf", api=False, env={"HONEYCOMB_API_KEY": None})
    t.expect_numbers(range(50), "my ds")


def test_repeated_keys_accumulate_and_the_command_line_wins(t):
    """Unlike honeytail, which keeps the first of several LogFiles."""
    t.write_lines("a.log", [1])
    t.write_lines("b.log", [2])
    t.write("c.conf", "file = a.log\nfile = b.log\ndataset = one\nbackfill = true\nparser = json\n")
    t.run("-c", "c.conf", "-d", "two")
    t.expect_numbers([1, 2], "two")


def test_what_is_not_built_yet_is_refused_by_name(t):
    """Never ignored."""
    t.write_lines("app.log", 1)
    hctail = t.run("--backfill", "-f", "app.log", "--scrub_field", "email", code=2)
    expect_equal(hctail.messages, """\
hctail: error: --scrub_field is not built yet
  hctail sends events as they were parsed so far; remove the option to do so.
""", "stderr")
    t.write("c.conf", "[Application Options]\nAddFields = a=b\n")
    hctail = t.run("--backfill", "-f", "app.log", "-c", "c.conf", code=2)
    expect_equal(hctail.messages, """\
hctail: error: --add_field is not built yet (from c.conf:2)
  hctail sends events as they were parsed so far; remove the option to do so.
""", "stderr")
    expect_equal(t.api.requests, [], "requests")


main()
