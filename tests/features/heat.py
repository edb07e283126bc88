"""Works and detections made by hand, and the real ones, for the tests of features."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from shapely import Polygon, box

from satverify.domain.evidence import DETECTION_COLUMNS, SERVICE_COLUMNS, empty_table
from satverify.domain.sites import FootprintStatus, Site, Unit, UnitKind
from satverify.features.plane import Plane
from satverify.sources.firms import read_detections

LONGITUDE, LATITUDE = 118.125, 39.625
PLANE = Plane(longitude=LONGITUDE, latitude=LATITUDE)
"""The map of ``works``: its outline is a rectangle round the origin."""

UKRAINE = ("alchevsk", "avdiivka_coke", "azovstal", "donetsk_metallurgical", "yenakiieve", "zaporizhstal")


def square(east: float, north: float, half: float) -> Polygon:
    """A square with its centre so many metres from the origin."""
    (west, right), (south, top) = PLANE.unproject(
        np.array([east - half, east + half]), np.array([north - half, north + half])
    )
    return Polygon([(west, south), (right, south), (right, top), (west, top)])


def unit(
    unit_id: str,
    kind: UnitKind = UnitKind.BLAST_FURNACE,
    place: tuple[float, float] | None = None,
    status: FootprintStatus = FootprintStatus.SURVEYED,
) -> Unit:
    """A unit, with a footprint 100 m wide where a place is given [m]."""
    footprint = None if place is None else square(*place, 50.0)
    return Unit(unit_id=unit_id, site_id="works", kind=kind, footprint=footprint, footprint_status=status)


def works(*units: Unit, half: float = 1500.0) -> Site:
    """A works on a square."""
    return Site(site_id="works", name="Works", outline=square(0.0, 0.0, half), units=units)


def heat(
    days: Sequence[int] | ArrayLike,
    east: ArrayLike = 0.0,
    north: ArrayLike = 0.0,
    *,
    first: str = "2021-01-01",
    hours: ArrayLike | None = None,
    **columns: str | float,
) -> pd.DataFrame:
    """Detections so many days after the first one and metres from the origin, at an hour [UTC] or at none."""
    day = np.atleast_1d(np.asarray(days, dtype=np.int64))
    longitude, latitude = PLANE.unproject(
        np.broadcast_to(np.asarray(east, dtype=np.float64), day.shape),
        np.broadcast_to(np.asarray(north, dtype=np.float64), day.shape),
    )
    table = empty_table(DETECTION_COLUMNS).reindex(range(len(day)))
    table["longitude"], table["latitude"] = longitude, latitude
    moment = pd.Timestamp(first) + pd.to_timedelta(day, unit="D")
    if hours is not None:
        moment = moment + pd.to_timedelta(np.broadcast_to(np.asarray(hours, dtype=np.float64), day.shape), unit="h")
        table["time"] = pd.DatetimeIndex(moment).tz_localize("UTC")
    table["utc_date"] = pd.DatetimeIndex(moment).normalize()
    for name, value in ({"sensor": "viirs", "satellite": "N", "day_night": "", "confidence": ""} | columns).items():
        table[name] = value
    return table.astype(DETECTION_COLUMNS)


def joined(*tables: pd.DataFrame) -> pd.DataFrame:
    """Several tables of detections as one, sorted as readers sort."""
    keys = ["utc_date", "time", "sensor", "satellite", "latitude", "longitude"]
    return pd.concat(tables, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)


def in_service(first: str, days: int, *, satellite: str = "N", out: Sequence[int] = ()) -> pd.DataFrame:
    """A satellite's service over so many days; ``out`` are the numbers of those without."""
    table = empty_table(SERVICE_COLUMNS).reindex(range(days))
    table["sensor"], table["satellite"], table["status"] = "viirs", satellite, "service"
    table["utc_date"] = pd.date_range(first, periods=days)
    table.loc[list(out), "status"] = "outage"
    return table.astype(SERVICE_COLUMNS)


def real(shared_data: Path, *names: str) -> pd.DataFrame:
    """Real detections round some works, such as ``ukraine_azovstal``."""
    return read_detections([shared_data / "firms" / f"{name}.csv" for name in names]).table


def ukraine(shared_data: Path) -> pd.DataFrame:
    """Real detections round six works, 2012-2023 without 2014, 2015 and 2017."""
    return real(shared_data, *(f"ukraine_{name}" for name in UKRAINE))


def site_round(detections: pd.DataFrame, radius: float = 3400.0) -> Site:
    """A site on a square about the middle of its detections."""
    middle = Plane(longitude=float(detections["longitude"].median()), latitude=float(detections["latitude"].median()))
    (west, east), (south, north) = middle.unproject(np.array([-radius, radius]), np.array([-radius, radius]))
    return Site(site_id="real", name="Real", outline=box(west, south, east, north))


def between(table: pd.DataFrame, start: date, stop: date) -> pd.DataFrame:
    """Rows of the UTC days ``[start, stop)``."""
    chosen = (table["utc_date"] >= pd.Timestamp(start)) & (table["utc_date"] < pd.Timestamp(stop))
    return table[chosen].reset_index(drop=True)
