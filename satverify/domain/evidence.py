"""What one site's verification needs, and what it gives: the values that travel between workers.

Tables are pandas frames whose columns are fixed here. Every array and frame is treated as read-only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from satverify.domain.findings import Finding
from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.policy import Order
from satverify.domain.rules import VerdictRules
from satverify.domain.sites import Area, Site

DETECTION_COLUMNS = {
    "longitude": "float64",
    "latitude": "float64",
    "time": "datetime64[us, UTC]",
    "utc_date": "datetime64[us]",
    "sensor": "str",
    "satellite": "str",
    "day_night": "str",
    "confidence": "str",
    "scan": "float64",
    "track": "float64",
    "fire_radiative_power": "float64",
}
"""Thermal detections. ``time`` is NaT and the floats NaN where the file does not say; ``sensor`` is ``viirs`` or
``modis``; ``satellite`` is ``N``, ``N20``, ``N21``, ``Terra``, ``Aqua`` or empty where unknown; ``day_night`` is ``D``,
``N`` or empty; ``confidence`` is ``low``, ``nominal``, ``high`` or empty; ``scan`` and ``track`` [km];
``fire_radiative_power`` [MW]."""

SKY_COLUMNS = {
    "longitude": "float64",
    "latitude": "float64",
    "date": "datetime64[us]",
    "cloud_cover": "float64",
    "snow_depth": "float64",
}
"""Daily sky at given points: ``cloud_cover`` [%], ``snow_depth`` [cm], NaN where the file does not say."""

SERVICE_COLUMNS = {
    "sensor": "str",
    "satellite": "str",
    "utc_date": "datetime64[us]",
    "status": "str",
}
"""One row per satellite and UTC day inside the declared coverage; ``status`` is ``service`` or ``outage``."""

LOOK_COLUMNS = {
    "site_id": "str",
    "unit_id": "str",
    "sensor": "str",
    "satellite": "str",
    "time": "datetime64[us, UTC]",
    "time_known": "bool",
    "local_day": "datetime64[us]",
    "day_night": "str",
    "view_zenith_angle": "float64",
    "quality": "str",
    "quality_reason": "str",
    "scene_id": "str",
    "cloud_cover": "float64",
    "p_clear": "float64",
    "hot_pixels": "int64",
    "hot_sources": "int64",
    "elsewhere_pixels": "int64",
    "fire_radiative_power": "float64",
    "p_detect": "float64",
    "loglik_running": "float64",
    "loglik_reduced": "float64",
    "loglik_halted": "float64",
}
"""Looks. ``time`` is nominal where ``time_known`` is false; ``view_zenith_angle`` is NaN where the orbit is not known
[degree]; ``quality_reason`` says in a word why a scene's quality is not ``clear``, ``scene_id`` names the scene; both
are empty for looks of detections; ``hot_pixels`` lie where the unit has its persistent heat,
``hot_sources`` counts the separate places among them, ``elsewhere_pixels`` lie in the outline but not there;
``fire_radiative_power`` is their sum [MW]; ``p_detect`` is P(at least one hot pixel given running)."""

ACTIVITY_COLUMNS = {
    "site_id": "str",
    "unit_id": "str",
    "local_day": "datetime64[us]",
    "p_running": "float64",
    "p_reduced": "float64",
    "p_halted": "float64",
    "online_p_running": "float64",
    "online_p_reduced": "float64",
    "online_p_halted": "float64",
    "clear_looks": "int64",
}
"""P(state) per unit and local day: from all looks, and from past looks only (``online``)."""

CELL_COLUMNS = {
    "site_id": "str",
    "cell_id": "str",
    "longitude": "float64",
    "latitude": "float64",
    "pixels": "int64",
    "days": "int64",
    "unit_id": "str",
    "role": "str",
}
"""Where heat sits. A cell is about 375 m wide; ``role`` is ``own`` (persistent heat of ``unit_id``), ``stays_hot`` (a
coke battery or the like), ``elsewhere`` (in the outline, never persistent) or ``neighbour`` (outside the outline)."""

CHANGE_COLUMNS = {
    "site_id": "str",
    "unit_id": "str",
    "change": "str",
    "local_day": "datetime64[us]",
    "low": "datetime64[us]",
    "high": "datetime64[us]",
    "level": "float64",
}
"""Dated changes: ``change`` is ``stop`` or ``restart``; ``local_day`` its median first day, ``[low, high]`` holds it
with probability ``level``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """What the sources say round one site."""

    detections: pd.DataFrame
    """Detections in reach of the site, ``DETECTION_COLUMNS``, sorted."""
    service: pd.DataFrame
    """The satellites' service over the coverage, ``SERVICE_COLUMNS``."""
    sky: pd.DataFrame
    """Daily sky at the nearest point, ``SKY_COLUMNS``; empty where no source gives any."""
    passes: pd.DataFrame
    """Every pass over the site, by time: ``sensor, satellite, time, is_learned, day_night, view_zenith_angle``."""
    neighbours: pd.DataFrame
    """What other steady heat sources nearby say of each UTC day: ``utc_date, lit, steady``."""
    heat: pd.DataFrame = field(default_factory=lambda: empty_table(HEAT_COLUMNS))
    """What the archived scenes show of each of the site's units, ``HEAT_COLUMNS``, by unit and time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteTask:
    """All that verifying one site needs; small, frozen, and free of paths and clocks."""

    site: Site
    orders: tuple[Order, ...]
    observed: Observed
    timezone: str
    """IANA name of the site's local time."""
    days: tuple[date, date]
    """Local days ``[start, stop)`` to account for."""
    rules: VerdictRules = VerdictRules()
    """When the evidence suffices for a verdict."""
    others: tuple[Area, ...] = ()
    """Outlines of the other listed sites nearby, whose heat is not this site's. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteResult:
    """All that verifying one site gives."""

    site_id: str
    looks: pd.DataFrame
    """``LOOK_COLUMNS``, sorted by unit, time, sensor, satellite."""
    activity: pd.DataFrame
    """``ACTIVITY_COLUMNS``, sorted by unit and day."""
    cells: pd.DataFrame
    """``CELL_COLUMNS``, sorted by id."""
    changes: pd.DataFrame
    """``CHANGE_COLUMNS``, sorted by unit and day."""
    heat: pd.DataFrame
    """``HEAT_COLUMNS``, sorted by unit, time and sensor."""
    findings: tuple[Finding, ...]
    """Sorted by order and unit; q-values are still to be filled in across sites."""


def empty_table(columns: dict[str, str]) -> pd.DataFrame:
    """A table without rows and with the right column types."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})
