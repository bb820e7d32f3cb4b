# SPDX-License-Identifier: Apache-2.0
"""401 and 403: at the start and later."""
import os
import time

from events_api import status
from harness import expect, expect_equal, main, violations_allowed, wait_until


@violations_allowed
def test_a_refused_key_at_the_start_stops_before_reading(t):
    """Exit 2, a message that says where the key came from but not what it is, nothing sent."""
    t.write_lines("app.log", 10)
    hctail = t.run("--backfill", "-f", "app.log", code=2,
                   env={"HONEYCOMB_API_KEY": "wrong-key-value"})
    expect_equal(hctail.messages, """\
hctail: error: the API refused the key from $HONEYCOMB_API_KEY (401 from HOST)
  Check the key, and that it belongs to this host: keys of EU teams need
  --api-host https://api.eu1.honeycomb.io.
""", "stderr")
    expect("wrong-key-value" not in hctail.err, "the key was printed")
    expect_equal(t.api.requests, [], "requests")


def test_an_api_in_trouble_at_the_start_is_no_reason_to_stop(t):
    """500 from /1/auth is retried."""
    t.write_lines("app.log", 10)
    t.api.script_auth(500, times=2)
    t.run("--backfill", "-f", "app.log")
    t.expect_numbers(range(10))


def test_the_check_can_be_skipped(t):
    """--skip-auth-check does not ask."""
    t.write_lines("app.log", 10)
    t.run("--backfill", "-f", "app.log", "--skip-auth-check")
    t.expect_numbers(range(10))
    expect_equal(t.api.auth_requests, [], "requests to /1/auth")


def test_a_key_revoked_later_keeps_everything(t):
    """401 while running: said once, retried slowly, nothing dead-lettered, all sent in the end."""
    t.write_lines("app.log", 100)
    t.api.default = status(401)
    hctail = t.start("-f", "app.log", "--tail.read-from", "beginning")
    wait_until(lambda: t.api.requests, "no request")
    hctail.wait_for_err("401")
    time.sleep(1.5)
    expect(len(t.api.requests) <= 6, f"{len(t.api.requests)} requests in 1.5 s of 401")
    expect_equal(hctail.err.count("401"), 1, f"times it was said; stderr: {hctail.err}")
    t.api.default = status(403)
    time.sleep(0.2)
    import events_api
    t.api.default = events_api.ok()
    t.wait_for_numbers(range(100), seconds=60)
    hctail.stop()
    t.expect_numbers(range(100))
    expect_equal(t.dead_letters(), [], "dead letters")


def test_the_key_comes_from_a_file_or_from_systemd(t):
    """--writekey-file and $CREDENTIALS_DIRECTORY/writekey; a final newline is not part of it."""
    from harness import KEY
    t.write_lines("app.log", 5)
    t.write("credentials/writekey", KEY + "\n")
    no_key = {"HONEYCOMB_API_KEY": None}
    t.run("--backfill", "-f", "app.log", "--writekey-file", "credentials/writekey", env=no_key)
    t.run("--backfill", "-f", "app.log",
          env={**no_key, "CREDENTIALS_DIRECTORY": t.path("credentials")})
    t.run("--backfill", "-f", "app.log", "-k", KEY, env={"HONEYCOMB_API_KEY": "another"})
    expect_equal(len(t.api.accepted), 15, "events")


main()
