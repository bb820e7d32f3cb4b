# SPDX-License-Identifier: Apache-2.0
"""What every end-to-end case stands on: a folder, an Events API server, the real binary.

A case is a test.py whose functions test_*(t) are run in order, each with a Case of its own:

    from harness import main
    def test_it_ships(t):
        '''What a user may rely on, in one sentence.'''
        t.write_lines("app.log", 100)
        t.run("--backfill", "-f", "app.log")
        t.expect_numbers(range(100))
    main()

The binary is $HCTAIL.  Everything runs in a temporary folder, which is also the working directory,
so that paths are relative and messages can be compared as they are.  $HCTAIL_PATIENCE stretches
every deadline (sanitizers are slow).  $HCTAIL_KEEP keeps the folders of failed cases.
"""
import collections
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import events_api

PATIENCE = float(os.environ.get("HCTAIL_PATIENCE", "1"))
KEY = "hcaik_test_0123456789abcdef"  # must never be seen in anything hctail prints
SKIPPED = 77


class Skip(Exception):
    """The test cannot run here; the text says what is missing."""


def need_program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise Skip(f"{name} is not installed")
    return path


def free_port():
    """A loopback port that nobody listens on."""
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=10.0):
    """Polls until `condition()` is true and returns its value; fails with `what` after a while."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds * PATIENCE:g} s in vain: {what}")
        time.sleep(0.005)


def expect_equal(got, wanted, what=""):
    if got == wanted:
        return
    if isinstance(got, str) and isinstance(wanted, str):
        diff = "".join(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True),
                                            "wanted", "got"))
        raise AssertionError(f"{what or 'texts differ'}:\n{diff}\n-- got, whole:\n{got}")
    raise AssertionError(f"{what or 'values differ'}:\n  wanted {wanted!r}\n  got    {got!r}")


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Hctail:
    """A running hctail; its output is collected by threads."""

    def __init__(self, case, argv, env, stdin, stdout):
        self._case = case
        self.argv = argv
        self.process = subprocess.Popen(argv, cwd=case.dir, env=env, stdin=stdin, stdout=stdout,
                                        stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self._pieces = {"out": bytearray(), "err": bytearray()}
        self._threads = []
        for name, pipe in (("out", self.process.stdout), ("err", self.process.stderr)):
            if pipe is not None:
                thread = threading.Thread(target=self._collect, args=(name, pipe), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _collect(self, name, pipe):
        while piece := os.read(pipe.fileno(), 1 << 16):
            self._pieces[name] += piece

    @property
    def out(self):
        return bytes(self._pieces["out"]).decode("utf-8", "replace")

    @property
    def err(self):
        return bytes(self._pieces["err"]).decode("utf-8", "replace")

    @property
    def messages(self):
        """stderr as the case's folder, server and process would not show: placeholders instead."""
        return self._case.placeholders(self.err, self.pid)

    @property
    def events(self):
        """stdout, one JSON event a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def running(self):
        return self.process.poll() is None

    def wait(self, seconds=20):
        """The exit code (negative: the signal that ended it)."""
        try:
            code = self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"hctail did not end within {seconds * PATIENCE:g} s") from None
        for thread in self._threads:
            thread.join(5)
        expect(KEY not in self.err + self.out, "the API key was printed")
        return code

    def wait_for_err(self, text, seconds=10):
        def seen():
            expect(self.running() or text in self.err,
                   f"hctail ended before it said {text!r}")
            return text in self.err
        wait_until(seen, f"stderr has no {text!r}", seconds)

    def wait_until_up(self, seconds=10):
        """Waits until the start-up is over: from then on signals mean an orderly end."""
        def up():
            expect(self.running(), f"hctail ended at its start: {self.err}")
            with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
                blocked = re.search(r"^SigBlk:\s*(\w+)", status.read(), re.M)
            return blocked and int(blocked[1], 16) >> (signal.SIGTERM - 1) & 1
        wait_until(up, "the start-up goes on and on", seconds)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self, code=0, seconds=20):
        """SIGTERM, and the end with `code`."""
        self.signal()
        expect_equal(self.wait(seconds), code, "exit code after SIGTERM")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Case:
    def __init__(self, name):
        self.name = name
        self.dir = tempfile.mkdtemp(prefix="hctail-e2e-")
        self.api = events_api.EventsApi(key=KEY).start()
        self.started = []
        self._at_end = []
        self.env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.path("home"),
                    "TMPDIR": self.dir, "LANG": "C.UTF-8", "TZ": "UTC",
                    "STATE_DIRECTORY": self.path("state"), "HONEYCOMB_API_KEY": KEY,
                    "RES_OPTIONS": "timeout:1 attempts:1",
                    # Whatever goes wrong, no test talks to the real API.
                    "https_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1,localhost"}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.env[name] = value

    # Files -----------------------------------------------------------------------------------
    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode="w"):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        data = text.encode() if isinstance(text, str) else text
        with open(self.path(name), mode + "b") as file:
            file.write(data)
        return self.path(name)

    def append(self, name, text):
        return self.write(name, text, "a")

    def write_lines(self, name, numbers, mode="w", **fields):
        """JSON lines with a field n for each of `numbers` (or of range(numbers))."""
        numbers = range(numbers) if isinstance(numbers, int) else numbers
        more = "".join(f',"{key}":{json.dumps(value)}' for key, value in fields.items())
        return self.write(name, "".join(
            f'{{"time":"2024-03-05T06:07:08Z","n":{n},"msg":"line {n}"{more}}}\n'
            for n in numbers), mode)

    def append_lines(self, name, numbers, **fields):
        return self.write_lines(name, numbers, "a", **fields)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def dead_letters(self, name="state/dead-letter.jsonl"):
        if not os.path.exists(self.path(name)):
            return []
        return [json.loads(line) for line in self.read(name).splitlines()]

    # Programs --------------------------------------------------------------------------------
    def start(self, *args, api=True, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
              wrap=()):
        """Starts hctail; `api` adds --api-host of the server, `env` adds (None: removes) variables,
        `wrap` is put before the command line."""
        argv = [*wrap, os.environ["HCTAIL"], *map(str, args)]
        if api:
            argv += ["--api-host", self.api.url]
        merged = {**self.env, **(env or {})}
        merged = {name: value for name, value in merged.items() if value is not None}
        hctail = Hctail(self, argv, merged, stdin, stdout)
        self.started.append(hctail)
        return hctail

    def run(self, *args, code=0, seconds=20, input=None, **more):
        """Runs hctail to its end, which must be `code`."""
        if input is None:
            hctail = self.start(*args, **more)
        else:
            hctail = self.start(*args, stdin=subprocess.PIPE, **more)
            try:
                hctail.process.stdin.write(input.encode() if isinstance(input, str) else input)
                hctail.process.stdin.close()
            except BrokenPipeError:
                pass
        expect_equal(hctail.wait(seconds), code, "exit code")
        return hctail

    def run_program(self, *argv, **more):
        """Another program, in the case's folder; must succeed; returns its stdout."""
        done = subprocess.run(argv, cwd=self.dir, capture_output=True, text=True, check=False,
                              timeout=60, **more)
        expect(done.returncode == 0, f"{argv[0]} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def background(self, *argv, port, **more):
        """A daemon of this case in the foreground; returns once `port` is listened on."""
        log = open(self.path("daemon.log"), "ab")
        process = subprocess.Popen(argv, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, **more)
        log.close()

        def end():
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.at_end(end)

        def listening():
            import socket
            expect(process.poll() is None, f"{argv[0]} ended: {self.read('daemon.log')}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(listening, f"{argv[0]} does not listen on port {port}")
        return process

    def at_end(self, action):
        self._at_end.append(action)

    # Expectations ----------------------------------------------------------------------------
    def placeholders(self, text, pid=None):
        """Replaces what differs from run to run: the folder, ports, the pid."""
        text = text.replace(os.path.realpath(self.dir), "DIR").replace(self.dir, "DIR")
        text = text.replace(self.api.host, "HOST")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        if pid is not None:
            text = re.sub(rf"\b{pid}\b", "PID", text)
        return text

    def numbers(self, dataset=None):
        return self.api.values("n", dataset)

    def wait_for_numbers(self, numbers, seconds=10, dataset=None):
        """Waits until each of `numbers` was accepted at least once."""
        wanted = set(numbers)
        wait_until(lambda: wanted <= set(self.numbers(dataset)),
                   f"not every one of {len(wanted)} events arrived", seconds)

    def expect_numbers(self, numbers, dataset=None):
        """Each of `numbers` was accepted exactly once, and nothing else."""
        counts = collections.Counter(self.numbers(dataset))
        wanted = collections.Counter(numbers)
        if counts != wanted:
            raise AssertionError(
                f"accepted {sum(counts.values())} events, wanted {sum(wanted.values())}; "
                f"missing {sorted((wanted - counts).elements())[:10]}, "
                f"too many {sorted((counts - wanted).elements(), key=str)[:10]}")

    def expect_at_least_once(self, numbers):
        counts = collections.Counter(self.numbers())
        wanted = set(numbers)
        expect(wanted <= counts.keys(), f"lost: {sorted(wanted - counts.keys())[:10]}")
        expect(counts.keys() <= wanted, f"never written: {sorted(counts.keys() - wanted)[:10]}")
        return sum(counts.values()) - len(wanted)  # how many arrived again

    # End -------------------------------------------------------------------------------------
    def finish(self, failed):
        for hctail in self.started:
            if hctail.running():
                hctail.kill()
        for action in reversed(self._at_end):
            action()
        self.api.stop()
        if failed and os.environ.get("HCTAIL_KEEP"):
            print(f"   kept {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def report(self):
        for hctail in self.started[-3:]:
            print(f"-- {' '.join(hctail.argv)}\n-- exit {hctail.process.poll()}, stderr:")
            print(hctail.err[-4000:])
            if hctail.out:
                print(f"-- stdout ({len(hctail.out)} characters):\n{hctail.out[:1000]}")
        print(f"-- server: {len(self.api.requests)} requests, {len(self.api.accepted)} events, "
              f"violations {self.api.violations[:5]}")
        for r in self.api.requests[-15:]:
            print(f"   #{r.number} {r.dataset}: {r.events} events, {r.unpacked} bytes, "
                  f"answered {r.status}, accepted {r.accepted}")


def run_test(name, function):
    """True: passed; False: failed; None: skipped."""
    case = Case(name)
    failed = True
    began = time.monotonic()
    try:
        function(case)
        if not getattr(function, "violations_allowed", False):
            expect_equal(case.api.violations, [], "hctail broke the protocol")
        failed = False
    except Skip as skip:
        print(f"SKIPPED {name}: {skip}")
        failed = False
        return None
    except Exception:
        print(f"FAILED {name}: {function.__doc__}")
        traceback.print_exc(file=sys.stdout)
        case.report()
        return False
    finally:
        case.finish(failed)
    print(f"ok {name} ({time.monotonic() - began:.1f} s)")
    return True


def violations_allowed(function):
    """For a test that makes hctail break the protocol on purpose (a wrong key)."""
    function.violations_allowed = True
    return function


def main():
    """Runs the test_* functions of the calling script (those named as arguments, or all)."""
    module = sys.modules["__main__"]
    tests = {name: value for name, value in vars(module).items()
             if name.startswith("test_") and callable(value)}
    chosen = sys.argv[1:] or list(tests)
    sys.stdout.reconfigure(line_buffering=True)
    results = [run_test(name, tests[name]) for name in chosen]
    if False in results:
        sys.exit(1)
    if None in results and True not in results:
        sys.exit(SKIPPED)
