"""Works that do not exist, for demonstrations: a simulated verdict must never stand beside the name of a real company.

They stand in the open Yellow Sea, where no works can stand, in cities that nobody lives in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from shapely import Point, Polygon, box, orient_polygons
from shapely.affinity import scale

from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.simulate.layout import footprint_in_degrees, layout_of

KM_PER_DEGREE = 111.2

Row: TypeAlias = tuple[str, str, str, Rating, float, float, tuple[float, ...], float]
ROWS: tuple[Row, ...] = (
    # name, Chinese name, city, rating, longitude, latitude, furnaces [t/d], coke ovens [t/d]
    ("Heron Shoal Iron Works", "鹭滩钢铁厂", "Heron Shoal", Rating.A, 122.9, 35.2, (7200, 7200), 0),
    ("Lantern Reef Steel", "灯礁钢铁", "Heron Shoal", Rating.B, 123.4, 35.3, (3900, 3900, 3200), 5000),
    ("North Drift Iron and Steel", "北漂钢铁", "North Drift", Rating.B_MINUS, 123.1, 35.9, (5600, 4300), 0),
    ("Seven Buoys Steel", "七浮标钢铁", "North Drift", Rating.C, 123.8, 36.0, (2600, 2600), 0),
    ("Pearl Current Iron Works", "珠流铁厂", "Pearl Current", Rating.D, 122.7, 34.6, (3200,), 2200),
    ("Tern Island Special Steel", "燕鸥岛特钢", "Pearl Current", Rating.B, 123.5, 34.5, (6100, 5200, 5200), 6400),
    ("Saltmarsh Steel", "盐沼钢铁", "Saltmarsh", Rating.C, 124.1, 35.1, (4300, 4300), 3000),
    ("Grey Whale Metallurgical", "灰鲸冶金", "Saltmarsh", Rating.A, 124.2, 35.6, (8600, 7800, 5600), 0),
    ("Driftwood Furnace Company", "浮木高炉公司", "Driftwood", Rating.D, 124.0, 34.3, (2100,), 0),
    ("Moonlit Strait Steel", "月峡钢铁", "Driftwood", Rating.B, 123.9, 36.5, (9800, 9800), 8200),
)
SINTER = {1: 14_000.0, 3: 9_500.0}
"""Sinter machines by the number of the works. [t/d]"""
SURVEYED = (1, 2, 3, 4)
"""Numbers of the works whose ground somebody has surveyed unit by unit; the others know where they stand as a whole."""
PLAN_SEED = 1
TWIN = ("Twin Sandbank Steel", "双沙洲钢铁", "Saltmarsh", Rating.B, 122.6, 36.4)
"""Two furnaces far enough apart to be told from each other, each with its ground surveyed."""
TWIN_FURNACE = 7600.0  # [t/d]
TWIN_DISTANCE = 1.8  # [km]
SIMULATED, SIMULATED_ZH = " (simulated)", "（模拟）"


def fictional_sites() -> tuple[Site, ...]:
    """Eleven works of all sizes, with and without coke ovens, some of them surveyed."""
    listed = tuple(_surveyed(_site(number, row), number) for number, row in enumerate(ROWS, start=1))
    return (*listed, _twin(f"sim-{len(ROWS) + 1:02d}"))


def anonymised(sites: Sequence[Site]) -> tuple[Site, ...]:
    """The same works without a trace of who they are: for simulated findings on real outlines."""
    return tuple(_anonymous(f"sim-{number:03d}", site) for number, site in enumerate(sites, start=1))


def _anonymous(site_id: str, site: Site) -> Site:
    units = tuple(
        replace(unit, site_id=site_id, unit_id=f"{site_id}:{number}", name="")
        for number, unit in enumerate(site.units, start=1)
    )
    number = site_id.removeprefix("sim-")
    return replace(
        site,
        site_id=site_id,
        name=f"Works {number}{SIMULATED}",
        name_zh=f"企业{number}{SIMULATED_ZH}",
        city="",
        units=units,
    )


def _surveyed(site: Site, number: int) -> Site:
    """The same works with the ground of each unit, as the simulation lays it out."""
    if number not in SURVEYED:
        return site
    plan = layout_of(site, PLAN_SEED)
    units = tuple(
        replace(
            unit,
            footprint=footprint_in_degrees(plan.grounds[unit.unit_id], plan.middle),
            footprint_status=FootprintStatus.SURVEYED,
        )
        for unit in site.units
    )
    return replace(site, units=units)


def _site(number: int, row: Row) -> Site:
    site_id = f"sim-{number:02d}"
    name, name_zh, city, rating, longitude, latitude, furnaces, coke = row
    units = [
        _unit(site_id, f"bf{number}", UnitKind.BLAST_FURNACE, size) for number, size in enumerate(furnaces, start=1)
    ]
    if number in SINTER:
        units.append(_unit(site_id, "sinter", UnitKind.SINTER_MACHINE, SINTER[number]))
    if coke:
        units.append(_unit(site_id, "coke", UnitKind.COKE_BATTERY, coke))
    radius = 0.6 + 0.35 * np.sqrt(sum(furnaces) / 3000)  # [km] larger works need more ground
    return Site(
        site_id=site_id,
        name=name + SIMULATED,
        name_zh=name_zh + SIMULATED_ZH,
        city=city,
        rating=rating,
        outline=_round((longitude, latitude), float(radius)),
        units=tuple(units),
    )


def _twin(site_id: str) -> Site:
    name, name_zh, city, rating, longitude, latitude = TWIN
    away = TWIN_DISTANCE / 2 / (KM_PER_DEGREE * np.cos(np.radians(latitude)))
    units = []
    for number, side in enumerate((-1, 1), start=1):
        unit = _unit(site_id, f"bf{number}", UnitKind.BLAST_FURNACE, TWIN_FURNACE)
        middle = longitude + side * away
        ground = box(middle - 0.003, latitude - 0.0025, middle + 0.003, latitude + 0.0025)
        units.append(replace(unit, footprint=ground, footprint_status=FootprintStatus.SURVEYED))
    return Site(
        site_id=site_id,
        name=name + SIMULATED,
        name_zh=name_zh + SIMULATED_ZH,
        city=city,
        rating=rating,
        outline=_round((longitude, latitude), 1.9),
        units=tuple(units),
    )


def _unit(site_id: str, name: str, kind: UnitKind, capacity: float) -> Unit:
    return Unit(unit_id=f"{site_id}:{name}", site_id=site_id, kind=kind, capacity_t_per_day=float(capacity))


def _round(place: tuple[float, float], radius: float) -> Polygon:
    """A circle of ``radius`` [km]."""
    circle = Point(place).buffer(radius / KM_PER_DEGREE, quad_segs=8)
    outline: Polygon = scale(circle, 1 / np.cos(np.radians(place[1])), 1, origin=place)
    return orient_polygons(outline)
