"""Before a season: what the looks to come at each site would catch, and what they would leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.looks import USABLE
from satverify.domain.rules import VerdictRules
from satverify.domain.sensors import SENSORS, Sensor
from satverify.domain.sites import STAYS_HOT, Site, UnitKind
from satverify.errors import InputError
from satverify.features.units import imaged_units, observed_units, pooled_units
from satverify.inference.classifier.model import HeatModel
from satverify.inference.durations import StateModel
from satverify.physics.satellites import passes
from satverify.pipeline.heat import BY_DAY, BY_NIGHT
from satverify.pipeline.orders import obligations
from satverify.pipeline.project import Project
from satverify.pipeline.site_rows import SiteRows
from satverify.pipeline.tables import TABLES
from satverify.registry.sites import read_sites
from satverify.simulate.orbit import overpasses
from satverify.simulate.weather import Climate, Weather, draw_weather, transmission
from satverify.verification.foresight import Foresight, Overlooks, blind, foresee

Window: TypeAlias = tuple[date, date]
Times: TypeAlias = NDArray[np.datetime64]

RUNS = (1, 2, 3, 4, 5, 7, 10, 14, 21, 28)
"""Lengths of secret runs that are tried, as far as the window is that long. [d]"""

FALSE_HEAT = 0.01
"""P(heat is seen | halted) of a clear look: what is accepted of the method."""

SEEN_ENOUGH = 10
"""Usable looks of an earlier run from which on a unit's own visibility is taken, and not that of its kind."""

VIIRS = "viirs"
VIIRS_SATELLITES = ("N", "N20")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPower:
    """What to expect of one unit in one window."""

    site_id: str
    unit_id: str
    kind: UnitKind
    window: Window
    """Local days ``[start, stop)``."""
    foresight: Foresight
    p_detect: Mapping[str, float]
    """P(seen | running, clear) by sensor that was counted on; none where no sensor sees the unit. [0, 1]"""
    from_history: tuple[str, ...]
    """Sensors whose visibility of this unit an earlier run learned, too low to count on or not; that of the others is
    their kind's."""


def season_power(
    project: Project,
    model: HeatModel,
    *,
    days: Window | None = None,
    chosen: Sequence[str] | None = None,
    seasons: int = 100,
    seed: int = 0,
    climate: Climate | None = None,
) -> Iterator[UnitPower]:
    """What the looks of the season to come would make of orders to halt, for every unit that can be judged.

    Parameters
    ----------
    project
        Its sites, orders, sensors, and the outputs of an earlier run where there are any.
    model
        Says how visible units of a kind are, where no earlier run does.
    days
        Local days ``[start, stop)`` of one window for all sites; none: those of the project's orders.
    chosen
        Ids of the sites to look at; none: all.
    seasons
        How many are drawn.
    seed
        Of the draws.
    climate
        How often the sky is clear.

    Raises
    ------
    InputError
        No window is given, or a chosen site is not in the list.
    """
    sites = sorted(read_sites(project.sites, datum=project.datum), key=lambda site: site.site_id)
    unknown = sorted(set(chosen or ()) - {site.site_id for site in sites})
    if unknown:
        raise InputError(f"{project.sites.name}: no site is called {', '.join(unknown)}")
    obliged = obligations(project, sites)
    windows: dict[str, set[Window]] = {site.site_id: {days} if days else set() for site in sites}
    for order in () if days else obliged.orders:
        windows[order.site_id].add((order.start, order.stop))
    if not any(windows[site_id] for site_id in chosen or windows):
        raise InputError(f"{project.file.name}: no order names a window; give one with --days")
    return _drawn(project, model, sites, windows, obliged.rules, set(chosen or windows), seasons, seed, climate)


def _drawn(
    project: Project,
    model: HeatModel,
    sites: Sequence[Site],
    windows: Mapping[str, set[Window]],
    rules: VerdictRules,
    chosen: Collection[str],
    seasons: int,
    seed: int,
    climate: Climate | None,
) -> Iterator[UnitPower]:
    """The units of the chosen sites; a site's chance is its own, whoever else is chosen."""
    known = _histories(project.outputs / "looks.parquet")
    streams = np.random.default_rng(seed).spawn(len(sites))
    for site, rng in zip(sites, streams, strict=True):
        if site.site_id not in chosen:
            continue
        for window in sorted(windows[site.site_id]):
            skies = tuple(
                replace(draw_weather(rng, climate), parallel=float(site.outline.centroid.y)) for _ in range(seasons)
            )
            sky = _Sky(site=site, window=window, timezone=project.timezone, skies=skies)
            for unit_id, kind, sensors in _units(project, site):
                chances, learned = _chances(unit_id, kind, sensors, known, model)
                looks = [sky.looks(name, chance, has_history=name in learned) for name, chance in chances.items()]
                looks = [each for each in looks if each.day.size]
                length = (window[1] - window[0]).days
                runs = sorted({run for run in (*RUNS, length) if run <= length})
                model_of_kind = StateModel.for_kind(kind)
                yield UnitPower(
                    site_id=site.site_id,
                    unit_id=unit_id,
                    kind=kind,
                    window=window,
                    foresight=foresee(rng, looks, length, runs, model_of_kind, rules) if looks else blind(runs),
                    p_detect=chances,
                    from_history=learned,
                )


def _units(project: Project, site: Site) -> Iterator[tuple[str, UnitKind, tuple[str, ...]]]:
    """Units that may be ordered to halt, and the sensors that look at each."""
    named = {name for source in project.sentinelhub for name in source.sensors}
    detected = {unit.unit_id for unit in observed_units(site)} if project.firms else set()
    imaged = {unit.unit_id: unit.kind for unit in imaged_units(site)}
    pooled = {unit.unit_id: unit.kind for unit in pooled_units(site)}
    for unit_id, kind in sorted((pooled | imaged).items()):
        if kind in STAYS_HOT:
            continue
        by_day = [name for name in BY_DAY if name in named and unit_id in imaged]
        by_night = [name for name in BY_NIGHT if name in named and unit_id in pooled]
        sensors = (*by_day, *by_night, *((VIIRS,) if unit_id in detected else ()))
        if sensors:
            yield unit_id, kind, sensors


def _chances(
    unit_id: str,
    kind: UnitKind,
    sensors: Sequence[str],
    known: Mapping[tuple[str, str], float],
    model: HeatModel,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """P(seen | running, clear) by sensor, and the sensors of which the unit's own history tells it."""
    chances, learned = {}, []
    for sensor in sensors:
        own = known.get((unit_id, sensor))
        if own is not None:
            learned.append(sensor)
        group = model.key(sensor, kind)
        chance = own if own is not None else model.groups[group].visibility.mean if group else None
        if chance is not None and chance > 2 * FALSE_HEAT:
            chances[sensor] = min(chance, 0.99)
    return chances, tuple(learned)


def _histories(path: Path) -> dict[tuple[str, str], float]:
    """Median P(seen | running) by unit and sensor, as an earlier run learned it; nothing where there was none."""
    if not path.is_file():
        return {}
    with SiteRows(path, TABLES["looks"]) as rows:
        looks = rows.every(["unit_id", "sensor", "quality", "p_detect"])
    usable = looks[looks["quality"].isin([str(quality) for quality in USABLE]) & looks["p_detect"].notna()]
    groups = usable.groupby(["unit_id", "sensor"])["p_detect"]
    return {(str(unit), str(sensor)): float(p.median()) for (unit, sensor), p in groups if len(p) >= SEEN_ENOUGH}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sky:
    """The window to come over one site: its overpasses, and whether each drawn sky lets them see."""

    site: Site
    window: Window
    timezone: str
    skies: tuple[Weather, ...]

    def looks(self, sensor: str, p_detect: float, *, has_history: bool) -> Overlooks:
        """The overpasses of a sensor."""
        centre = self.site.outline.centroid
        zone = ZoneInfo(self.timezone)
        begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in self.window)
        times = _overpasses(sensor, (centre.x, centre.y), begin, end)
        local = pd.DatetimeIndex(times).tz_localize(UTC).tz_convert(zone)
        day = (local.tz_localize(None).normalize() - pd.Timestamp(self.window[0])).days.to_numpy()
        place = (np.full(times.size, centre.x), np.full(times.size, centre.y))
        is_clear = np.stack([transmission(sky, *place, times) == 1.0 for sky in self.skies])
        return Overlooks(
            sensor=sensor,
            day=day,
            is_clear=is_clear,
            p_detect=p_detect,
            p_false=FALSE_HEAT,
            is_image=sensor != VIIRS,
            has_history=has_history,
        )


def _overpasses(sensor: str, place: tuple[float, float], begin: datetime, end: datetime) -> Times:
    """When a sensor passes over a place within ``[begin, end)``, ascending, to the second."""
    if sensor == VIIRS:
        days = (begin.astimezone(UTC).date(), end.astimezone(UTC).date() + timedelta(days=1))
        times = overpasses(np.array([place[0]]), np.array([place[1]]), days, VIIRS_SATELLITES).time
    else:
        kind: Sensor = SENSORS[sensor]
        span = (begin.timestamp(), end.timestamp())
        found = [passes(name, *place, *span, is_ascending=kind.is_ascending).time for name in kind.satellites]
        times = np.concatenate(found).astype(np.int64).astype("datetime64[s]")
    first, last = (np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s") for moment in (begin, end))
    return np.sort(times[(times >= first) & (times < last)])
