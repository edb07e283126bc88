"""What every test stands on: no network, the same random examples in CI, and where the shared data lie."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT = Path(__file__).resolve().parents[1]

# A busy machine is no reason to fail: no deadline, and slow generation of data is not a fault.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# A shell that starts the tests in the background has them, and what they start, ignore Ctrl-C, which some of them test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class NetworkBlockedError(Exception):
    """A test reached for the network. Not an OSError, so that no retry swallows it."""


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name in {"localhost", socket.gethostname()}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


def _block_network(event: str, args: tuple[object, ...]) -> None:
    """Refuse connections and look-ups beyond this machine.

    A datagram socket may be connected, which sends nothing: distributed asks that way for the machine's own address.
    """
    if event == "socket.connect":
        sock, address = args
        is_stream = isinstance(sock, socket.socket) and sock.type == socket.SOCK_STREAM
        if is_stream and isinstance(address, tuple) and not _is_local(address[0]):
            raise NetworkBlockedError(f"a test connected to {address}")
    elif event == "socket.getaddrinfo" and not (_is_local(args[0]) or _is_address(args[0])):
        raise NetworkBlockedError(f"a test looked up {args[0]}")


sys.addaudithook(_block_network)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("SATVERIFY_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; name the folder in SATVERIFY_SHARED_DATA to run this test")
    return folder
