"""Our client beside sentinelhub-py's, on the same requests, against an emulator that has the answers ready.

Each asks for everything in one go over as many connections as a project has by default, in a process that serves
nothing. What comes back is arrays in memory: ours from ``read_answer``, which holds every answer against what was
asked for, sentinelhub-py's from its own decoder, which does not. Neither writes a file. Limits per minute are off.

sentinelhub-py lets 0.05 s pass between two requests whatever the account allows: 20 a second at most. It is shown as
it comes, and with that delay set to 0.

Images are deflated, as recorded answers of the real service are. The last rows have them not compressed: tifffile,
which sentinelhub-py decodes with, takes such a file as it lies in memory. On loopback and without TLS a new connection
for every request, which sentinelhub-py makes, costs next to nothing; over a network it does not.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import statistics
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import shapely
from rasterio.io import MemoryFile

from benchmarks.reliability import PROVIDER, SENSOR, START, STOP
from benchmarks.reliability_clients import UNLIMITED, endpoint_of
from benchmarks.timing import Row, row
from satverify.domain.scenes import Acquisition
from satverify.domain.sites import Site
from satverify.emulator import Emulator
from satverify.emulator.engine import Engine, Reply
from satverify.sources.sentinelhub.acquisitions import Listed, acquisitions_over
from satverify.sources.sentinelhub.answers import read_answer
from satverify.sources.sentinelhub.areas import Area, areas_of, grid_outline
from satverify.sources.sentinelhub.bodies import Body, body_hash, process_body
from satverify.sources.sentinelhub.bundles import Bundle, bundles_of
from satverify.sources.sentinelhub.service import Endpoint, Service
from satverify.sources.web.budget import Budget

SITES, SINGLES = 12, 120
"""Sites whose months are asked for, and scenes that are asked for one by one."""
CONNECTIONS = 4
"""What a project has that says nothing of them."""
TAR = "application/tar"


class Prepared:
    """An engine that has all answers."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self._replies = replies

    def process(self, body: Mapping[str, Any], accept: str | None) -> Reply:
        """The answer that was made before, whatever else is acceptable."""
        return self._replies[body_hash(dict(body))]

    def statistics(self, body: Mapping[str, Any]) -> Reply:
        """Nobody asks for them."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """One request."""

    bundle: Bundle
    body: Body

    @property
    def acquisitions(self) -> list[Acquisition]:
        """What its answer holds."""
        return [listed.acquisition for listed in self.bundle.scenes]


class Taken(NamedTuple):
    """What one run took."""

    seconds: float
    """On the clock. [s]"""
    cpu_seconds: float
    """Of this process. [s]"""


Client = Callable[[Endpoint, Sequence[Question]], int]
"""Asks all the questions, and says how many scenes it has then."""


def run(repeats: int) -> Iterator[Row]:
    """Rows of this section."""
    listings = _listings()
    months = [bundle for area, listed in listings for bundle in bundles_of(area, listed)]
    singles = [Bundle(area=area, scenes=(one,)) for area, listed in listings for one in listed][:SINGLES]
    print("client: drawing the answers", file=sys.stderr, flush=True)
    batches = {"a month of a site": _questions(months), "one scene": _questions(singles)}
    engine = Engine(PROVIDER)
    deflated = {each.bundle.key: engine.process(each.body, TAR) for batch in batches.values() for each in batch}
    plain = {key: replace(reply, content=_unpacked(reply.content)) for key, reply in deflated.items()}
    with _served(deflated) as endpoint:
        for what, questions in batches.items():
            yield from _compared(endpoint, questions, what, repeats)
    with _served(plain) as endpoint:
        what = "a month of a site, not compressed"
        yield from _compared(endpoint, batches["a month of a site"], what, repeats)


def _compared(endpoint: Endpoint, questions: Sequence[Question], each: str, repeats: int) -> Iterator[Row]:
    clients: dict[str, Client] = {
        "satverify": satverify_client,
        "sentinelhub-py as it comes": sentinelhub_client,
        "sentinelhub-py, its delay set to 0": partial(sentinelhub_client, delay=0.0),
    }
    scenes = sum(len(question.bundle.scenes) for question in questions)
    taken: dict[str, list[Taken]] = {name: [] for name in clients}
    for repeat in range(repeats + 1):
        for name, client in clients.items():
            found = _taken(client, endpoint, questions, scenes)
            if repeat:  # the first is to warm up
                taken[name].append(found)
    ours = taken["satverify"]
    for name, times in taken.items():
        seconds, cpu = _medians(times)
        told = f"{len(questions) / seconds:.0f} requests/s, {1e3 * cpu / scenes:.2f} ms of CPU per scene (medians)"
        if times is not ours:
            our_seconds, our_cpu = _medians(ours)
            told += f"; {seconds / our_seconds:.2f} times our time, {cpu / our_cpu:.2f} times our CPU"
        what = f"{name}: {len(questions)} requests for {each}, {scenes} scenes, {CONNECTIONS} connections"
        yield row(what, [each.seconds for each in times], told)


def _medians(times: Sequence[Taken]) -> Taken:
    return Taken(
        statistics.median(each.seconds for each in times), statistics.median(each.cpu_seconds for each in times)
    )


def _taken(client: Client, endpoint: Endpoint, questions: Sequence[Question], scenes: int) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    found = client(endpoint, questions)
    taken = Taken(time.perf_counter() - start, time.process_time() - cpu)
    assert found == scenes, f"expected {scenes} scenes, found {found}"
    return taken


def satverify_client(endpoint: Endpoint, questions: Sequence[Question]) -> int:
    """As ``satverify fetch`` asks, short of the archive."""
    with (
        Service(endpoint, limits=UNLIMITED, budget=Budget()) as service,
        ThreadPoolExecutor(CONNECTIONS) as pool,
    ):
        return sum(pool.map(partial(_bought, service), questions))


def _bought(service: Service, question: Question) -> int:
    area = question.bundle.area
    answer = service.process(
        question.body,
        estimate=question.bundle.units,
        label=area.sensor.name,
        check=lambda content, _: read_answer(content, area.sensor, area.grid, question.acquisitions),
    )
    return len(answer.result)


def sentinelhub_client(endpoint: Endpoint, questions: Sequence[Question], delay: float | None = None) -> int:
    """As sentinelhub-py downloads and decodes; ``delay`` between two requests [s], none for its own."""
    from sentinelhub.config import SHConfig
    from sentinelhub.constants import MimeType, RequestType
    from sentinelhub.download.models import DownloadRequest
    from sentinelhub.download.sentinelhub_client import SentinelHubDownloadClient

    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # its session speaks https only, and the emulator plain http
    config = SHConfig(
        use_defaults=True,
        sh_client_id=endpoint.client_id,
        sh_client_secret=endpoint.client_secret,
        sh_base_url=endpoint.base_url,
        sh_token_url=endpoint.token_url,
    )
    SentinelHubDownloadClient.clear_cache()  # a run asks for a token, as ours does
    client = SentinelHubDownloadClient(config=config)
    if delay is not None:
        client.rate_limit.wait_time = delay
    requests = [
        DownloadRequest(
            url=f"{endpoint.base_url}/api/v1/process",
            request_type=RequestType.POST,
            post_values=question.body,
            headers={"content-type": "application/json", "accept": TAR},
            data_type=MimeType.TAR,
            use_session=True,
        )
        for question in questions
    ]
    answers = client.download(requests, max_threads=CONNECTIONS, show_progress=False)
    bands = len(SENSOR.bands) + 1
    return sum(answer["default.tif"].shape[-1] // bands for answer in answers)


def _listings() -> list[tuple[Area, tuple[Listed, ...]]]:
    """Sites in a row, each with the scenes of a winter."""
    found = []
    with Emulator(PROVIDER) as emulator, Service(endpoint_of(emulator), limits=UNLIMITED, budget=Budget()) as service:
        for number in range(SITES):
            west = 117.5 + 0.05 * number
            site = Site(site_id=f"{number:02}", name="", outline=shapely.box(west, 39.5, west + 0.02, 39.515))
            area = areas_of([site], SENSOR, 10)[0]
            ground = grid_outline(area.grid)
            products = service.search(SENSOR.collection, ground.bounds, START, STOP)
            found.append((area, acquisitions_over(ground, products, SENSOR)))
    return found


def _questions(bundles: Sequence[Bundle]) -> list[Question]:
    return [
        Question(
            bundle=bundle,
            body=process_body(SENSOR, bundle.area.grid, [listed.acquisition for listed in bundle.scenes]),
        )
        for bundle in bundles
    ]


def _unpacked(content: bytes) -> bytes:
    """The same answer with its image not compressed."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as whole, tarfile.open(fileobj=packed, mode="w") as archive:
        for member in whole.getmembers():
            stream = whole.extractfile(member)
            assert stream is not None
            found = _unpacked_image(stream.read()) if member.name.endswith(".tif") else stream.read()
            member.size = len(found)
            archive.addfile(member, io.BytesIO(found))
    return packed.getvalue()


def _unpacked_image(content: bytes) -> bytes:
    with MemoryFile(content) as given, given.open() as image, MemoryFile() as made:
        profile = {name: value for name, value in image.profile.items() if name != "compress"}
        with made.open(**profile) as target:
            target.write(image.read())
        return bytes(made.read())


@contextmanager
def _served(replies: Mapping[str, Reply]) -> Iterator[Endpoint]:
    """An emulator in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(replies, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("done")
        process.join()


def _serve(replies: Mapping[str, Reply], pipe: Connection) -> None:
    with Emulator(PROVIDER, engine=Prepared(replies)) as emulator:
        pipe.send(endpoint_of(emulator))
        pipe.recv()
