"""Which products a request is made from, in which order, and what scripts see of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shapely import box as box_of
from shapely import union_all
from shapely.geometry import mapping

from satverify.domain.granules import Box, Granule, SceneProvider
from satverify.domain.sensors import Mosaicking
from satverify.emulator.effort import MOST_EXPECTED, TooMuch
from satverify.emulator.engine.evalscript import Flattened, Input
from satverify.emulator.engine.inputs import DataItem, Order
from satverify.emulator.engine.reply import bad_payload
from satverify.emulator.ports import Forecasting

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
LATENESS = {"": 0, "NRTI": 1, "OFFL": 2, "RPRO": 3}
"""The later made, the better: RPRO before OFFL before NRTI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What one sample of a pixel is made from: one product, those of a day, or all of them."""

    granules: tuple[Granule, ...]
    """The first that has data at a pixel gives it."""
    metadata: dict[str, Any]
    """What scripts see of it, but its place in the list."""


def find_scenes(provider: SceneProvider, chosen: Input, box: Box, now: datetime | None) -> tuple[Scene, ...]:
    """Scenes of one input, newest first; tiles in mosaicking order.

    Parameters
    ----------
    provider
        Who has products.
    chosen
        The input.
    box
        Where. [degree]
    now
        Time of the request, at which products must be published and not replaced; none: the newest version of each.

    Returns
    -------
    One scene per UTC day for ``ORBIT``, one per product for ``TILE``, one at most for ``SIMPLE``.
    """
    granules = _in_order(_visible(provider, chosen, box, now), chosen.item)
    if not granules:
        return ()
    if chosen.mosaicking is Flattened.SIMPLE:
        return (Scene(granules=tuple(granules), metadata={}),)
    if chosen.mosaicking is Mosaicking.TILE:
        return tuple(Scene(granules=(granule,), metadata=tile(granule, chosen)) for granule in granules)
    days = sorted({granule.time.date() for granule in granules}, reverse=True)
    return tuple(_orbit([g for g in granules if g.time.date() == day], chosen) for day in days)


def _orbit(granules: Sequence[Granule], chosen: Input) -> Scene:
    day = granules[0].time.date().isoformat()
    metadata = {
        "dateFrom": f"{day}T00:00:00Z",
        "dateTo": f"{day}T23:59:59Z",
        "tiles": [tile(granule, chosen) for granule in granules],
    }
    return Scene(granules=tuple(granules), metadata=metadata)


def tile(granule: Granule, chosen: Input) -> dict[str, Any]:
    """What scripts see of one product."""
    seen: dict[str, Any] = {"date": _written(granule.time), "shId": zlib.crc32(granule.granule_id.encode())}
    if granule.cloud_cover is not None:
        seen["cloudCoverage"] = granule.cloud_cover
    seen["dataPath"] = granule.data_path or granule.granule_id
    if chosen.item.collection.id_property:
        seen[chosen.item.collection.id_property] = granule.granule_id
    if chosen.with_bounds:
        seen["dataGeometry"] = mapping(granule.footprint)
        seen["dataEnvelope"] = mapping(granule.footprint.envelope)
    return seen


def _written(time: datetime) -> str:
    fraction = f".{time.microsecond // 1000:03d}" if time.microsecond else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _visible(provider: SceneProvider, chosen: Input, box: Box, now: datetime | None) -> list[Granule]:
    item = chosen.item
    if item.collection.name not in provider.collections():
        return []
    start = item.start
    if item.collection.name == "sentinel-5p-l2" and chosen.mosaicking is Flattened.SIMPLE:
        start = max(start, item.stop - DAY)  # the service clips the range, as the globe is covered in a day
    _require_less_than_all(provider, item, box, start)
    product = next((asked.band.product for asked in chosen.bands if asked.band and asked.band.product), "")
    found = [
        granule
        for granule in provider.granules(item.collection.name, box, start, item.stop + MOMENT)
        if _is_current(granule, now) and _is_chosen(granule, item, product)
    ]
    return _latest_made(found, box) if item.timeliness is None else found


def _require_less_than_all(provider: SceneProvider, item: DataItem, box: Box, start: datetime) -> None:
    """Refuse what would take a provider too long that makes its granules when it is asked."""
    if not isinstance(provider, Forecasting):
        return
    expected = provider.expected(item.collection.name, box, (item.stop - start) / DAY)
    if expected > MOST_EXPECTED:
        raise bad_payload(str(TooMuch(expected)))


def _is_current(granule: Granule, now: datetime | None) -> bool:
    if now is None:
        return granule.withdrawn is None
    is_published = granule.published is None or granule.published <= now
    return is_published and (granule.withdrawn is None or now < granule.withdrawn)


def _is_chosen(granule: Granule, item: DataItem, product: str) -> bool:
    return (
        (granule.cloud_cover is None or granule.cloud_cover <= item.max_cloud_cover)
        and (item.orbit_state is None or granule.orbit_state.upper() in ("", item.orbit_state))
        and (item.timeliness is None or granule.timeliness == item.timeliness)
        and (not product or not granule.product_type or granule.product_type == product)
    )


def _latest_made(granules: list[Granule], box: Box) -> list[Granule]:
    """Without those whose ground within the box later made products of the same pass cover."""
    west, south, east, north = box
    area = box_of(west, south, east, north) if west <= east else box_of(-180, south, 180, north)

    def is_needed(granule: Granule) -> bool:
        better = [
            other.footprint
            for other in granules
            if LATENESS.get(other.timeliness, 0) > LATENESS.get(granule.timeliness, 0)
            and (other.product_type, other.platform) == (granule.product_type, granule.platform)
            and _is_same_pass(other, granule)
        ]
        return not better or not union_all(better).covers(granule.footprint.intersection(area))

    return [granule for granule in granules if is_needed(granule)] if any(g.timeliness for g in granules) else granules


def _is_same_pass(one: Granule, other: Granule) -> bool:
    if one.absolute_orbit is not None and other.absolute_orbit is not None:
        return one.absolute_orbit == other.absolute_orbit
    return one.time == other.time


def _in_order(granules: Sequence[Granule], item: DataItem) -> list[Granule]:
    """In mosaicking order; of products of one time, the one that was published last comes first."""

    def newness(granule: Granule) -> tuple[float, int, float, str, str]:
        published = granule.published.timestamp() if granule.published else float("-inf")
        late = LATENESS.get(granule.timeliness, 0)
        return (granule.time.timestamp(), late, published, granule.processing_baseline, granule.granule_id)

    newest = sorted(granules, key=newness, reverse=True)
    if item.order is Order.LEAST_RECENT:
        return sorted(newest, key=lambda granule: granule.time)
    if item.order is Order.LEAST_CLOUDY:
        return sorted(newest, key=lambda g: 100.0 if g.cloud_cover is None else g.cloud_cover)
    return newest
