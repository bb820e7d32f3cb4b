# SPDX-License-Identifier: Apache-2.0
"""The README's commands do what it says: each ```sh block marked <!-- test --> is run."""
import os
import pathlib
import re
import subprocess

from harness import KEY, expect, expect_equal, main

TOP = pathlib.Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"<!-- test: (.*?) -->\n```sh\n(.*?)```", re.S)


def blocks():
    return BLOCK.findall((TOP / "README.md").read_text())


def run_block(t, script, **env):
    """In a copy of what the commands need; packaging/quickstart.sh is the binary under test."""
    quickstart = t.write("packaging/quickstart.sh", f'#!/bin/sh\nexec "{os.environ["HCTAIL"]}" "$@"\n')
    os.chmod(quickstart, 0o755)
    t.write("bin/hctail", t.read("packaging/quickstart.sh"))
    os.chmod(t.path("bin/hctail"), 0o755)
    if not os.path.exists(t.path("testdata")):
        os.symlink(TOP / "testdata", t.path("testdata"))
    environment = {**t.env, "PATH": t.path("bin") + ":" + t.env["PATH"], **env}
    return subprocess.run(["sh", "-euc", script], cwd=t.dir, env=environment, check=False,
                          capture_output=True, text=True, timeout=30)


def test_every_marked_block_runs(t):
    """Without a key where it prints, with one where it ships."""
    found = blocks()
    expect(len(found) >= 3, f"only {len(found)} marked blocks in README.md")
    for what, script in found:
        expect(what in ("prints", "ships"), f"unknown mark '{what}'")
        if what == "prints":
            t.env.pop("HONEYCOMB_API_KEY", None)
            done = run_block(t, script)
        else:
            t.write_lines("app.log", 10)
            t.write_lines("old/app.log", 10)
            t.write("key", KEY)
            script = script.replace("https://api.honeycomb.io", t.api.url)
            t.write("hctail.conf", f"api-host = {t.api.url}\n")
            before = len(t.api.accepted)
            done = run_block(t, script, HONEYCOMB_API_KEY=KEY)
            expect(len(t.api.accepted) > before, f"nothing was sent by:\n{script}\n{done.stderr}")
        expect_equal(done.returncode, 0, f"exit code of:\n{script}\n{done.stderr}")
        if what == "prints":
            expect(done.stdout.startswith("{"), f"no events from:\n{script}\n{done.stdout}")


main()
