"""Buys one bundle: asks, keeps the answer, takes it apart, archives its scenes; one broken product spoils no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.ports import Progress
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS, Sensor
from satverify.errors import ProductError
from satverify.sources.sentinelhub.answers import Received, read_answer
from satverify.sources.sentinelhub.areas import parts_of
from satverify.sources.sentinelhub.bodies import evalscript_hash, process_body
from satverify.sources.sentinelhub.bundles import Bundle
from satverify.sources.sentinelhub.cost import request_units
from satverify.sources.sentinelhub.service import Service
from satverify.sources.web.exchange import BadAnswer

BROKEN = "broken"
"""Kind of the ledger's records of products that the service cannot make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A scene that was asked for and did not come."""

    sensor: str
    time: datetime
    site_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What came of asking for a bundle."""

    scenes: tuple[Scene, ...] = ()
    """Archived, with data or without."""
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: Bought) -> Bought:
        return Bought(scenes=self.scenes + other.scenes, refused=self.refused + other.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a landed answer answers: all that is needed to take it apart after a crash."""

    sensor: Sensor
    grid: Grid
    """Of the whole image."""
    acquisitions: tuple[Acquisition, ...]
    held: tuple[tuple[datetime, str] | None, ...]
    """Time and platform under which earlier versions of them are archived."""
    site_ids: tuple[str, ...]
    request_hash: str
    """Of the request for the whole image."""

    @property
    def parts(self) -> tuple[Grid, ...]:
        """Grids that are asked for one by one."""
        return parts_of(self.grid)

    def name(self, part: int) -> str:
        """Under which the answer to one part is landed."""
        return f"{self.request_hash}-{part + 1}of{len(self.parts)}"


def buy(service: Service, archive: Archive, bundle: Bundle) -> Bought:
    """Ask for a bundle and archive its scenes.

    A product that the service cannot make is found by halving, which costs requests but no processing units.

    Raises
    ------
    RetrievalError
        The service does not answer, or does not want to: what is landed stays for the next time.
    """
    order = _order(bundle)
    try:
        received = [_bought_part(service, archive, bundle, order, part) for part in range(len(order.parts))]
    except ProductError as error:
        if len(bundle.scenes) > 1 and error.may_be_one_of_many:
            first, second = bundle.halves()
            return buy(service, archive, first) + buy(service, archive, second)
        return _refused(archive, bundle, order, error)
    return _settled(archive, order, received)


def settle_landed(archive: Archive, progress: Progress) -> Bought:
    """Take apart what an earlier run bought and could not archive any more.

    What cannot be taken apart, such as what another version of satverify landed, is told and forgotten: it is bought
    again where it is still wanted.
    """
    settled = Bought()
    landed = set(archive.landed())
    while landed:
        first = min(landed)
        try:
            order = order_of(archive.landing(first)[1])
            names = [order.name(part) for part in range(len(order.parts))]
            is_whole = landed.issuperset(names)
            landed.difference_update([first, *names])
            if is_whole:
                received = [_read(order, part, archive.landing(name)[0]) for part, name in enumerate(names)]
                settled += _settled(archive, order, received)
        except (BadAnswer, KeyError, TypeError, ValueError) as exc:
            landed.discard(first)
            archive.clear(first)
            progress.note(f"landed answer {first} cannot be taken apart and is forgotten: {exc}")
    return settled


def order_record(order: Order) -> dict[str, Any]:
    """The order as JSON values."""
    return {
        "sensor": order.sensor.name,
        "grid": asdict(order.grid),
        "acquisitions": [_acquisition_record(acquisition) for acquisition in order.acquisitions],
        "held": [None if held is None else [held[0].isoformat(), held[1]] for held in order.held],
        "site_ids": list(order.site_ids),
        "request_hash": order.request_hash,
    }


def order_of(record: Mapping[str, Any]) -> Order:
    """The order that ``order_record`` wrote."""
    return Order(
        sensor=SENSORS[record["sensor"]],
        grid=Grid(**record["grid"]),
        acquisitions=tuple(_acquisition(entry) for entry in record["acquisitions"]),
        held=tuple(
            None if held is None else (datetime.fromisoformat(held[0]), str(held[1])) for held in record["held"]
        ),
        site_ids=tuple(record["site_ids"]),
        request_hash=record["request_hash"],
    )


def _order(bundle: Bundle) -> Order:
    return Order(
        sensor=bundle.area.sensor,
        grid=bundle.area.grid,
        acquisitions=tuple(listed.acquisition for listed in bundle.scenes),
        held=tuple(listed.held for listed in bundle.scenes),
        site_ids=bundle.area.site_ids,
        request_hash=bundle.key,
    )


def _bought_part(service: Service, archive: Archive, bundle: Bundle, order: Order, part: int) -> tuple[Received, ...]:
    """The scenes of one part, from the answer that is landed already or from the service."""
    name = order.name(part)
    if name in archive.landed():
        return _read(order, part, archive.landing(name)[0])
    grid = order.parts[part]
    samples = sum(listed.samples for listed in bundle.scenes)
    answer = service.process(
        process_body(order.sensor, grid, order.acquisitions),
        estimate=request_units(order.sensor, grid, samples),
        label=order.sensor.name,
        check=lambda content, _: read_answer(content, order.sensor, grid, order.acquisitions),
    )
    archive.land(name, answer.content, order_record(order))
    return answer.result


def _read(order: Order, part: int, content: bytes) -> tuple[Received, ...]:
    return read_answer(content, order.sensor, order.parts[part], order.acquisitions)


def _settled(archive: Archive, order: Order, received: Sequence[tuple[Received, ...]]) -> Bought:
    """Archive the scenes, put together from their parts, then forget the answers."""
    scenes, refused = [], []
    for number, acquisition in enumerate(order.acquisitions):
        parts = [scenes_of_part[number] for scenes_of_part in received]
        if not any(part.is_served for part in parts):
            reason = "the catalogue lists it, but the service gave no such scene"
            refused.append(_refusal(order, acquisition, reason))
            continue
        scenes.append(_archived(archive, order, number, parts))
    for part in range(len(order.parts)):
        archive.clear(order.name(part))
    return Bought(scenes=tuple(scenes), refused=tuple(refused))


def _archived(archive: Archive, order: Order, number: int, parts: Sequence[Received]) -> Scene:
    """Archive one acquisition under its own time and platform, or under those of the version that it replaces."""
    acquisition = order.acquisitions[number]
    pixels = np.full((len(order.sensor.bands), *order.grid.shape), NODATA, dtype=np.uint16)
    for grid, part in zip(order.parts, parts, strict=True):
        rows, columns = order.grid.window(grid)
        pixels[:, rows, columns] = part.pixels
    served = next(part for part in parts if part.is_served)
    time, platform = order.held[number] or (acquisition.start.replace(microsecond=0), acquisition.platform)
    scene = Scene(
        sensor=order.sensor.name,
        grid=order.grid,
        time=time,
        acquisition=replace(served.acquisition, platform=platform),
        site_ids=order.site_ids,
        request_hash=order.request_hash,
        evalscript_hash=evalscript_hash(order.sensor),
        valid_share=round(float(np.mean(pixels[0] != NODATA)), 6),
    )
    return archive.add(scene, pixels)


def _refused(archive: Archive, bundle: Bundle, order: Order, error: ProductError) -> Bought:
    """Say of every scene of a bundle that it was refused; a single one is remembered."""
    refused = [_refusal(order, acquisition, str(error)) for acquisition in order.acquisitions]
    if len(refused) == 1:
        only = order.acquisitions[0]
        archive.record(
            {
                "kind": BROKEN,
                "sensor": order.sensor.name,
                "time": only.start.isoformat(),
                "source_ids": list(only.source_ids),
                "reason": str(error),
            }
        )
    return Bought(refused=tuple(refused))


def _refusal(order: Order, acquisition: Acquisition, reason: str) -> Refused:
    return Refused(sensor=order.sensor.name, time=acquisition.start, site_ids=order.site_ids, reason=reason)


def _acquisition_record(acquisition: Acquisition) -> dict[str, Any]:
    return asdict(acquisition) | {"start": acquisition.start.isoformat(), "stop": acquisition.stop.isoformat()}


def _acquisition(record: Mapping[str, Any]) -> Acquisition:
    times = {name: datetime.fromisoformat(record[name]) for name in ("start", "stop")}
    return Acquisition(**{**record, **times, "source_ids": tuple(record["source_ids"])})
