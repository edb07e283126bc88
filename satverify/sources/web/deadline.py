"""Connections on which a whole answer has a time to come in, from its first byte to its last.

The timeout of a socket is for one read. An answer that sends a byte now and then, in its head or in its body, would
hold a thread for ever. What is under way can be given up by another thread, and a connection that the service closed
while it was idle is told apart from one that broke under a request.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

STALE_WITHIN = 1.0  # [s]
"""A service that closes an idle connection while a request is on its way is heard of within a round trip. One that took
the request and then broke may have done the work."""


class StaleConnectionError(RemoteDisconnected):
    """A connection that had served before was closed before any byte of the answer: nobody took the request."""


class DeadlineAdapter(HTTPAdapter):
    """Transport of requests whose answers have so many seconds, however they are spread."""

    def __init__(self, seconds: float, *, connections: int) -> None:
        self._open = _Open()
        self._classes = _pool_classes(seconds, self._open)
        super().__init__(pool_connections=4, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        """Make the pool of connections, as requests wants it made."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Make the pool of connections to a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._classes
        return manager

    def abandon(self) -> None:
        """Break off what is under way, and whatever is sent after this."""
        self._open.shut()

    @property
    def is_abandoned(self) -> bool:
        """Whether nothing is to be sent any more."""
        return self._open.is_shut


class _Open:
    """The sockets on which answers are or were waited for."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self.is_shut, self._lock = False, threading.Lock()

    def add(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)
            if self.is_shut:
                _shut(sock)

    def shut(self) -> None:
        with self._lock:
            self.is_shut = True
            for sock in self._sockets:
                _shut(sock)


def _shut(sock: socket.socket) -> None:
    """Wake whoever reads. A TLS socket's own way would take its state from under the reading thread."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _pool_classes(seconds: float, opened: _Open) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections read answers against a deadline."""

    class Response(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            super().__init__(sock, *args, **kwargs)
            opened.add(sock)
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_Timed(raw, sock, time.monotonic() + seconds))

    class Plain(_Reused, HTTPConnection):
        response_class, open_ones = Response, opened

    class Secure(_Reused, HTTPSConnection):
        response_class, open_ones = Response, opened

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Reused(HTTPConnection):
    """A connection that knows whether it has served before."""

    open_ones: _Open
    _has_served = False

    def connect(self) -> None:
        self._has_served = False
        super().connect()

    def getresponse(self) -> Any:  # noqa: ANN401 - the library's answer
        start = time.monotonic()
        try:
            response = super().getresponse()
        except RemoteDisconnected as exc:
            is_soon = time.monotonic() - start < STALE_WITHIN
            if self._has_served and is_soon and not self.open_ones.is_shut:
                raise StaleConnectionError(str(exc)) from exc
            raise
        self._has_served = True
        return response


class _Timed(io.RawIOBase):
    """Bytes from a socket, each read of which gets what is left of the time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: float) -> None:
        self._raw, self._socket, self._deadline = raw, sock, deadline
        self._longest = sock.gettimeout()
        self._has_begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - anything writable
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left if self._longest is None else min(left, self._longest))
        try:
            got = self._raw.readinto(buffer)
        except ConnectionResetError as exc:
            if self._has_begun:
                raise
            raise RemoteDisconnected(*exc.args) from exc  # as http.client calls an orderly end at this point
        self._has_begun = self._has_begun or bool(got)
        return got

    def close(self) -> None:
        self._raw.close()
        super().close()
