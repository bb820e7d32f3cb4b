# SPDX-License-Identifier: Apache-2.0
"""Errors a user meets before anything is read: their exact text, exit 2, stdout empty."""
import os

from harness import expect_equal, main


def expect_error(t, *args, text, code=2, **more):
    hctail = t.run(*args, code=code, api=False, **more)
    expect_equal(hctail.messages, text, f"stderr of hctail {' '.join(args)}")
    expect_equal(hctail.out, "", "stdout")
    expect_equal(t.api.requests, [], "requests")


def test_no_file_given(t):
    """Just `hctail`."""
    expect_error(t, text="""\
hctail: error: there is no file to read
  Name one with -f FILE, or read standard input with -f -.
""")


def test_a_missing_file(t):
    """A name without wildcards that is not there."""
    expect_error(t, "--backfill", "-f", "nothing.log", text="""\
hctail: error: cannot read 'nothing.log': no such file or directory
  Check the path; quote patterns so that hctail sees them itself.
""")


def test_a_glob_that_matches_nothing(t):
    """A backfill of nothing is an error."""
    expect_error(t, "--backfill", "-f", "*.log", text="""\
hctail: error: no file matches '*.log' (from --file)
  Check the pattern; '*' does not match '/'.
""")


def test_a_directory(t):
    """Stands for the files in it, of which there have to be some."""
    os.mkdir(t.path("logs"))
    expect_error(t, "--backfill", "-f", "logs", text="""\
hctail: error: there is no file in 'logs' (from --file)
""")


def test_an_unreadable_file(t):
    """Owner, mode, and who we are."""
    t.write_lines("app.log", 3)
    os.chmod(t.path("app.log"), 0o600)
    if os.geteuid() == 0:
        os.chmod(t.dir, 0o755)
        os.makedirs(t.path("state"))
        os.chown(t.path("state"), 65534, 65534)
        wrap = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        expect_error(t, "--backfill", "-f", "app.log", wrap=wrap, text="""\
hctail: error: cannot read 'app.log': permission denied
  The file is root:root, mode 0600; hctail runs as 'nobody' (uid 65534).
""")
        os.chmod(t.path("app.log"), 0o640)
        os.chown(t.path("app.log"), 0, 4)
        expect_error(t, "--backfill", "-f", "app.log", wrap=wrap, text="""\
hctail: error: cannot read 'app.log': permission denied
  The file is root:adm, mode 0640; hctail runs as 'nobody' (uid 65534), which is not in group adm.
""")
    else:
        os.chmod(t.path("app.log"), 0)
        t.run("--backfill", "-f", "app.log", code=2)


def test_too_few_open_files(t):
    """With a limit below what folders and connections need it does not begin."""
    t.write_lines("app.log", 1)
    for limit in (6, 14, 31):
        expect_error(t, "-f", "app.log", wrap=["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"],
                     text=f"""\
hctail: error: only {limit} files may be open at once; hctail needs 32
  Raise the hard limit of open files (ulimit -Hn, or LimitNOFILE= of systemd).
""")
    t.run("--backfill", "-f", "app.log", wrap=["sh", "-c", 'ulimit -n 32; exec "$@"', "sh"])


def test_an_unknown_option(t):
    """Did you mean."""
    expect_error(t, "--backfil", "-f", "app.log", text="""\
hctail: error: unknown option '--backfil'; did you mean '--backfill'?
  Run 'hctail --help' for all options.
""")
    expect_error(t, "--frobnicate", "-f", "app.log", text="""\
hctail: error: unknown option '--frobnicate'
  Run 'hctail --help' for all options.
""")
    expect_error(t, "-x", "-f", "app.log", text="""\
hctail: error: unknown option '-x'
  Run 'hctail --help' for all options.
""")


def test_an_unknown_parser(t):
    """Did you mean, and how to list them."""
    t.write_lines("app.log", 1)
    expect_error(t, "-p", "jsno", "-f", "app.log", text="""\
hctail: error: unknown parser 'jsno' (from --parser); did you mean 'json'?
  Run 'hctail --list-parsers' for the parsers there are.
""")
    expect_error(t, "-p", "frob", "-f", "app.log", text="""\
hctail: error: unknown parser 'frob' (from --parser)
  Run 'hctail --list-parsers' for the parsers there are.
""")


def test_a_bad_time_format(t):
    """Shows where it is wrong."""
    t.write_lines("app.log", 1)
    expect_error(t, "-p", "json", "-f", "app.log", "--json.time-format", "%Y-%Q", text="""\
hctail: error: bad time format '%Y-%Q': unknown directive '%Q' at character 4 (from --json.time-format)
  %Y-%Q
     ^ here
  Known are %Y %y %m %b %B %d %e %j %H %k %I %l %M %S %f %L %p %P %z %Z %s %a %A, the short
  forms %F %T %D %R %r %c %x %X %h %+, and %n %t %%.  A Go layout (2006-01-02 15:04:05) or
  'unixepoch' can be given instead.
""")


def test_an_unknown_zone(t):
    """--timezone takes names of the zone database."""
    t.write_lines("app.log", 1)
    expect_error(t, "-f", "app.log", "--timezone", "Europe/Olso", text="""\
hctail: error: unknown time zone 'Europe/Olso' (from --timezone)
  Give a name from /usr/share/zoneinfo (package tzdata), such as Europe/Berlin,
  America/New_York or UTC; 'timedatectl list-timezones' lists them.
""")


def test_an_invalid_host(t):
    """--api-host takes a URL."""
    t.write_lines("app.log", 1)
    expect_error(t, "-f", "app.log", "--api-host", "ftp://example.com", text="""\
hctail: error: 'ftp://example.com' is not the URL of an API: it does not begin with https:// or http:// (from --api-host)
  Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.
""")
    expect_error(t, "-f", "app.log", "--api-host", "http://", text="""\
hctail: error: 'http://' is not the URL of an API: the host is missing (from --api-host)
  Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.
""")
    expect_error(t, "-f", "app.log", "--api-host", "http://bad host", text="""\
hctail: error: 'http://bad host' is not the URL of an API: the host has a strange character (from --api-host)
  Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.
""")


def test_numbers_out_of_range(t):
    """Which option, which value, which range."""
    t.write_lines("app.log", 1)
    expect_error(t, "-f", "app.log", "--poolsize", "0", text="""\
hctail: error: '0' is too small (from --poolsize)
  --poolsize takes a whole number from 1 to 256.
""")
    expect_error(t, "-f", "app.log", "--poolsize", "many", text="""\
hctail: error: 'many' is not a whole number (from --poolsize)
  --poolsize takes a whole number from 1 to 256.
""")
    expect_error(t, "-f", "app.log", "--send-frequency-ms", "soon", text="""\
hctail: error: 'soon' is not a time (from --send-frequency-ms)
  --send-frequency-ms takes a number and a unit, such as 500ms, 10s, 2m or 1h; a number alone counts milliseconds.
""")
    expect_error(t, "-f", "app.log", "--compression", "lz4", text="""\
hctail: error: 'lz4' is not a compression (from --compression)
  Write zstd, gzip or none; zstd:1 to zstd:19 and gzip:1 to gzip:9 set the level.
""")
    expect_error(t, "-f", "app.log", "--tail.read-from", "middle", text="""\
hctail: error: unknown tail.read-from 'middle' (from --tail.read-from)
  --tail.read-from takes beginning, end or last.
""")


def test_no_key(t):
    """--output honeycomb without a key."""
    t.write_lines("app.log", 1)
    expect_error(t, "-f", "app.log", "--output", "honeycomb", env={"HONEYCOMB_API_KEY": None},
                 text="""\
hctail: error: output 'honeycomb' needs an API key, and there is none (from --output)
  Give the key in one of these ways:
    --writekey-file FILE
    the environment variable HONEYCOMB_API_KEY
    systemd's LoadCredential=writekey:FILE ($CREDENTIALS_DIRECTORY/writekey)
    --writekey KEY, which every user of this machine can see
""")


def test_a_missing_config_file(t):
    """-c of a file that is not there, and of one that is wrong."""
    expect_error(t, "-c", "nothing.conf", text="""\
hctail: error: cannot read 'nothing.conf': no such file or directory (from --config)
""")
    t.write("bad.conf", "# a comment\nfiel = app.log\n")
    expect_error(t, "-c", "bad.conf", text="""\
hctail: error: bad.conf:2: unknown key 'fiel'; did you mean 'file'?
  hctail.conf(5) lists the keys.
""")


def test_a_file_that_auto_does_not_recognise(t):
    """--parser auto says what there is."""
    t.write("app.log", "127.0.0.1 - - [05/Mar/2024:06:07:08 +0000] GET /\n" * 5)
    hctail = t.run("--backfill", "-f", "app.log", api=True, code=2)
    expect_equal(hctail.messages, """\
hctail: sending to HOST, team t, environment e
hctail: error: cannot tell the format of 'app.log' from its first lines
  It begins: '127.0.0.1 - - [05/Mar/2024:06:07:08 +0000] GET /'
  Name it with --parser (see 'hctail --list-parsers'), describe it with --parser regex
  --regex.line-regex REGEX, or send its lines whole with --on-unparsed raw.
""", "stderr")


main()
