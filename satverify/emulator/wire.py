"""HTTP/1.1 on sockets, with connections that are kept alive, and the ways in which they can fail."""

from __future__ import annotations

import io
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from satverify.emulator.faults.sabotage import Delivery
from satverify.emulator.messages import Answer, Request, service_error

LARGEST_BODY = 64 * 2**20  # [byte] of a request
DRIPS = 50
"""Pieces in which a slow body comes."""
CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers", "origin,content-type,accept,accept-crs,authorization,cache-control"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS, HEAD, PATCH"),
    ("access-control-max-age", "3600"),
)
"""Headers of every answer of the real service, so that a page in a browser can ask too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """An answer and how it goes out."""

    answer: Answer
    delivery: Delivery = Delivery.WHOLE
    seconds: float = 0.0
    """Time that a slow one takes. [s]"""
    on_lost: Callable[[], None] = lambda: None
    """Called when it did not go out whole though it should have."""


class Listener(ThreadingHTTPServer):
    """Takes connections, one thread each, and hands their requests on."""

    daemon_threads = True
    request_queue_size = 128  # many threads of a client connect at once
    allow_reuse_address = True

    def __init__(
        self,
        address: tuple[str, int],
        dispatch: Callable[[Request], Dispatch],
        pause: Callable[[float], object],
    ) -> None:
        self.dispatch = dispatch
        self.pause = pause
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Address that clients use, without a final slash."""
        host, port = self.server_address[:2]
        name = "127.0.0.1" if host in {"0.0.0.0", ""} else str(host)
        return f"http://{name}:{port}"

    def server_bind(self) -> None:
        """Bind without asking the name service who this machine is."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection, and remember it while it is open."""
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def close(self) -> None:
        """End the connections that are still open, and free the address."""
        with self._lock:
            still_open = dict(self._open)
        for connection, thread in still_open.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as it was handed in


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"
    server_version = "satverify-emulator"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    is_doomed = False
    """Whether the next request over this connection finds it closed."""

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        if self.is_doomed:
            self.close_connection = True
            return
        try:
            dispatched = self.server.dispatch(request)
        except RecursionError:  # of what reads or writes its document, wherever that is
            message = "The request is nested too deeply."
            dispatched = Dispatch(answer=service_error(400, "COMMON_BAD_PAYLOAD", message))
        except Exception:
            traceback.print_exc()
            message = "A fault of the emulator itself; see where it runs."
            dispatched = Dispatch(answer=service_error(500, "COMMON_EXCEPTION", message))
        self._deliver(dispatched)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815 -- http.server's

    def _read(self) -> Request | None:
        length = self.headers.get("Content-Length", "0")
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self._refuse(411, "HTTP 411 Length Required")
            return None
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self._refuse(413 if length.isdigit() else 400, "The request body is too long or of unknown length.")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(address.path),
            query=dict(parse_qsl(address.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base_url=f"http://{self.headers['Host']}" if self.headers.get("Host") else self.server.url,
            is_awaited=self._is_awaited,
        )

    def _is_awaited(self) -> bool:
        """Whether the other end of the connection is still open."""
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True  # its body is still on the wire
        self._deliver(Dispatch(answer=service_error(status, "COMMON_BAD_PAYLOAD", message)))

    def _deliver(self, dispatched: Dispatch) -> None:
        if dispatched.delivery is Delivery.RESET:
            self._reset()
            return
        try:
            self._send(dispatched)
        except OSError:
            self.close_connection = True
            dispatched.on_lost()
        self.is_doomed = dispatched.delivery is Delivery.DOOMED

    def _send(self, dispatched: Dispatch) -> None:
        answer, delivery = dispatched.answer, dispatched.delivery
        content = answer.content
        is_cut = delivery in {Delivery.TRUNCATED, Delivery.SILENTLY_TRUNCATED}
        if is_cut:
            content = content[: len(content) // 2]
        # as recorded: documents come with their length, images in chunks
        is_chunked = not answer.content_type.startswith(("application/json", "text/", "application/geo+json"))
        promised = len(content) if delivery is Delivery.SILENTLY_TRUNCATED else len(answer.content)
        self._send_head(answer, None if is_chunked and self.request_version == "HTTP/1.1" else promised)
        if self.command == "HEAD":
            return
        if is_chunked and self.request_version == "HTTP/1.1":
            for piece in self._pieces(content, dispatched):
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            if delivery is not Delivery.TRUNCATED:
                self.wfile.write(b"0\r\n\r\n")
        else:
            for piece in self._pieces(content, dispatched):
                self.wfile.write(piece)
        self.wfile.flush()
        if delivery is Delivery.TRUNCATED:
            self.close_connection = True

    def _send_head(self, answer: Answer, length: int | None) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        for name, value in (*CORS, *answer.headers):
            self.send_header(name, value)
        self.end_headers()

    def _pieces(self, content: bytes, dispatched: Dispatch) -> Iterator[bytes]:
        """The content at once, or drop by drop. None of them is empty."""
        if dispatched.delivery is not Delivery.SLOW:
            if content:
                yield content
            return
        size = max(1, -(-len(content) // DRIPS))
        drops = range(0, len(content), size)
        for start in drops:
            self.wfile.flush()
            self.server.pause(dispatched.seconds / len(drops))
            yield content[start : start + size]

    def _reset(self) -> None:
        """Drop the connection so that the client is told of a reset, not of an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        with suppress(OSError):
            self.wfile.close()
        self.wfile = io.BytesIO()  # http.server flushes it once more
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the request log tells more."""
