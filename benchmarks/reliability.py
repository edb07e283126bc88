"""What is lost, bought twice or wrongly accepted when a service misbehaves: ``scripts/bench reliability``.

Each fault plan hits the same requests, once for satverify and once for sentinelhub-py's own downloader. Then each
client is run again, with what it kept, against a service in good order. A scene's pixels are held against those that
the same client got of an undisturbed service.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.reliability_clients import (
    UNLIMITED,
    Hashes,
    Outcome,
    endpoint_of,
    satverify_run,
    sentinelhub_run,
)
from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.emulator import Accounts, Emulator, Fault, FaultKind, FaultPlan, RequestKind
from satverify.emulator.request_log import Entry
from satverify.simulate.scenes import SimulatedScenes
from satverify.sources.sentinelhub.acquisitions import acquisitions_over
from satverify.sources.sentinelhub.areas import areas_of, grid_outline
from satverify.sources.sentinelhub.bundles import Bundle
from satverify.sources.sentinelhub.service import Service
from satverify.sources.web.budget import Budget

SENSOR = SENSORS["sentinel-2-l1c"]
START, STOP = datetime(2021, 11, 1, tzinfo=UTC), datetime(2022, 4, 1, tzinfo=UTC)
SEED = 20211101
SCENES_PER_REQUEST = 2
PROCESS = (RequestKind.PROCESS,)

Run = Callable[[Emulator, Sequence[Bundle], Path], Outcome]
CLIENTS: dict[str, Run] = {"satverify": satverify_run, "sentinelhub-py": sentinelhub_run}


class Remembered:
    """Simulated scenes that are drawn once for all runs."""

    def __init__(self, seed: int) -> None:
        self._scenes = SimulatedScenes(seed)
        self._drawn: dict[tuple[str, tuple[str, ...], Grid], Mapping[str, NDArray[np.float32]]] = {}

    def collections(self) -> Sequence[str]:
        """As ``SceneProvider`` says, like the two below."""
        return self._scenes.collections()

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        """Listed anew each time."""
        return self._scenes.granules(collection, box, start, stop)

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        """Drawn on the first call."""
        key = granule.granule_id, tuple(bands), grid
        if key not in self._drawn:
            self._drawn[key] = self._scenes.read(granule, bands, grid)
        return self._drawn[key]


PROVIDER = Remembered(SEED)


def plans(broken: str) -> dict[str, tuple[Fault, ...]]:
    """The faults of each row of the table; ``broken`` is the id of a product that cannot be made."""

    def now_and_then(kind: FaultKind, probability: float = 0.1, **more: object) -> tuple[Fault, ...]:
        return (Fault(kind=kind, on=PROCESS, probability=probability, attempts=1, **more),)  # type: ignore[arg-type]

    def storm(retry_after: str | None) -> tuple[Fault, ...]:
        return (Fault(kind=FaultKind.RATE_LIMIT, on=PROCESS, start=60, stop=120, retry_after=retry_after),)

    return {
        "429 storm, in milliseconds": storm("300"),
        "429 storm, Retry-After 0.5": storm("0.5"),
        "429 storm, a date": storm("Wed, 05 Jan 2022 10:00:00 GMT"),
        "429 storm, no Retry-After": storm(None),
        "5xx, then fine": now_and_then(FaultKind.SERVER_ERROR, 0.2),
        "permanent 500 for one scene": (Fault(kind=FaultKind.BROKEN_PRODUCT, granule=broken),),
        "spurious 400": now_and_then(FaultKind.SPURIOUS_BAD_REQUEST),
        "401 mid-run": (Fault(kind=FaultKind.UNAUTHORIZED, on=PROCESS, indices=(40, 150, 260)),),
        "token outage": (Fault(kind=FaultKind.TOKEN_OUTAGE, start=1, stop=6),),
        "truncated body": now_and_then(FaultKind.TRUNCATED),
        "truncated body that looks whole": now_and_then(FaultKind.TRUNCATED, silent=True),
        "reset": now_and_then(FaultKind.RESET),
        "stale connection": now_and_then(FaultKind.STALE),
        "slow drip": now_and_then(FaultKind.SLOW_DRIP, 0.05, seconds=30.0, at_most=12),
        "HTML with 200": now_and_then(FaultKind.HTML),
        "wrong-size TIFF": now_and_then(FaultKind.WRONG_SIZE),
        "zeros for data": now_and_then(FaultKind.ZEROS),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table."""

    fault: str
    client: str
    hits: int
    """Requests that the fault hit."""
    expected: int
    """Scenes."""
    kept: int
    """Scenes with the right pixels after the run."""
    refused: int
    """Scenes of which the client says that the service cannot make them."""
    lost: int
    """Scenes neither kept nor refused nor wrong."""
    wrong: int
    """Scenes whose pixels are not those of an undisturbed service."""
    twice: int
    """Requests charged again after their answer had been delivered whole."""
    in_vain: int
    """Requests charged whose answer was spoilt on its way."""
    later: tuple[int, int]
    """Scenes lost and wrong after a further, undisturbed run."""
    seconds: float
    remark: str


def bundles_for(emulator: Emulator, requests: int) -> list[Bundle]:
    """So many small requests, each for scenes of its own."""
    found: list[Bundle] = []
    with Service(endpoint_of(emulator), limits=UNLIMITED, budget=Budget()) as service:
        for number in range(requests):
            outline = shapely.box(*(117.5 + 0.02 * number, 39.5, 117.501 + 0.02 * number, 39.501))
            site = Site(site_id=f"{number:03}", name="", outline=outline)
            area = areas_of([site], SENSOR, 10)[0]
            ground = grid_outline(area.grid)
            listed = acquisitions_over(ground, service.search(SENSOR.collection, ground.bounds, START, STOP), SENSOR)
            pairs = [listed[at : at + SCENES_PER_REQUEST] for at in range(0, len(listed), SCENES_PER_REQUEST)]
            found += [Bundle(area=area, scenes=pair) for pair in pairs]
            if len(found) >= requests:
                return found[:requests]
    raise AssertionError("every site has scenes")


def lines(names: Sequence[str], clients: Sequence[str], requests: int) -> Iterator[Line]:
    """Run the plans, one after another."""
    with Emulator(PROVIDER) as emulator:
        bundles = bundles_for(emulator, requests)
    broken = bundles[len(bundles) // 2].scenes[0].acquisition.source_ids[0]
    table = plans(broken)
    for client in clients:
        with tempfile.TemporaryDirectory() as folder, _emulator(()) as emulator:
            reference = CLIENTS[client](emulator, bundles, Path(folder)).scenes
        for name in names or table:
            yield _line(name, client, table[name], bundles, reference)


def _line(name: str, client: str, faults: tuple[Fault, ...], bundles: Sequence[Bundle], reference: Hashes) -> Line:
    run, start = CLIENTS[client], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, _emulator(faults) as emulator:
        outcome = run(emulator, bundles, Path(folder))
        seconds, entries = time.perf_counter() - start, emulator.log.entries()
        emulator.faults = FaultPlan()
        later = run(emulator, bundles, Path(folder))
    lost, wrong = _missing(outcome, reference)
    return Line(
        fault=name,
        client=client,
        hits=sum(1 for entry in entries if entry.fault),
        expected=len(reference),
        kept=len(outcome.scenes) - wrong,
        refused=outcome.refused,
        lost=lost - outcome.refused,
        wrong=wrong,
        twice=_bought_twice(entries),
        in_vain=sum(1 for entry in entries if entry.is_paid and not entry.is_delivered),
        later=_missing(later, reference),
        seconds=seconds,
        remark=outcome.error,
    )


def _emulator(faults: tuple[Fault, ...]) -> Emulator:
    # Tokens of two seconds make clients ask for one often enough to meet an outage in the middle of the run.
    life = 2.0 if any(fault.kind is FaultKind.TOKEN_OUTAGE for fault in faults) else 3600.0
    plan = FaultPlan(faults=faults, seed=SEED)
    return Emulator(PROVIDER, accounts=Accounts(token_seconds=life), faults=plan)


def _bought_twice(entries: Sequence[Entry]) -> int:
    """Process requests charged although the same one had been charged and answered whole before."""
    delivered: set[str] = set()
    twice = 0
    for entry in entries:
        if entry.kind is RequestKind.PROCESS and entry.is_paid:
            twice += entry.request_sha256 in delivered
            # The last bytes of an answer that drips lie in buffers when a client has long given it up.
            if entry.is_delivered and entry.fault != FaultKind.SLOW_DRIP:
                delivered.add(entry.request_sha256)
    return twice


def _missing(outcome: Outcome, reference: Hashes) -> tuple[int, int]:
    """Scenes that are not there, and scenes that are there and wrong."""
    counts = Counter(outcome.scenes.get(key, "") == value for key, value in reference.items() if key in outcome.scenes)
    return len(set(reference) - set(outcome.scenes)), counts[False]


def report(found: Iterable[Line]) -> None:
    """Print the table as it grows."""
    print("Counts of one run each: requests under hits, bought twice and paid in vain, scenes in all other columns.\n")
    print(
        "| fault | client | hits | scenes | kept | refused | lost | wrong | bought twice | paid in vain "
        "| lost, wrong after another run | |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"
    )
    for line in found:
        counts = (line.hits, line.expected, line.kept, line.refused, line.lost, line.wrong, line.twice, line.in_vain)
        cells = (line.fault, line.client, *counts, f"{line.later[0]}, {line.later[1]}", line.remark[:80])
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
        print(f"{line.fault}, {line.client}: {line.seconds:.0f} s", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the fault table."""
    parser = argparse.ArgumentParser(prog="scripts/bench reliability", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="fault", help=f"of {', '.join(plans('-'))}; all by default")
    parser.add_argument("--requests", type=int, default=300, help="of each run")
    parser.add_argument("--client", action="append", choices=list(CLIENTS), help="both by default")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.faults if name not in plans("-")]
    if unknown:
        parser.error(f"no fault {', '.join(map(repr, unknown))}: expected of {', '.join(plans('-'))}")
    report(lines(chosen.faults, chosen.client or list(CLIENTS), chosen.requests))


if __name__ == "__main__":
    main()
