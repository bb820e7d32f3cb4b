# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy between hctail and the API: a real tinyproxy."""
from harness import expect, expect_equal, free_port, main, need_program
from nginx_tls import start_nginx


def start_tinyproxy(t):
    program = need_program("tinyproxy")
    port = free_port()
    t.write("tinyproxy.conf", f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\n"
                              f"MaxClients 20\nLogLevel Connect\nLogFile \"{t.path('tiny.log')}\"\n"
                              f"PidFile \"{t.path('tiny.pid')}\"\n")
    t.background(program, "-d", "-c", t.path("tinyproxy.conf"), port=port)
    return f"http://127.0.0.1:{port}"


def test_http_through_the_proxy(t):
    """http_proxy is honoured for /1/auth and for events."""
    proxy = start_tinyproxy(t)
    t.write_lines("app.log", 1000)
    t.run("--backfill", "-f", "app.log", env={"http_proxy": proxy, "no_proxy": None})
    t.expect_numbers(range(1000))
    log = t.read("tiny.log")
    expect("/1/auth" in log and "/1/batch/app" in log, f"not through the proxy: {log}")


def test_https_through_the_proxy(t):
    """https_proxy is honoured with CONNECT, and the certificate is the server's own."""
    proxy = start_tinyproxy(t)
    url = start_nginx(t)
    t.write_lines("app.log", 1000)
    t.run("--backfill", "-f", "app.log", "--api-host", url, "--ca-file", "ca.pem", api=False,
          env={"https_proxy": proxy, "no_proxy": None})
    t.expect_numbers(range(1000))
    expect("CONNECT localhost" in t.read("tiny.log"), "not through the proxy")


def test_no_proxy_is_honoured(t):
    """no_proxy leaves the proxy out."""
    t.write_lines("app.log", 10)
    t.run("--backfill", "-f", "app.log",
          env={"http_proxy": f"http://127.0.0.1:{free_port()}", "no_proxy": "127.0.0.1"})
    t.expect_numbers(range(10))


def test_a_proxy_that_is_away(t):
    """The message names the proxy, not the API."""
    t.write_lines("app.log", 10)
    port = free_port()
    hctail = t.run("--backfill", "-f", "app.log", code=2,
                   env={"http_proxy": f"http://127.0.0.1:{port}", "no_proxy": None})
    expect(f"connection refused by 127.0.0.1:{port}" in hctail.err, hctail.err)
    expect_equal(t.api.accepted, [], "events")


main()
