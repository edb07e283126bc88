from __future__ import annotations

import socket
import urllib.request

import pytest

from tests.conftest import NetworkBlockedError


def test_a_connection_beyond_this_machine_is_refused() -> None:
    with pytest.raises(NetworkBlockedError), socket.socket() as sock:
        sock.connect(("192.0.2.1", 80))  # RFC 5737: never a real host


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(NetworkBlockedError):
        urllib.request.urlopen("http://example.invalid/", timeout=1)


def test_a_connection_on_this_machine_goes_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
