"""A web server on loopback that says what a test tells it to, and a clock that passes only when it is waited on."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server says."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    told_length: int | None = None
    """Content-Length, where it is not that of the content."""
    is_chunked: bool = False
    is_reset: bool = False
    """Whether the connection is reset in the place of an answer."""
    is_closed: bool = False
    """Whether it is closed in order, likewise."""
    breaks_off: bool = False
    """Whether the connection ends after the content, whatever was announced."""
    drip: float = 0.0
    """Between bytes of the body. [s]"""
    head_drip: float = 0.0
    """Between bytes of the head. [s]"""


Script = Callable[[Seen], Reply]


def in_turn(*replies: Reply) -> Script:
    """Say one after another, and the last again and again."""
    left, lock = list(replies), threading.Lock()

    def say(_: Seen) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return say


class Scripted:
    """The server: scripts by path, and what it was asked."""

    def __init__(self, base_url: str, scripts: dict[str, Script]) -> None:
        self.base_url, self.scripts = base_url, scripts
        self.seen: list[Seen] = []
        self.stopping = threading.Event()

    def of(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path == path]


@contextmanager
def scripted(**scripts: Script) -> Iterator[Scripted]:
    """Serve scripts; a name such as ``a_b`` stands for the path ``/a/b``, and ``anything`` for all other paths."""
    paths = {"/" + name.replace("_", "/"): script for name, script in scripts.items()}
    server = _Server(("127.0.0.1", 0), _Handler)
    state = server.state = Scripted(f"http://127.0.0.1:{server.server_address[1]}", paths)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    state: Scripted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True  # else the end of each answer waits 40 ms for word of its beginning

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self) -> None:
        state = cast(_Server, self.server).state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            connection=self.client_address,
        )
        state.seen.append(seen)
        script = state.scripts.get(self.path) or state.scripts["/anything"]
        self._say(script(seen), state.stopping)

    def _say(self, reply: Reply, stopping: threading.Event) -> None:
        if reply.is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if reply.is_closed:
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            length = len(reply.content) if reply.told_length is None else reply.told_length
            self.send_header("Content-Length", str(length))
        if reply.head_drip:
            head: list[bytes] = vars(self)["_headers_buffer"]
            self._drip(b"".join(head), reply.head_drip, stopping)
            head.clear()
        self.end_headers()
        self.wfile.flush()
        self._send(reply, stopping)
        if reply.breaks_off or reply.told_length is not None:
            self.close_connection = True

    def _send(self, reply: Reply, stopping: threading.Event) -> None:
        if reply.is_chunked:
            self.wfile.write(f"{len(reply.content):x}\r\n".encode() + reply.content + b"\r\n")
            if not reply.breaks_off:
                self.wfile.write(b"0\r\n\r\n")
        elif reply.drip:
            self._drip(reply.content, reply.drip, stopping)
        else:
            self.wfile.write(reply.content)
        self.wfile.flush()

    def _drip(self, content: bytes, seconds: float, stopping: threading.Event) -> None:
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if stopping.wait(seconds):
                break

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked may have gone
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()


class Stopwatch:
    """Time that passes by being waited for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.on_pause: Callable[[], object] = lambda: None
        """What happens while someone waits."""
        self._lock = threading.Lock()

    def clock(self) -> float:
        with self._lock:
            return self.now

    def pause(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.pauses.append(seconds)
        self.on_pause()
