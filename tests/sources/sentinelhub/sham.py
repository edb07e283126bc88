"""A sham of the service: a token endpoint and paths that say what a test tells them to, and a Service that asks it."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from satverify.sources.sentinelhub.endpoint import Endpoint
from satverify.sources.sentinelhub.service import Processed, Service
from satverify.sources.sentinelhub.spending import Spending
from satverify.sources.web.budget import Budget
from satverify.sources.web.exchange import BadAnswer, Timeouts
from satverify.sources.web.limits import Limits
from satverify.sources.web.retries import Retries
from tests.sources.web.scripted import Reply, Script, Scripted, Seen, Stopwatch, in_turn, scripted

CLIENT_ID = "sh-1f0c-client"
CLIENT_SECRET = "p4ss/w0rd&more"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJhenAiOiJtZSJ9.c2lnbmF0dXJl"
FREE = Limits(requests_per_minute=float("inf"), units_per_minute=float("inf"))
BODY: dict[str, Any] = {"input": {"data": [{"type": "sentinel-2-l1c"}]}, "evalscript": "//VERSION=3"}


def tar(content: bytes = b"pixels") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("default.tif")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def token(text: str = TOKEN, expires_in: object = 600) -> Reply:
    return says({"access_token": text, "expires_in": expires_in, "token_type": "Bearer"})


def says(body: object, status: int = 200, **headers: str) -> Reply:
    return Reply(
        status=status, headers={"Content-Type": "application/json", **headers}, content=json.dumps(body).encode()
    )


def image(content: bytes = b"pixels", units: str | None = "2.5") -> Reply:
    headers = {"Content-Type": "application/tar"} | ({} if units is None else {"x-processingunits-spent": units})
    return Reply(headers=headers, content=tar(content))


def error(status: int, message: str, code: str = "COMMON_EXCEPTION", **headers: str) -> Reply:
    body = {"error": {"status": status, "reason": "", "message": message, "code": code}}
    return says(body, status, **headers)


RATE_LIMIT = says(
    {"status": 429, "reason": "Too Many Requests", "message": "You have exceeded your rate limit"},
    429,
    **{"Retry-After": "3398"},
)
UNAUTHORIZED = error(401, "You are not authorized!", "COMMON_UNAUTHORIZED")
NO_UNITS = error(
    403,
    "Insufficient processing units or requests available in your account.",
    "ACCESS_INSUFFICIENT_PROCESSING_UNITS",
)
BROKEN = error(
    500,
    "Illegal request to creo://eodata/Sentinel-3/SLSTR/S9_BT_in.nc. HTTP Status: '404'",
    "RENDERER_EXCEPTION",
)
OUT_OF_ORDER = Reply(status=503, headers={"Content-Type": "text/html"}, content=b"<html>Service Unavailable</html>")


def pixels(content: bytes, _: str) -> bytes:
    """The check of most tests: the one member of the archive."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile("default.tif")
        found = member.read() if member else b""
    if found != b"pixels":
        raise BadAnswer(f"expected pixels, found {found!r}")
    return found


@dataclass(kw_only=True, eq=False)
class Sham:
    """What a test looks at."""

    server: Scripted
    service: Service
    watch: Stopwatch
    budget: Budget
    spent: list[Spending] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """What was said of waits."""

    def process(self, estimate: float = 2.0, body: dict[str, Any] | None = None) -> Processed[bytes]:
        return self.service.process(BODY if body is None else body, estimate=estimate, check=pixels, label="sensor")

    @property
    def asked(self) -> list[Seen]:
        return self.server.of("/api/v1/process")

    @property
    def tokens_asked(self) -> int:
        return len(self.server.of("/token"))


@contextmanager
def sham(
    process: Script | None = None,
    *,
    search: Script | None = None,
    tokens: Script | None = None,
    limits: Limits = FREE,
    budget: Budget | None = None,
    retries: Retries | None = None,
    timeouts: Timeouts | None = None,
    on_wait: Callable[[], object] | None = None,
) -> Iterator[Sham]:
    """Serve scripts, and ask them with a service whose time passes only when it waits.

    With ``on_wait``, its time is that of the world: the test stops a wait that begins then.
    """
    scripts = {
        "api_v1_process": process or in_turn(image()),
        "api_v1_catalog_1.0.0_search": search or in_turn(says({"features": []})),
        "token": tokens or in_turn(token()),
    }
    watch, budget, spent, told = Stopwatch(), budget or Budget(), list[Spending](), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        if on_wait is not None:
            on_wait()

    with scripted(**scripts) as server:
        endpoint = Endpoint(
            base_url=server.base_url,
            token_url=f"{server.base_url}/token",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )
        with Service(
            endpoint,
            limits=limits,
            budget=budget,
            on_spending=spent.append,
            retries=retries or Retries(),
            timeouts=timeouts or Timeouts(connect=5, read=5, total=10),
            pause=watch.pause if on_wait is None else None,
            clock=watch.clock if on_wait is None else time.monotonic,
            on_wait=tell,
        ) as service:
            yield Sham(server=server, service=service, watch=watch, budget=budget, spent=spent, told=told)
