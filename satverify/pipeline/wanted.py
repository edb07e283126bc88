"""What a project wants of a Sentinel Hub service: which areas, on which days, and what of it the archive lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from shapely import MultiPoint

from satverify.archive import Archive, Entry
from satverify.domain.granules import Box
from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import SENSORS, Mosaicking, Sensor
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.pipeline.project import Days, Project, SentinelHubSource
from satverify.pipeline.revisit import scenes_in
from satverify.sources.sentinelhub.acquisitions import Listed, settledness
from satverify.sources.sentinelhub.areas import Area, areas_of, grid_outline
from satverify.sources.sentinelhub.search import Search

SAME_TIME = timedelta(minutes=10)
"""Overpasses of one satellite nearer to each other than this are one: versions of a product may be cut elsewhere."""
LATE = timedelta(days=30)
"""For so long after an overpass further products of it may appear."""
CELL = 5.0
"""Areas of one cell of so many degrees are searched for together. [degree]"""
TYPICAL_DAYS = (date(2021, 1, 1), date(2021, 1, 31))
"""On which the usual number of scenes in a request is counted, so that areas do not depend on a project's days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One sensor over all sites of a project."""

    sensor: Sensor
    areas: tuple[Area, ...]
    months: tuple[Days, ...]
    """UTC days ``[start, stop)``, cut at the ends of months; empty where the sensor has nothing on the days."""

    def searches(self, month: Days) -> tuple[tuple[Search, tuple[Area, ...]], ...]:
        """The searches that find a month's products, each with the areas it is for.

        An area that lies across 180 degrees is searched for on either side.
        """
        cells: dict[tuple[int, int], list[tuple[Area, Box]]] = defaultdict(list)
        for area in self.areas:
            outline = grid_outline(area.grid)
            for part in getattr(outline, "geoms", [outline]):
                west, south, east, north = part.bounds
                cells[int(west // CELL), int(south // CELL)].append((area, (west, south, east, north)))
        start, stop = (_midnight(day) for day in month)
        return tuple(
            (
                Search(sensor=self.sensor, box=_box([box for _, box in members]), start=start, stop=stop),
                tuple(area for area, _ in members),
            )
            for _, members in sorted(cells.items())
        )


def wanted_of(project: Project, source: SentinelHubSource, sites: Sequence[Site], today: date) -> tuple[Wanted, ...]:
    """What a source is to bring, by sensor in the order of the project file.

    Parameters
    ----------
    project, source, sites
        The project, one of its ``sentinelhub`` sources, and its sites.
    today
        UTC day; nothing is asked for from it on.

    Raises
    ------
    InputError
        The source names a site that the project does not have.
    """
    strangers = set(source.site_ids) - {site.site_id for site in sites}
    if strangers:
        raise InputError(
            f"{project.file.name}: sentinelhub sites {', '.join(sorted(strangers))} are not in the site list"
        )
    sites = [site for site in sites if not source.site_ids or site.site_id in source.site_ids]
    found = []
    for name in source.sensors:
        sensor = SENSORS[name]
        months = tuple(_months(source.days or (project.days,), sensor.since, today))
        found.append(Wanted(sensor=sensor, areas=areas_of(sites, sensor, _usual_scenes(sites, sensor)), months=months))
    return tuple(found)


class Holdings:
    """What the archive holds of one sensor, so that nothing is bought twice."""

    def __init__(self, archive: Archive, sensor: Sensor, days: Iterable[Days], today: date) -> None:
        self._archive, self._sensor, self._today = archive, sensor, today
        self._entries: dict[date, list[Entry]] = defaultdict(list)
        spans = list(days)
        if spans:
            first, last = min(start for start, _ in spans), max(stop for _, stop in spans)
            for entry in archive.entries(sensor.name, (first - timedelta(days=1), last + timedelta(days=1))):
                self._entries[entry.time.date()].append(entry)

    def missing(self, area: Area, listed: Sequence[Listed]) -> tuple[Listed, ...]:
        """Those of the listed acquisitions that some site of the area has no scene of yet, or only an outdated one."""
        missing = []
        for one in listed:
            entries = self._entries_of(one.acquisition)
            current = [entry for entry in entries if not self._is_outdated(entry, one.acquisition)]
            if not all(any(entry.grid.contains(window) for entry in current) for window in area.windows):
                held = next(((entry.time, entry.platform) for entry in entries if entry.grid == area.grid), None)
                missing.append(replace(one, held=held))
        return tuple(missing)

    def _entries_of(self, acquisition: Acquisition) -> list[Entry]:
        days = {(acquisition.start + late).date() for late in (-SAME_TIME, timedelta(0), SAME_TIME)}
        return [entry for day in sorted(days) for entry in self._entries[day] if self._is_same(entry, acquisition)]

    def _is_same(self, entry: Entry, acquisition: Acquisition) -> bool:
        if self._sensor.mosaicking is Mosaicking.ORBIT:
            return entry.time.date() == acquisition.start.date()
        return entry.platform == acquisition.platform and abs(entry.time - acquisition.start) <= SAME_TIME

    def _is_outdated(self, entry: Entry, acquisition: Acquisition) -> bool:
        """Whether the service has something better by now: a more settled version, or a part that came late."""
        is_young = self._today - entry.time.date() <= LATE
        if not (self._sensor.has_timeliness or is_young):
            return False
        scene = self._archive.scene(entry)
        if settledness(acquisition.timeliness) > settledness(scene.acquisition.timeliness):
            return True
        has_more = not set(acquisition.source_ids) <= set(scene.acquisition.source_ids)
        return is_young and has_more and scene.valid_share < 1


def _usual_scenes(sites: Sequence[Site], sensor: Sensor) -> float:
    """Scenes in a month over the middle of the sites."""
    if not sites:
        return 1.0
    middle = MultiPoint([site.outline.centroid for site in sites]).centroid
    return float(max(1, scenes_in(sensor, (middle.x, middle.y), TYPICAL_DAYS)))


def _months(spans: Iterable[Days], since: date, today: date) -> Iterator[Days]:
    """The days of all spans, each once, in pieces that lie in one month."""
    days = sorted({start + timedelta(days=n) for start, stop in spans for n in range((stop - start).days)})
    days = [day for day in days if since <= day < today]
    pieces: list[list[date]] = []
    for day in days:
        follows = pieces and day - pieces[-1][-1] == timedelta(days=1) and day.month == pieces[-1][-1].month
        if follows:
            pieces[-1].append(day)
        else:
            pieces.append([day])
    return ((piece[0], piece[-1] + timedelta(days=1)) for piece in pieces)


def _box(boxes: Sequence[Box]) -> Box:
    bounds = np.array(boxes)
    west, south = np.floor(bounds[:, :2].min(axis=0) * 1000) / 1000
    east, north = np.ceil(bounds[:, 2:].max(axis=0) * 1000) / 1000
    return float(west), float(south), float(east), float(north)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
