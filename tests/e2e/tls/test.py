# SPDX-License-Identifier: Apache-2.0
"""TLS and HTTP/2 with a private CA, through a real nginx."""
from harness import expect, expect_equal, main
from nginx_tls import start_nginx


def test_http2_with_a_private_ca(t):
    """--ca-file makes the private CA trusted; requests go over HTTP/2 on few connections."""
    url = start_nginx(t)
    t.write_lines("app.log", 20000)
    t.run("--backfill", "-f", "app.log", "--send-batch-size", 1000, "--api-host", url,
          "--ca-file", "ca.pem", api=False)
    t.expect_numbers(range(20000))
    log = t.read("nginx.access.log").splitlines()
    expect(len(log) >= 21, f"{len(log)} requests")
    expect_equal({line.split()[0] for line in log}, {"HTTP/2.0"}, "protocols")
    expect(all(line.split()[1] in ("TLSv1.2", "TLSv1.3") for line in log), f"{log[:3]}")


def test_without_the_ca_nothing_is_sent(t):
    """The same server without --ca-file."""
    url = start_nginx(t)
    t.write_lines("app.log", 10)
    hctail = t.run("--backfill", "-f", "app.log", "--api-host", url, api=False, code=2)
    expect("certificate" in hctail.err, hctail.err)
    expect_equal(t.api.accepted, [], "events")


def test_a_server_that_closes_connections_is_no_trouble(t):
    """nginx closes each connection after three requests (GOAWAY); nothing is lost or repeated."""
    url = start_nginx(t, requests=3)
    t.write_lines("app.log", 5000)
    hctail = t.run("--backfill", "-f", "app.log", "--send-batch-size", 100, "--api-host", url,
                   "--ca-file", "ca.pem", api=False)
    t.expect_numbers(range(5000))
    expect("warning" not in hctail.err, f"stderr: {hctail.err}")


def test_a_ca_file_that_is_missing_or_empty(t):
    """Said before anything is read."""
    url = start_nginx(t)
    t.write_lines("app.log", 10)
    t.write("empty.pem", "")
    for name in ("nothing.pem", "empty.pem"):
        hctail = t.run("--backfill", "-f", "app.log", "--api-host", url, "--ca-file", name,
                       code=2, api=False)
        expect(f"'{name}'" in hctail.err, hctail.err)
    expect_equal(t.api.requests, [], "requests")


main()
