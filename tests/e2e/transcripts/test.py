# SPDX-License-Identifier: Apache-2.0
"""A provisioning run of 25 PowerShell transcripts in daily folders, seen as one trace."""
import collections
import datetime
import itertools
import json
import random
import re
import threading
import time

from harness import expect, expect_equal, main, wait_until

S = "*" * 22
HOST = "WEB01"
DOCUMENTS = 25
BEGIN = datetime.datetime(2026, 3, 3, 8, 0, 0)  # on the clock of the Windows host
STEP = datetime.timedelta(seconds=90)           # from the first line of a document to its last
TRANSCRIPTS = ["-f", "transcripts/**/*.txt", "--parser", "transcript", "--dataset", "powershell"]


def digits(when):
    return when.strftime("%Y%m%d%H%M%S")


def idle_after(number):
    """How long nobody did anything after that document."""
    return datetime.timedelta(seconds=30 + 20 * (number % 7))


class Document:
    """One transcript of the run, and what should be found in it."""

    def __init__(self, number, start):
        self.number, self.start = number, start
        self.end = start + STEP
        day, stamp = start.strftime("%Y%m%d"), digits(start)
        self.name = f"transcripts/{day}/PowerShell_transcript.{HOST}.r{number:07d}.{stamp}.txt"
        self.commands = self.errors = 0
        self.shape = ["invocations", "utf16", "no_footer", "v7_errors", "nested"][number % 5]
        lines = self.session(start)
        self.sessions = 1
        if number == DOCUMENTS - 1:  # Start-Transcript -Append, later on the same day
            later = start + datetime.timedelta(hours=1)
            self.end = later + STEP
            lines += self.session(later, process=90_000)
            self.sessions = 2
        if self.shape in ("utf16", "nested"):
            self.bytes = "\ufeff".encode("utf-16-le") + "".join(
                line + "\r\n" for line in lines).encode("utf-16-le")
        elif self.shape == "v7_errors":
            self.bytes = "".join(line + "\n" for line in lines).encode()
        else:
            self.bytes = ("\ufeff" + "".join(line + "\r\n" for line in lines)).encode()

    def session(self, start, process=None):
        self.process = process or 4000 + self.number
        lines = self.header(start)
        lines += getattr(self, self.shape)(start)
        if self.shape != "no_footer":
            lines += [S, self.title("end"), f"End time: {digits(start + STEP)}", S]
        return lines

    def title(self, what):
        windows = "" if self.shape == "v7_errors" else "Windows "
        return f"{windows}PowerShell transcript {what}"

    def header(self, start):
        version = "7.4.1" if self.shape == "v7_errors" else "5.1.20348.1"
        return [S, self.title("start"), f"Start time: {digits(start)}", "Username: LAB\\ann",
                "RunAs User: LAB\\ann", "Configuration Name: ",
                f"Machine: {HOST} (Microsoft Windows NT 10.0.20348.0)",
                f"Host Application: powershell.exe -File C:\\steps\\{self.number:02d}.ps1",
                f"Process ID: {self.process}", f"PSVersion: {version}", S]

    def command(self, text, *output, at=None):
        self.commands += 1
        head = [S, f"Command start time: {digits(at)}", S] if at else []
        return [*head, f"PS C:\\steps> {text}", *output]

    def invocations(self, start):
        seconds = datetime.timedelta(seconds=1)
        return (self.command("Install-WindowsFeature Web-Server", "", "Success", at=start + 5 * seconds)
                + self.command("New-Website -Name shop -Password geheim", "shop",
                               at=start + 40 * seconds))

    def utf16(self, _start):
        return (self.command("Get-ChildItem C:\\Größe", "", "größe.txt")
                + self.command("$settings = @{\n  Port = 80\n}".replace("\n", "\r\n"))
                + self.command("Set-Content größe.txt done"))

    def no_footer(self, start):
        return self.invocations(start) + self.command(
            "Restart-Computer", at=start + datetime.timedelta(seconds=80))

    def v7_errors(self, _start):
        error = ["Get-Item: ", "Line |", "   1 |  Get-Item C:\\none", "     |  ~~~~~~~~~~~~~~~~",
                 "     | Cannot find path 'C:\\none' because it does not exist.", ""]
        self.errors += 1
        return self.command("Get-Item C:\\none", *error, *error) + self.command("Get-Date", "now")

    def nested(self, start):
        at = start + datetime.timedelta(seconds=10)
        error = ["cmd : Access is denied.", "At line:1 char:1", "+ cmd /c net start w3svc",
                 "+ ~~~~~~~~~~~~~~~~~~~~~~~~", "    + CategoryInfo          : NotSpecified: "
                 "(Access is denied.:String) [], RemoteException",
                 "    + FullyQualifiedErrorId : NativeCommandError", " "]
        self.errors += 1
        # To show the error takes a runspace of its own, which writes a header into the same file.
        return (self.command("cmd /c net start w3svc", at=at)
                + self.header(at) + error * 2
                + self.command("Get-Service w3svc", "Stopped", at=at + STEP / 3))


def make_run():
    documents, start = [], BEGIN
    for number in range(DOCUMENTS):
        documents.append(Document(number, start))
        start = documents[-1].end + idle_after(number)
    return documents


def named(events, name):
    return [event for event in events if event.data["name"] == name]


def is_command(event):
    return "powershell.index" in event.data


def ids(events):
    """What names each session and command, wherever and whenever it is read."""
    return collections.Counter(
        (event.data["trace.trace_id"], event.data.get("trace.span_id"),
         event.data.get("powershell.command.id"), event.data["name"])
        for event in events if is_command(event) or event.data["name"] == "powershell session")


def seconds_of(event):
    return datetime.datetime.fromisoformat(event.time.replace("Z", "+00:00")).timestamp()


def expect_run(events, documents):
    sessions, commands = named(events, "powershell session"), list(filter(is_command, events))
    expect_equal(len(sessions), sum(d.sessions for d in documents), "sessions")
    expect_equal(len(commands), sum(d.commands for d in documents), "commands")
    expect_equal(len(named(events, "powershell error")), sum(d.errors for d in documents), "errors")
    for what in (sessions, commands):
        key = "trace.span_id" if what is sessions else "powershell.command.id"
        expect_equal(len({event.data[key] for event in what}), len(what), f"ids of {key}")
    of_file = collections.Counter(event.data["powershell.transcript.path"].rsplit("/", 1)[1]
                                  for event in commands)
    expect_equal(of_file, {d.name.rsplit("/", 1)[1]: d.commands for d in documents}, "per file")


def test_the_run_is_one_trace_in_which_idle_time_shows(t):
    """A backfill of the folders sends every session as a span of one trace, in its place."""
    documents = make_run()
    for document in documents:
        t.write(document.name, document.bytes)
    t.run("--backfill", *TRANSCRIPTS, "--transcript.trace", "day", "--timezone", "Europe/Berlin")
    events = t.api.accepted[:]
    expect_run(events, documents)
    expect_equal(len({event.data["trace.trace_id"] for event in events}), 1, "traces")
    sessions = sorted(named(events, "powershell session"), key=seconds_of)
    parents = {event.data["trace.parent_id"] for event in sessions}
    expect_equal(len(parents), 1, "parents of the sessions")
    expect_equal(sessions[0].time, "2026-03-03T07:00:00Z", "the first step, in winter in Berlin")
    for document, session, after in zip(documents[:-1], sessions, sessions[1:]):
        if document.shape == "no_footer":
            continue
        end = seconds_of(session) + session.data["duration_ms"] / 1000
        expect_equal(seconds_of(after) - end, idle_after(document.number).total_seconds(),
                     f"idle time after {document.name}")
    open_ended = [s for s in sessions if not s.data["powershell.session.complete"]]
    expect_equal(len(open_ended), sum(d.shape == "no_footer" for d in documents), "without footer")
    expect(not any("geheim" in json.dumps(event.data) for event in events), "a password was sent")
    expect_equal(t.dead_letters(), [])


def test_reading_it_again_sends_the_same_events(t):
    """Ids are hashes of what they name: a second backfill is the first one again."""
    documents = make_run()
    for document in documents:
        t.write(document.name, document.bytes)
    runs = []
    for _ in range(2):
        t.api.accepted.clear()
        t.run("--backfill", *TRANSCRIPTS)
        expect_run(t.api.accepted, documents)
        runs.append(sorted(json.dumps([event.time, event.data], sort_keys=True)
                           for event in t.api.accepted))
    expect_equal(runs[0], runs[1])
    traces = {event.data["trace.trace_id"] for event in named(t.api.accepted, "powershell session")}
    expect_equal(len(traces), sum(d.sessions for d in documents), "a trace each")


def test_the_run_joins_the_trace_of_who_started_it(t):
    """All sessions are children of the span that --transcript.traceparent names."""
    documents = make_run()
    for document in documents:
        t.write(document.name, document.bytes)
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    t.run("--backfill", *TRANSCRIPTS, "--transcript.traceparent", f"00-{trace}-{span}-01")
    expect_run(t.api.accepted, documents)
    expect_equal({event.data["trace.trace_id"] for event in t.api.accepted}, {trace})
    expect_equal({event.data["trace.parent_id"]
                  for event in named(t.api.accepted, "powershell session")}, {span})


def test_times_are_those_of_this_machines_zone(t):
    """Without --timezone the zone is the machine's, and each session says which it was."""
    t.write("a.txt", make_run()[0].bytes)
    for variable, option, zone, hour in [("America/New_York", None, "America/New_York", "13"),
                                         (":Asia/Tokyo", None, "Asia/Tokyo", "23"),
                                         ("America/New_York", "UTC", "UTC", "08")]:
        t.api.accepted.clear()
        t.run("--backfill", "-f", "a.txt", *TRANSCRIPTS[2:],
              *(["--timezone", option] if option else []), env={"TZ": variable})
        [session] = named(t.api.accepted, "powershell session")
        day = "02" if zone == "Asia/Tokyo" else "03"
        expect_equal(session.time, f"2026-03-{day}T{hour}:00:00Z", zone)
        expect_equal(session.data["powershell.timezone"], zone)
        expect_equal(session.data["powershell.time_source"], "session_start")


def test_a_zone_that_is_none_is_an_error(t):
    """Times an hour off would go unseen, so a name that is unknown stops hctail."""
    t.write("a.txt", make_run()[0].bytes)
    hctail = t.run("--backfill", "-f", "a.txt", *TRANSCRIPTS[2:], env={"TZ": "Mars/Olympus"},
                   code=2)
    expect("unknown time zone 'Mars/Olympus' (from $TZ)" in hctail.err, hctail.err)


def wait_until_quiet(t):
    """Until nothing has been sent for a while: then everything that was is settled, too."""
    count, since = -1, time.monotonic()

    def quiet():
        nonlocal count, since
        if len(t.api.accepted) != count:
            count, since = len(t.api.accepted), time.monotonic()
        return time.monotonic() - since > 0.5
    wait_until(quiet, "it goes on sending")


def follow_to_the_end(t, *arguments):
    """Follows the files and stops once all of what they hold was read, however slow the machine."""
    for _ in range(10):
        hctail = t.start(*arguments)
        hctail.wait_until_up()
        wait_until_quiet(t)
        hctail.stop()
        if re.search(r"^  total: .* 0 behind$", hctail.err, re.M):
            return
    raise AssertionError("there is always something left to read")


def test_killed_in_the_middle_of_every_session(t):
    """What was settled before a kill -9 is not sent again: one root a session, one of each command."""
    documents = make_run()
    halves = [[(d, d.bytes[:cut]), (d, d.bytes[cut:])] for d in documents
              for cut in [len(d.bytes) * (d.number % 4 + 6) // 10]]
    for first, _ in halves:
        t.write(first[0].name, first[1])
    hctail = t.start(*TRANSCRIPTS, "--tail.read-from", "beginning")
    wait_until(lambda: len(t.api.accepted) >= 10, "no session was begun")
    wait_until_quiet(t)
    hctail.kill()
    for _, second in halves:
        t.append(second[0].name, second[1])
    for _ in range(2):  # the second time there is nothing new
        follow_to_the_end(t, *TRANSCRIPTS)
        expect_run(t.api.accepted, documents)


class Writer(threading.Thread):
    """Writes the documents as PowerShell does: several at a time, in bursts that end anywhere."""

    def __init__(self, t, documents, dice):
        super().__init__(daemon=True)
        self.t, self.documents, self.dice = t, documents, dice
        self.failed = None

    def run(self):
        try:
            waiting, open_now = list(self.documents), []
            while waiting or open_now:
                while waiting and len(open_now) < 4:
                    document = waiting.pop(0)
                    open_now.append([document.name, document.bytes])
                entry = self.dice.choice(open_now)
                size = self.dice.randrange(1, 200)
                self.t.append(entry[0], entry[1][:size])
                entry[1] = entry[1][size:]
                if not entry[1]:
                    open_now.remove(entry)
                time.sleep(0.005)
        except OSError as error:
            self.failed = error


def test_while_it_is_being_written_and_hctail_is_killed(t):
    """Killed at any moment and started again, each session is sent once, with the same ids."""
    documents = make_run()
    day = documents[0].name.rsplit("/", 1)[0]
    follow = [*TRANSCRIPTS, "--transcript.trace", "day"]
    dice = random.Random(4713)
    t.write(f"{day}/notes.md", "no transcript\n")
    writer = Writer(t, documents, dice)
    writer.start()
    kills = 0
    while writer.is_alive():
        hctail = t.start(*follow, "--tail.read-from", "last" if kills else "beginning")
        before = len(t.api.accepted)
        target = before + dice.randrange(2, 12)
        while hctail.running() and writer.is_alive() and len(t.api.accepted) < target:
            time.sleep(0.001)
        expect(hctail.running(), f"ended before it was killed: {hctail.err}")
        time.sleep(dice.random() * 0.03)
        hctail.kill()
        kills += 1
    expect_equal(writer.failed, None)
    expect(kills >= 5, f"only {kills} kills")
    time.sleep(0.2)  # requests that were under way are still being accounted for
    follow_to_the_end(t, *follow)
    live = t.api.accepted[:]
    commands = {event.data["powershell.command.id"] for event in live if is_command(event)}
    expect_equal(len(commands), sum(d.commands for d in documents), "commands")
    roots = collections.Counter(e.data["trace.span_id"] for e in named(live, "powershell session"))
    expect_equal(len(roots), sum(d.sessions for d in documents), "sessions")
    again = sum(roots.values()) - len(roots)
    print(f"   {kills} kills; {again} of {len(roots)} roots arrived again")
    expect(again <= kills, "a kill may repeat what was under way, no more")

    # Nothing is sent again by a start without anything new, and a late footer makes no second root.
    t.api.accepted.clear()
    late = next(d for d in documents if d.shape == "no_footer")
    t.append(late.name, f"{S}\r\n{late.title('end')}\r\nEnd time: {digits(late.end)}\r\n{S}\r\n")
    follow_to_the_end(t, *follow)
    expect_equal([event.data["name"] for event in t.api.accepted], ["powershell session end"])

    # And a backfill of the same files names everything the same.
    t.api.accepted.clear()
    t.run("--backfill", *TRANSCRIPTS, "--transcript.trace", "day", "--state-dir", "other")
    expect_equal(set(ids(t.api.accepted)), set(ids(live)), "ids")


main()
