"""Cuts a project into one task per site: what the sources say round it, and the orders it is under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import DETECTION_COLUMNS, Observed, SiteTask
from satverify.domain.policy import Order
from satverify.domain.sites import Site
from satverify.features.overpasses import OverpassTable, learn_overpasses
from satverify.features.surroundings import observe_site
from satverify.pipeline.inputs import Heat, Inputs, no_heat
from satverify.pipeline.project import Days

KM_PER_DEGREE = 111.2  # of latitude, mean
REACH = 210.0
"""What lies farther from a site's outline cannot bear on it: ``observe_site`` asks as far as 200 km. [km]"""

NEAR = 0.05
"""Other sites farther than this cannot share a source with a site: several pixels at any latitude of works. [degree]"""

OWN_REACH = 10.0
"""What may be the works' own or its neighbours' lies nearer: twice what ``observe_site`` keeps. [km]"""

SKY_POINTS = 16
"""Points of the sky that travel with a site, nearest first: farther ones weigh next to nothing beside these."""

DETECTION_ORDER = ["utc_date", "time", "sensor", "satellite", "latitude", "longitude"]
"""How the readers sort."""

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

    def inside(
        self, west: float, south: float, east: float, north: float, columns: Sequence[str] = tuple(DETECTION_COLUMNS)
    ) -> pd.DataFrame:
        """Detections in the box, edges included, in the order of the table."""
        first = np.searchsorted(self.latitude, south, side="left")
        last = np.searchsorted(self.latitude, north, side="right")
        rows = np.sort(self.by_latitude[first:last])
        longitude = self.detections["longitude"].to_numpy()[rows]
        chosen = rows[(longitude >= west) & (longitude <= east)]
        return self.detections[list(columns)].iloc[chosen].reset_index(drop=True)


def nearby(detections: pd.DataFrame) -> Nearby:
    """An index over ``DETECTION_COLUMNS``."""
    latitude = detections["latitude"].to_numpy()
    order = np.argsort(latitude, kind="stable")
    return Nearby(detections=detections, by_latitude=order, latitude=latitude[order])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watch:
    """What the sources that cover a site hold together, ready to be asked."""

    near: Nearby
    service: pd.DataFrame
    orbits: OverpassTable


def site_tasks(
    inputs: Inputs, timezone: str, days: Days, heat: Mapping[str, pd.DataFrame] = MappingProxyType({})
) -> Iterator[SiteTask]:
    """One task per site, in the order of ``inputs.sites``; a site out of every source's area gets no evidence.

    ``heat`` is what archived scenes show, ``HEAT_COLUMNS`` by site id.
    """
    watches: dict[tuple[int, ...], Watch] = {}
    orders: dict[str, list[Order]] = {}
    for order in inputs.obligations.orders:
        orders.setdefault(order.site_id, []).append(order)
    sky = sky_points(inputs.sky)
    bounds = np.array([site.outline.bounds for site in inputs.sites], dtype=np.float64).reshape(-1, 4)
    for number, site in enumerate(inputs.sites):
        chosen = tuple(place for place, source in enumerate(inputs.heat) if covers(source, site))
        if chosen not in watches:
            watches[chosen] = _watch([inputs.heat[place] for place in chosen])
        yield SiteTask(
            site=site,
            orders=tuple(orders.get(site.site_id, [])),
            observed=_with_heat(_observed(site, watches[chosen], sky), heat.get(site.site_id)),
            timezone=timezone,
            days=days,
            rules=inputs.obligations.rules,
            others=tuple(inputs.sites[place].outline for place in _near(number, bounds)),
        )


def _with_heat(observed: Observed, heat: pd.DataFrame | None) -> Observed:
    return observed if heat is None else replace(observed, heat=heat)


def _near(number: int, bounds: FloatArray) -> list[int]:
    """Places of the other sites whose heat could be taken for this one's."""
    west, south, east, north = bounds[number]
    beside = (bounds[:, 0] - NEAR <= east) & (bounds[:, 2] + NEAR >= west)
    beside &= (bounds[:, 1] - NEAR <= north) & (bounds[:, 3] + NEAR >= south)
    return [int(place) for place in np.flatnonzero(beside) if place != number]


def covers(source: Heat, site: Site) -> bool:
    """Whether ``source`` was watching, and the whole outline lies in its area."""
    if source.area is None or source.service.empty:
        return False
    west, south, east, north = source.area
    left, bottom, right, top = site.outline.bounds
    return bool(west <= left and right <= east and south <= bottom and top <= north)


def reach_box(site: Site, reach: float = REACH) -> tuple[float, float, float, float]:
    """West, south, east, north of the outline and ``reach`` km round it. [degree]"""
    west, south, east, north = site.outline.bounds
    tall = reach / KM_PER_DEGREE
    wide = tall / max(np.cos(np.radians(min(max(abs(south), abs(north)) + tall, 90.0))), 0.01)
    return west - wide, south - tall, east + wide, north + tall


def _observed(site: Site, watch: Watch, sky: Sky) -> Observed:
    own = watch.near.inside(*reach_box(site, OWN_REACH))
    around = watch.near.inside(*reach_box(site), columns=("longitude", "latitude", "utc_date"))
    return observe_site(site, own, watch.service, watch.orbits, sky.over(site), around)


def _watch(sources: Sequence[Heat]) -> Watch:
    joined = reduce(_joined, sources) if sources else no_heat()
    return Watch(near=nearby(joined.detections), service=joined.service, orbits=learn_overpasses(joined.detections))


def _joined(one: Heat, other: Heat) -> Heat:
    """Two sources as one: each detection once, and a satellite that either saw in service was in service."""
    detections = pd.concat([one.detections, other.detections], ignore_index=True)
    detections = detections.drop_duplicates(DETECTION_ORDER).sort_values(DETECTION_ORDER, kind="stable")
    service = pd.concat([one.service, other.service], ignore_index=True)
    service = service.sort_values(["sensor", "satellite", "utc_date", "status"], ascending=[True, True, True, False])
    return Heat(
        detections=detections.reset_index(drop=True),
        service=service.drop_duplicates(["sensor", "satellite", "utc_date"]).reset_index(drop=True),
        area=one.area,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """Points with a daily sky."""

    longitude: FloatArray
    latitude: FloatArray
    days: tuple[pd.DataFrame, ...]
    """``SKY_COLUMNS`` of each point, by date."""
    none: pd.DataFrame
    """A table without rows."""

    def over(self, site: Site) -> pd.DataFrame:
        """The days of the points nearest to the outline's centre, nearest point first."""
        centre = site.outline.centroid
        away = _distance(self.longitude, self.latitude, centre.x, centre.y)
        nearest = np.argsort(away, kind="stable")[:SKY_POINTS]
        return pd.concat([self.days[number] for number in nearest], ignore_index=True) if len(nearest) else self.none


def sky_points(sky: pd.DataFrame) -> Sky:
    """An index over ``SKY_COLUMNS``; a day that two sources tell of counts once."""
    once = sky.drop_duplicates(["longitude", "latitude", "date"]).sort_values("date", kind="stable")
    points = [
        (place, rows.reset_index(drop=True)) for place, rows in once.groupby(["longitude", "latitude"], sort=True)
    ]
    places = np.array([place for place, _ in points], dtype=np.float64).reshape(-1, 2)
    return Sky(longitude=places[:, 0], latitude=places[:, 1], days=tuple(rows for _, rows in points), none=sky.iloc[:0])


def _distance(longitude: FloatArray, latitude: FloatArray, east: float, north: float) -> FloatArray:
    """Great-circle distance on a sphere. [km]"""
    phi, at = np.radians(latitude), np.radians(north)
    turn = np.radians(longitude - east)
    half = np.sin((phi - at) / 2) ** 2 + np.cos(phi) * np.cos(at) * np.sin(turn / 2) ** 2
    distance: FloatArray = np.degrees(2 * np.arcsin(np.sqrt(half))) * KM_PER_DEGREE
    return distance
