# SPDX-License-Identifier: Apache-2.0
"""What is said when the API cannot be reached."""
import os
import socket
import ssl
import subprocess
import threading
import time

from harness import expect, expect_equal, free_port, main


def expect_error(t, *args, text):
    """hctail gives up at the start with exit 2 and `text`."""
    t.write_lines("app.log", 3)
    hctail = t.run("--backfill", "-f", "app.log", *args, api=False, code=2, seconds=30)
    expect_equal(hctail.messages, text, "stderr")


def test_connection_refused(t):
    """Nobody listens on the port."""
    expect_error(t, "--api-host", f"http://127.0.0.1:{free_port()}", text="""\
hctail: error: cannot reach the API: connection refused by 127.0.0.1:PORT
  Check --api-host, firewalls, and the proxy if https_proxy or http_proxy is set.
""")


def test_unknown_host(t):
    """The name does not resolve."""
    expect_error(t, "--api-host", "http://no-such-host.invalid", text="""\
hctail: error: cannot reach the API: could not resolve host: no-such-host.invalid
  Check --api-host and this machine's DNS.
""")


def test_unreachable_without_the_check_at_the_start(t):
    """With --skip-auth-check it says so once, waits and retries; SIGTERM ends it with exit 1."""
    t.write_lines("app.log", 3)
    port = free_port()
    hctail = t.start("--backfill", "-f", "app.log", "-p", "json", "--skip-auth-check",
                     "--shutdown-timeout", "500ms", "--api-host", f"http://127.0.0.1:{port}", api=False)
    hctail.wait_for_err("refused")
    time.sleep(2)
    expect(hctail.running(), f"it gave up: {hctail.err}")
    said = hctail.messages
    hctail.signal()
    expect_equal(hctail.wait(5), 1, "exit code")
    expect_equal(said, """\
hctail: warning: 127.0.0.1:PORT takes no events: connection refused by 127.0.0.1:PORT
  Nothing is lost: hctail reads on when it does.
""", "stderr")


def test_starts_while_the_server_is_away_and_recovers(t):
    """A server that is back within seconds is waited for."""
    t.write_lines("app.log", 100)
    t.api.down()
    hctail = t.start("--backfill", "-f", "app.log")
    time.sleep(0.7)
    t.api.up()
    expect_equal(hctail.wait(20), 0, "exit code")
    t.expect_numbers(range(100))


def test_started_again_while_the_server_is_away(t):
    """A run that has positions goes on: what is not read meanwhile may be gone, and whoever writes
    to a pipe would end."""
    t.write_lines("app.log", 10)
    follow = ["-f", "app.log", "--tail.read-from", "beginning"]
    spool = ["-f", "-", "--spool", "spool", "--state-dir", "other", "-d", "app"]
    hctail = t.start(*follow)
    t.wait_for_numbers(range(10))
    hctail.stop()
    t.run(*spool, input='{"n":10}\n')
    t.api.down()
    hctail = t.start(*follow)
    piped = t.start(*spool, stdin=subprocess.PIPE)
    for started in (hctail, piped):
        started.wait_for_err("hctail goes on as it did before, and sends when it can", 30)
    t.append_lines("app.log", range(11, 20))
    os.rename(t.path("app.log"), t.path("app.log.1"))
    t.write_lines("app.log", range(20, 30))
    piped.process.stdin.write(b'{"n":30}\n')
    piped.process.stdin.close()
    time.sleep(1)
    os.remove(t.path("app.log.1"))
    t.api.up()
    t.wait_for_numbers(range(31), 40)
    hctail.stop()
    expect_equal(piped.wait(), 0, "exit code")
    t.expect_numbers(range(31))


def test_untrusted_certificate(t):
    """A certificate that no known authority has signed; --ca-file is the way out."""
    t.run_program("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                  "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                  "-keyout", "key.pem", "-out", "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(t.path("cert.pem"), t.path("key.pem"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
                context.wrap_socket(peer, server_side=True).close()
            except ssl.SSLError:
                pass
            except OSError:
                return
    threading.Thread(target=serve, daemon=True).start()
    t.at_end(listener.close)
    port = listener.getsockname()[1]
    expect_error(t, "--api-host", f"https://127.0.0.1:{port}", text="""\
hctail: error: cannot reach the API: TLS: certificate problem: self-signed certificate
  If a private CA signed the certificate, give it with --ca-file.
""")


def test_plain_http_behind_https(t):
    """https:// given where the server speaks plain HTTP: TLS is to blame, exit 2."""
    t.write_lines("app.log", 3)
    hctail = t.run("--backfill", "-f", "app.log", "--api-host", f"https://{t.api.host}", api=False,
                   code=2)
    expect("hctail: error: cannot reach the API: TLS: " in hctail.err, hctail.err)
    expect(" \n" not in hctail.err, f"blanks at the end of a line: {hctail.err!r}")


main()
