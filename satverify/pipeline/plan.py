"""Cuts a project into one task per site: what the sources say round it, and the orders it is under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import (
    DETECTION_COLUMNS,
    SERVICE_COLUMNS,
    SKY_COLUMNS,
    Observed,
    SiteTask,
    empty_table,
)
from satverify.domain.sites import Site
from satverify.features.neighbours import NEIGHBOUR_COLUMNS, neighbour_evidence
from satverify.features.overpasses import OverpassTable, overpasses
from satverify.pipeline.inputs import Heat, Inputs
from satverify.pipeline.project import Days

KM_PER_DEGREE = 111.2  # of latitude, mean
REACH = 10.0
"""Detections up to this far beyond the outline's box travel with the site. [km]"""

FARTHEST_SKY = 300.0
"""A point farther away says nothing of a site's sky. [km]"""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearby:
    """Finds the detections in a box without going through all of them."""

    detections: pd.DataFrame
    by_latitude: IntArray
    """Row numbers, south to north."""
    latitude: FloatArray
    """Latitudes in that order. [degree]"""

    def inside(self, west: float, south: float, east: float, north: float) -> pd.DataFrame:
        """Detections in the box, edges included, in the order of the table."""
        first = np.searchsorted(self.latitude, south, side="left")
        last = np.searchsorted(self.latitude, north, side="right")
        rows = np.sort(self.by_latitude[first:last])
        longitude = self.detections["longitude"].to_numpy()[rows]
        return self.detections.iloc[rows[(longitude >= west) & (longitude <= east)]].reset_index(drop=True)


def nearby(detections: pd.DataFrame) -> Nearby:
    """An index over ``DETECTION_COLUMNS``."""
    latitude = detections["latitude"].to_numpy()
    order = np.argsort(latitude, kind="stable")
    return Nearby(detections=detections, by_latitude=order, latitude=latitude[order])


def site_tasks(inputs: Inputs, timezone: str, days: Days) -> Iterator[SiteTask]:
    """One task per site, in the order of ``inputs.sites``; a site out of every source's area gets no evidence."""
    indexes, sky = [nearby(source.detections) for source in inputs.heat], sky_points(inputs.sky)
    orders: dict[str, list[int]] = {}
    for number, order in enumerate(inputs.orders):
        orders.setdefault(order.site_id, []).append(number)
    for site in inputs.sites:
        yield SiteTask(
            site=site,
            orders=tuple(inputs.orders[number] for number in orders.get(site.site_id, [])),
            observed=_observed(site, inputs.heat, indexes, sky),
            timezone=timezone,
            days=days,
        )


def covers(source: Heat, site: Site) -> bool:
    """Whether ``source`` was watching, and the whole outline lies in its area."""
    if source.area is None or source.service.empty:
        return False
    west, south, east, north = source.area
    left, bottom, right, top = site.outline.bounds
    return bool(west <= left and right <= east and south <= bottom and top <= north)


def _observed(site: Site, heat: Sequence[Heat], indexes: Sequence[Nearby], sky: Sky) -> Observed:
    box = reach_box(site)
    near = [(source, index) for source, index in zip(heat, indexes, strict=True) if covers(source, site)]
    return Observed(
        detections=_together([index.inside(*box) for _, index in near]),
        service=_one_service([source.service for source, _ in near]),
        sky=sky.over(site),
        passes=_all_passes([_passes(site, source) for source, _ in near]),
        neighbours=_all_neighbours([_neighbours(site, source) for source, _ in near]),
    )


def reach_box(site: Site) -> tuple[float, float, float, float]:
    """West, south, east, north of the outline and ``REACH`` round it. [degree]"""
    west, south, east, north = site.outline.bounds
    tall = REACH / KM_PER_DEGREE
    wide = tall / max(np.cos(np.radians(max(abs(south), abs(north)) + tall)), 0.01)
    return west - wide, south - tall, east + wide, north + tall


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Detections of all sources, each once, in the order in which the readers sort."""
    if len(tables) == 1:
        return tables[0]
    if not tables:
        return empty_table(DETECTION_COLUMNS)
    keys = ["utc_date", "time", "sensor", "satellite", "latitude", "longitude"]
    joined = pd.concat(tables, ignore_index=True).sort_values(keys, kind="stable")
    return joined.drop_duplicates(keys).reset_index(drop=True)


def _one_service(calendars: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """A satellite that one source saw in service was in service."""
    if len(calendars) == 1:
        return calendars[0]
    if not calendars:
        return empty_table(SERVICE_COLUMNS)
    joined = pd.concat(calendars, ignore_index=True)
    joined = joined.sort_values(["sensor", "satellite", "utc_date", "status"], ascending=[True, True, True, False])
    return joined.drop_duplicates(["sensor", "satellite", "utc_date"]).reset_index(drop=True)


def _utc_days(source: Heat) -> Days:
    """First day of the calendar, and the day after its last."""
    dates = source.service["utc_date"]
    return dates.min().date(), dates.max().date() + timedelta(days=1)


def _passes(site: Site, source: Heat) -> pd.DataFrame:
    centre = site.outline.centroid
    return overpasses(source.orbits, centre.x, centre.y, _utc_days(source))


def _all_passes(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(tables) == 1:
        return tables[0]
    if not tables:
        nowhen = date(1970, 1, 1), date(1970, 1, 2)
        return overpasses(OverpassTable(streams=(), beats=()), 0.0, 0.0, nowhen)
    joined = pd.concat(tables, ignore_index=True).sort_values(["time", "sensor", "satellite"], kind="stable")
    return joined.drop_duplicates(["time", "sensor", "satellite"]).reset_index(drop=True)


def _neighbours(site: Site, source: Heat) -> pd.DataFrame:
    start, stop = (np.datetime64(day, "D") for day in _utc_days(source))
    return neighbour_evidence(site, source.detections, np.arange(start, stop))


def _all_neighbours(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Sums of what the sources' steady heat says of each day."""
    if len(tables) == 1:
        return tables[0]
    if not tables:
        return empty_table(NEIGHBOUR_COLUMNS)
    summed: pd.DataFrame = pd.concat(tables, ignore_index=True).groupby("utc_date", sort=True, as_index=False).sum()
    return summed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """Points with a daily sky."""

    longitude: FloatArray
    latitude: FloatArray
    days: tuple[pd.DataFrame, ...]
    """``SKY_COLUMNS`` of each point, by date."""

    def over(self, site: Site) -> pd.DataFrame:
        """The days of the point nearest to the outline's centre; empty where it is too far."""
        centre = site.outline.centroid
        away = _distance(self.longitude, self.latitude, centre.x, centre.y)
        if not np.any(away <= FARTHEST_SKY):
            return empty_table(SKY_COLUMNS)
        return self.days[int(np.argmin(away))]


def sky_points(sky: pd.DataFrame) -> Sky:
    """An index over ``SKY_COLUMNS``; a day that two sources tell of counts once."""
    once = sky.drop_duplicates(["longitude", "latitude", "date"]).sort_values("date", kind="stable")
    points = [
        (place, rows.reset_index(drop=True)) for place, rows in once.groupby(["longitude", "latitude"], sort=True)
    ]
    places = np.array([place for place, _ in points], dtype=np.float64).reshape(-1, 2)
    return Sky(longitude=places[:, 0], latitude=places[:, 1], days=tuple(rows for _, rows in points))


def _distance(longitude: FloatArray, latitude: FloatArray, east: float, north: float) -> FloatArray:
    """Great-circle distance on a sphere. [km]"""
    phi, at = np.radians(latitude), np.radians(north)
    turn = np.radians(longitude - east)
    half = np.sin((phi - at) / 2) ** 2 + np.cos(phi) * np.cos(at) * np.sin(turn / 2) ** 2
    distance: FloatArray = np.degrees(2 * np.arcsin(np.sqrt(half))) * KM_PER_DEGREE
    return distance
