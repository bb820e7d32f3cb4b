# SPDX-License-Identifier: Apache-2.0
"""An Events API to test against: strict about what it is sent, obedient in how it misbehaves.

It accepts POST /1/batch/{dataset} and GET /1/auth on loopback, unpacks and validates every body,
and remembers what it accounted for, in order, with the time of arrival.  How it answers is
scripted: a behaviour is a function that is given a Call and answers it, or does not.

    api = EventsApi(key="KEY").start()
    api.script(status(429, retry_after="1"), times=2)     # the next two batches; then api.default
    api.default = per_event(lambda event: 400 if "bad" in event.data else 202)
    ...
    assert not api.violations

As a program (`events_api.py --port 0`) it prints its URL and is scripted over HTTP:
POST /control/script with {"do": "status", "code": 429, "times": 2}, POST /control/default,
POST /control/auth, GET /control/summary, GET /control/accepted, POST /control/reset.
It ends after --lifetime seconds, and at once when its parent does.
"""
import argparse
import ctypes
import io
import itertools
import json
import os
import random
import re
import signal
import socket
import struct
import sys
import threading
import time
import urllib.parse
import zlib
from collections import deque
from dataclasses import dataclass

import zstandard

RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")
REASONS = {100: "Continue", 200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 413: "Payload Too Large", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
EVENT_KEYS = {"data", "time", "samplerate"}


@dataclass
class Event:
    """One event as it was sent."""
    data: dict
    time: str | None
    samplerate: int
    dataset: str
    arrived: float = 0.0  # time.monotonic()
    request: int = 0      # number of the request that it was accepted from


@dataclass
class Request:
    """One request to /1/batch, whether it was answered or not."""
    number: int
    dataset: str
    headers: dict
    at: float
    packed: int = 0
    unpacked: int = 0
    events: int = 0
    accepted: int = 0
    status: int | None = None  # None: never answered in full
    text: str | None = None    # the body, if api.keep_bodies


class Violation(Exception):
    """The client broke the protocol; answered with `status` and remembered."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


@dataclass
class Call:
    """A request to be answered by a behaviour."""
    api: "EventsApi"
    connection: "Connection"
    request: Request
    events: list

    def account(self, events):
        self.api.account(self.request, events)

    def reply(self, code, body=b"", headers=()):
        self.request.status = code
        self.connection.send(code, body, headers)

    def reply_statuses(self, statuses):
        """200 with one status an event; those with 2xx are accounted for."""
        answers, good = [], []
        for event, answer in zip(self.events, statuses):
            code, error = answer if isinstance(answer, tuple) else (answer, None)
            if 200 <= code < 300:
                good.append(event)
            answers.append({"status": code} if error is None else {"status": code, "error": error})
        self.account(good)
        self.reply(200, json.dumps(answers).encode())


# --- behaviours: each returns a function of a Call -------------------------------------------

def ok():
    return lambda call: call.reply_statuses([202] * len(call.events))


def status(code, retry_after=None, rate_limit=None, body=None):
    """The whole batch is answered with `code`; nothing is accounted for."""
    headers = []
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    if rate_limit is not None:
        headers.append(("RateLimit", rate_limit))
    text = body if body is not None else json.dumps({"error": f"scripted {code}"})
    return lambda call: call.reply(code, text.encode(), headers)


def per_event(rule=None, statuses=None):
    """`rule` gives each event a status or (status, error); `statuses` are dealt out in turn."""
    dealt = itertools.cycle(statuses) if statuses else None

    def act(call):
        call.reply_statuses([next(dealt) if dealt else rule(event) for event in call.events])
    return act


def too_large(max_events=None, max_bytes=None):
    """413 for a batch above the limit, else as usual."""
    def act(call):
        over = ((max_events is not None and len(call.events) > max_events) or
                (max_bytes is not None and call.request.unpacked > max_bytes))
        if over:
            call.reply(413, b'{"error":"request body is too large"}')
        else:
            call.reply_statuses([202] * len(call.events))
    return act


def poison(marker):
    """400 for the whole of any batch that holds an event with the field `marker`."""
    def act(call):
        if any(marker in event.data for event in call.events):
            call.reply(400, b'{"error":"request body is malformed and cannot be read"}')
        else:
            call.reply_statuses([202] * len(call.events))
    return act


def garbage(account=False):
    """200 with a body that is not what the API would say."""
    def act(call):
        if account:
            call.account(call.events)
        call.reply(200, b"<html>It works!</html>")
    return act


def half_body(account=True):
    """A 200 that promises more bytes than come."""
    def act(call):
        if account:
            call.account(call.events)
        body = json.dumps([{"status": 202}] * len(call.events)).encode()
        call.connection.send_raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 b"Content-Length: %d\r\n\r\n" % len(body) + body[:len(body) // 2])
        call.connection.close()
    return act


def silence(seconds=3600):
    """Never answers (closes after `seconds`)."""
    def act(call):
        call.api.stopping.wait(seconds)
        call.connection.close()
    return act


def cut(account=False):
    """Resets the connection before, or after, the events were accounted for."""
    def act(call):
        if account:
            call.account(call.events)
        call.connection.reset()
    return act


def slow(seconds, then=None):
    def act(call):
        call.api.stopping.wait(seconds)
        (then or ok())(call)
    return act


def flaky(probability, seed, failures=None, then=None):
    """Fails with `probability`, each time in one of the ways of `failures`."""
    dice = random.Random(seed)
    lock = threading.Lock()
    ways = failures or [status(500), status(429), status(503), garbage(), cut()]

    def act(call):
        with lock:
            way = dice.choice(ways) if dice.random() < probability else None
        (way or then or ok())(call)
    return act


BUILDERS = {f.__name__: f for f in
            (ok, status, per_event, too_large, poison, garbage, half_body, silence, cut, slow, flaky)}


def from_json(spec):
    """{"do": "slow", "seconds": 1, "then": {"do": "ok"}} -> a behaviour."""
    spec = dict(spec)
    name = spec.pop("do")
    for key, value in spec.items():
        if isinstance(value, dict) and "do" in value:
            spec[key] = from_json(value)
        elif key == "failures":
            spec[key] = [from_json(way) for way in value]
    return BUILDERS[name](**spec)


# --- the server ------------------------------------------------------------------------------

class EventsApi:
    def __init__(self, key="KEY", prefix="", max_body=5_000_000, max_event=1_000_000,
                 max_fields=2000):
        self.key, self.prefix = key, prefix
        self.max_body, self.max_event, self.max_fields = max_body, max_event, max_fields
        self.keep_bodies = False
        self.take_events = None  # a function that is given accepted events, which are then not kept
        self.default = ok()
        self.auth_default = 200  # an HTTP status, or a function of a Connection
        self.accepted = []    # Events, in the order they were accounted for
        self.requests = []    # Requests to /1/batch
        self.auth_requests = []
        self.violations = []  # texts; a test that expects none asserts that
        self.stopping = threading.Event()
        self._lock = threading.RLock()
        self._script, self._auth_script = deque(), deque()
        self._connections = set()
        self.connections_made = 0
        self._listener, self.port = None, None

    # Life ------------------------------------------------------------------------------------
    def start(self, port=0):
        self.port = port
        self.up()
        return self

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.host}{self.prefix}"

    def up(self):
        """Listens (again, on the same port)."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(256)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def down(self):
        """Refuses new connections and resets those that are open."""
        listener, self._listener = self._listener, None
        if listener:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.reset()

    def stop(self):
        self.stopping.set()
        self.down()

    def _accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            connection = Connection(self, peer)
            with self._lock:
                self._connections.add(connection)
                self.connections_made += 1
            threading.Thread(target=connection.serve, daemon=True).start()

    def forget(self, connection):
        with self._lock:
            self._connections.discard(connection)

    # Scripts ---------------------------------------------------------------------------------
    def script(self, behaviour, times=1):
        """The next `times` batches get this; may be called again to queue more."""
        with self._lock:
            self._script.extend([behaviour] * times)

    def script_auth(self, answer, times=1):
        with self._lock:
            self._auth_script.extend([answer] * times)

    def _next_behaviour(self):
        with self._lock:
            return self._script.popleft() if self._script else self.default

    # Questions -------------------------------------------------------------------------------
    def values(self, name, dataset=None):
        """The field `name` of every accepted event, in order."""
        with self._lock:
            return [e.data.get(name) for e in self.accepted if dataset in (None, e.dataset)]

    def datasets(self):
        with self._lock:
            return sorted({e.dataset for e in self.accepted})

    # Requests --------------------------------------------------------------------------------
    def account(self, request, events):
        now = time.monotonic()
        if self.take_events is not None:
            self.take_events(events)
            with self._lock:
                request.accepted += len(events)
            return
        with self._lock:
            for event in events:
                event.arrived, event.request = now, request.number
            self.accepted.extend(events)
            request.accepted += len(events)

    def handle(self, connection, method, path, headers, body):
        try:
            if path.startswith("/control/"):
                self._control(connection, method, path[len("/control/"):], body)
                return
            if not path.startswith(self.prefix):
                raise Violation(404, f"path {path} lacks the prefix {self.prefix}")
            path = path[len(self.prefix):]
            if (method, path) == ("GET", "/1/auth"):
                self._auth(connection, headers)
            elif method == "POST" and path.startswith("/1/batch/"):
                self._batch(connection, path[len("/1/batch/"):], headers, body)
            else:
                raise Violation(404, f"unexpected {method} {path}")
        except Violation as violation:
            with self._lock:
                self.violations.append(f"{method} {path}: {violation}")
            connection.send(violation.status, json.dumps({"error": str(violation)}).encode())

    def _check_agent(self, headers):
        agent = headers.get("user-agent", "")
        if not agent.startswith("hctail/"):
            raise Violation(400, f"User-Agent is {agent!r}")

    def _auth(self, connection, headers):
        with self._lock:
            self.auth_requests.append(dict(headers))
            answer = self._auth_script.popleft() if self._auth_script else self.auth_default
        self._check_agent(headers)
        if callable(answer):
            answer(connection)
        elif headers.get("x-honeycomb-team") != self.key:
            connection.send(401, b'{"error":"unknown API key - check your credentials"}')
        elif answer == 200:
            connection.send(200, b'{"team":{"slug":"t"},"environment":{"slug":"e"}}')
        else:
            connection.send(answer, json.dumps({"error": f"scripted {answer}"}).encode())

    def _batch(self, connection, encoded_dataset, headers, body):
        dataset = urllib.parse.unquote(encoded_dataset, errors="strict")
        request = Request(0, dataset, dict(headers), time.monotonic(), packed=len(body))
        with self._lock:
            self.requests.append(request)
            request.number = len(self.requests)
        try:
            if "/" in encoded_dataset or not encoded_dataset or " " in encoded_dataset:
                raise Violation(404, f"dataset {encoded_dataset!r} is not one path segment")
            if headers.get("content-type", "").split(";")[0] != "application/json":
                raise Violation(400, f"Content-Type is {headers.get('content-type')!r}")
            self._check_agent(headers)
            if headers.get("x-honeycomb-team") != self.key:
                raise Violation(401, "unknown API key - check your credentials")
            text = self._unpack(headers.get("content-encoding", ""), body)
            request.unpacked = len(text)
            if len(text) > self.max_body:
                raise Violation(413, f"body of {len(text)} bytes")
            events = self._parse(text, dataset)
        except Violation as violation:
            request.status = violation.status
            raise
        request.events = len(events)
        if self.keep_bodies:
            request.text = text.decode()
        self._next_behaviour()(Call(self, connection, request, events))

    def _unpack(self, encoding, body):
        try:
            if encoding == "zstd":
                reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body),
                                                                    read_across_frames=True)
                text = reader.read(self.max_body + 1)
                while len(text) <= self.max_body and (more := reader.read(1 << 20)):
                    text += more
                return text
            if encoding == "gzip":
                unpacker = zlib.decompressobj(wbits=31)
                text = unpacker.decompress(body, self.max_body + 1)
                if not unpacker.eof and len(text) <= self.max_body:
                    raise Violation(400, "the gzip body is cut short")
                return text
        except (zstandard.ZstdError, zlib.error) as error:
            raise Violation(400, f"cannot unpack the {encoding} body: {error}") from error
        if encoding not in ("", "identity"):
            raise Violation(400, f"Content-Encoding is {encoding!r}")
        return body

    def _parse(self, text, dataset):
        def refuse(constant):
            raise ValueError(f"{constant} is not JSON")
        try:
            items = json.loads(text.decode("utf-8"), parse_constant=refuse)
        except ValueError as error:
            raise Violation(400, f"the body is not JSON: {error}") from error
        if not isinstance(items, list) or not items:
            raise Violation(400, "the body is not an array of events")
        if len(text) > self.max_event:
            self._check_sizes(text.decode("utf-8"), items)
        return [self._event(item, dataset) for item in items]

    def _event(self, item, dataset):
        if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
            raise Violation(400, f"not an event: {str(item)[:200]}")
        if not item.keys() <= EVENT_KEYS:
            raise Violation(400, f"unknown keys beside data: {sorted(item.keys() - EVENT_KEYS)}")
        if not item["data"]:
            raise Violation(400, "an event without fields")
        if len(item["data"]) > self.max_fields:
            raise Violation(400, f"an event of {len(item['data'])} fields")
        at = item.get("time")
        if at is not None and not (isinstance(at, str) and RFC3339.match(at)):
            raise Violation(400, f"time is {at!r}")
        rate = item.get("samplerate", 1)
        if not isinstance(rate, int) or isinstance(rate, bool) or rate < 1:
            raise Violation(400, f"samplerate is {rate!r}")
        return Event(item["data"], at, rate, dataset)

    def _check_sizes(self, text, items):
        decoder, at = json.JSONDecoder(), text.index("[") + 1
        for _ in items:
            while text[at] in ", \t\r\n":
                at += 1
            end = decoder.raw_decode(text, at)[1]
            size = len(text[at:end].encode())
            if size > self.max_event:
                raise Violation(400, f"an event of {size} bytes")
            at = end

    # Control over HTTP -----------------------------------------------------------------------
    def _control(self, connection, method, what, body):
        answer = {}
        spec = json.loads(body) if body else {}
        if (method, what) == ("POST", "script"):
            times = spec.pop("times", 1)
            self.script(from_json(spec), times)
        elif (method, what) == ("POST", "default"):
            self.default = from_json(spec)
        elif (method, what) == ("POST", "auth"):
            self.script_auth(spec["code"], spec.get("times", 1))
        elif (method, what) == ("POST", "reset"):
            with self._lock:
                for memory in (self.accepted, self.requests, self.auth_requests, self.violations,
                               self._script, self._auth_script):
                    memory.clear()
                self.default = ok()
        elif (method, what) == ("GET", "summary"):
            with self._lock:
                answer = {"accepted": len(self.accepted), "requests": len(self.requests),
                          "auth_requests": len(self.auth_requests), "violations": self.violations,
                          "connections": self.connections_made}
        elif (method, what) == ("GET", "accepted"):
            with self._lock:
                answer = [{"dataset": e.dataset, "time": e.time, "samplerate": e.samplerate,
                           "data": e.data, "arrived": e.arrived, "request": e.request}
                          for e in self.accepted]
        else:
            connection.send(404, b"{}")
            return
        connection.send(200, json.dumps(answer).encode())


class Connection:
    """One client connection, on a thread of its own."""

    def __init__(self, api, peer):
        self._api, self._socket = api, peer
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = peer.makefile("rb", 1 << 16)
        self._closed = False
        self._thread = None

    def serve(self):
        self._thread = threading.current_thread()
        try:
            while not self._closed:
                line = self._reader.readline(65537)
                if not line.strip():
                    break
                if not line.rstrip().endswith((b"HTTP/1.1", b"HTTP/1.0")):
                    self.send(400)
                    break
                method, target, _ = line.decode("latin-1").split(" ", 2)
                headers = self._read_headers()
                if headers.get("expect", "").lower() == "100-continue":
                    self.send_raw(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = self._read_body(headers)
                self._api.handle(self, method, target, headers, body)
                if headers.get("connection", "").lower() == "close":
                    break
        except (OSError, ValueError, EOFError):
            pass  # the client went away, or was sent away
        finally:
            self._release()
            self._api.forget(self)

    def _read_headers(self):
        headers = {}
        while (line := self._reader.readline(65537)) not in (b"\r\n", b"\n"):
            if not line:
                raise EOFError
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def _read_body(self, headers):
        if headers.get("transfer-encoding", "").lower() == "chunked":
            pieces = []
            while size := int(self._reader.readline().split(b";")[0], 16):
                pieces.append(self._read_exactly(size))
                self._reader.readline()
            self._reader.readline()
            return b"".join(pieces)
        return self._read_exactly(int(headers.get("content-length", 0)))

    def _read_exactly(self, size):
        data = self._reader.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def send(self, code, body=b"", headers=()):
        head = [f"HTTP/1.1 {code} {REASONS.get(code, 'Scripted')}",
                "Content-Type: application/json", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers]
        self.send_raw("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def send_raw(self, data):
        self._socket.sendall(data)

    def close(self):
        """Says goodbye; the thread that serves then lets go of the socket."""
        self._closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def reset(self):
        """Goes away with RST, as a crashed peer or a firewall does."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        if threading.current_thread() is self._thread:
            self._closed = True
            self._release()
        else:
            self.close()

    def _release(self):
        self._reader.close()
        self._socket.close()


def main():
    parser = argparse.ArgumentParser(description="Events API test server, loopback only")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="KEY")
    parser.add_argument("--lifetime", type=float, default=600, help="seconds until it ends itself")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        return 1
    api = EventsApi(key=options.key).start(options.port)
    print(api.url, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: api.stopping.set())
    try:
        api.stopping.wait(options.lifetime)
    except KeyboardInterrupt:
        pass
    api.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
