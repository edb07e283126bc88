"""The granules of a provider as the catalogue sees them at one time: published, and not yet replaced."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry

from satverify.domain.granules import Box, Granule, SceneProvider
from satverify.emulator.catalogue.collections import collection_of
from satverify.emulator.catalogue.id_hints import WORLD, hint_of
from satverify.emulator.catalogue.spans import newest_spans
from satverify.emulator.clock import parsed_time
from satverify.emulator.ports import Forecasting

REMEMBERED = 100_000
"""Granules that can be found by their ids without a search."""
MOMENT = timedelta(microseconds=1)


class Shelf:
    """Finds granules by place and time, or by id. Safe to use from several threads."""

    def __init__(self, provider: SceneProvider, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._provider = provider
        self._now = now
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], Granule] = OrderedDict()
        self._lock = threading.Lock()

    def collections(self) -> tuple[str, ...]:
        """Names of the collections, in the provider's order."""
        return tuple(self._provider.collections())

    def span(self, collection: str, start: datetime | None, stop: datetime | None) -> tuple[datetime, datetime]:
        """Both ends of a time span that may be open: from the first day of the collection, to this moment."""
        today = datetime.fromtimestamp(self._clock(), UTC)
        latest = min(self._now(), today)
        return start or parsed_time(collection_of(collection).since), stop or latest

    def find(self, collection: str, region: BaseGeometry | None, start: datetime, stop: datetime) -> list[Granule]:
        """Granules that meet a region and were acquired from ``start`` to ``stop``, both included; newest first."""
        return list(self.newest_first(collection, region, start, stop))

    def newest_first(
        self,
        collection: str,
        region: BaseGeometry | None,
        start: datetime,
        stop: datetime,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Iterator[Granule]:
        """The same one by one, looked for as far back in time as they are taken.

        Raises
        ------
        TooMuch
            More ground and time would have to be looked through than one search may.
        """
        boxes = [WORLD] if region is None else [_bounds(part) for part in _parts(region)]
        seen: set[str] = set()
        for begin, end in self._spans(collection, boxes, start, stop):
            if not is_awaited():
                return
            found = {
                granule.granule_id: granule
                for box in boxes
                for granule in self._provider.granules(collection, box, begin, end)
                if self._is_listed(granule)
                and begin <= granule.time < end
                and granule.granule_id not in seen
                and (region is None or shapely.intersects(region, granule.footprint))
            }
            self._remember(found.values())
            seen.update(found)
            yield from sorted(found.values(), key=lambda granule: (-granule.time.timestamp(), granule.granule_id))

    def _spans(
        self, collection: str, boxes: Sequence[Box], start: datetime, stop: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        end = stop + MOMENT
        if not isinstance(self._provider, Forecasting):
            return iter([(start, end)])
        a_day = sum(self._provider.expected(collection, box, 1.0) for box in boxes)
        since = parsed_time(collection_of(collection).since)
        return newest_spans(a_day, max(start, since), min(end, self._now() + MOMENT))

    def get(self, collection: str, granule_id: str) -> Granule | None:
        """The granule of that id, or none where the catalogue does not list it.

        One that no search has shown yet is looked for when and where its id tells; an id unlike those of real products
        tells nothing.
        """
        with self._lock:
            granule = self._known.get((collection, granule_id))
        if granule is None:
            granule = self._looked_up(collection, granule_id)
        return granule if granule is not None and self._is_listed(granule) else None

    def _looked_up(self, collection: str, granule_id: str) -> Granule | None:
        """Search when and where the id tells."""
        hint = hint_of(granule_id)
        for box in hint.boxes if hint is not None else ():
            assert hint is not None
            granules = self._provider.granules(collection, box, hint.start, hint.stop)
            self._remember(granules)
            for granule in granules:
                if granule.granule_id == granule_id:
                    return granule
        return None

    def _is_listed(self, granule: Granule) -> bool:
        now = self._now()
        is_out = granule.published is None or granule.published <= now
        return is_out and (granule.withdrawn is None or granule.withdrawn > now)

    def _remember(self, granules: Iterable[Granule]) -> None:
        with self._lock:
            for granule in granules:
                self._known[granule.collection, granule.granule_id] = granule
                self._known.move_to_end((granule.collection, granule.granule_id))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _parts(region: BaseGeometry) -> Sequence[BaseGeometry]:
    """Parts far from each other are searched one by one; a box across the antimeridian is two."""
    return list(getattr(region, "geoms", [region]))


def _bounds(region: BaseGeometry) -> Box:
    west, south, east, north = region.bounds
    return float(west), float(south), float(east), float(north)
