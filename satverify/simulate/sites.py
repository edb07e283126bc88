"""Made-up sites: steelworks with every unit surveyed, for training, and enterprises without heat, for false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.affinity import rotate

from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.simulate.footprints import Metres, ground_size, placed
from satverify.simulate.layout import footprint_in_degrees

AREA = (
    4.8e6,
    0.6,
)  # [m²] median of 194 works' outlines on OpenStreetMap, standard deviation of its log there about 0.9
SMALLEST_AREA, LARGEST_AREA = 0.8e6, 12e6  # [m²] about their 5th and 95th percentile
LENGTH = (1.2, 2.6)  # of the longer side against the shorter; quartiles of the same 1.4 and 2.4
CORNER = 0.32  # of a side that is cut off at most; the outlines fill 0.55 to 0.71 of the rectangle round them
COLD_AREA = (0.25e6, 1.2e6)  # [m²]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """How many units of a kind works have, and how large they are."""

    kind: UnitKind
    """What they do."""
    chance: float
    """That a works has any. [0, 1]"""
    number: tuple[int, int]
    """Fewest and most."""
    capacity: tuple[float, float]
    """Median [t/d] and standard deviation of its log."""


EQUIPMENT = (  # medians of furnaces and converters: Global Iron and Steel Tracker, March 2025, units in the 2+26 cities
    Equipment(kind=UnitKind.BLAST_FURNACE, chance=1.0, number=(1, 4), capacity=(2850.0, 0.45)),
    Equipment(kind=UnitKind.SINTER_MACHINE, chance=1.0, number=(1, 3), capacity=(6500.0, 0.4)),
    Equipment(kind=UnitKind.CONVERTER, chance=1.0, number=(1, 4), capacity=(3150.0, 0.35)),
    Equipment(kind=UnitKind.COKE_BATTERY, chance=0.6, number=(1, 4), capacity=(1700.0, 0.3)),
    Equipment(kind=UnitKind.PELLET_PLANT, chance=0.35, number=(1, 1), capacity=(3300.0, 0.3)),
    Equipment(kind=UnitKind.ELECTRIC_ARC_FURNACE, chance=0.2, number=(1, 2), capacity=(2050.0, 0.35)),
)
COLD_KINDS = (UnitKind.BLAST_FURNACE, UnitKind.SINTER_MACHINE, UnitKind.CONVERTER, UnitKind.COKE_BATTERY)


def draw_works_site(rng: np.random.Generator, site_id: str, longitude: float, latitude: float) -> Site:
    """A steelworks that might be: outline, units with surveyed footprints, and capacities.

    Parameters
    ----------
    rng
        Where all chance comes from.
    site_id
        Its id; those of the units begin with it.
    longitude, latitude
        About its middle. [degree]
    """
    area = float(np.clip(AREA[0] * np.exp(rng.normal(0, AREA[1])), SMALLEST_AREA, LARGEST_AREA))
    units = []
    for equipment in EQUIPMENT:
        if rng.random() < equipment.chance:
            low, high = equipment.number
            for number in range(1, int(rng.integers(low, high + 1)) + 1):
                median, spread = equipment.capacity
                capacity = round(median * float(np.exp(rng.normal(0, spread))), -1)
                unit_id = f"{site_id}:{equipment.kind}{number}"
                units.append(
                    Unit(unit_id=unit_id, site_id=site_id, kind=equipment.kind, capacity_t_per_day=max(capacity, 300.0))
                )
    return _surveyed(rng, site_id, (longitude, latitude), area, units, f"Simulated works {site_id}")


def draw_cold_site(rng: np.random.Generator, site_id: str, longitude: float, latitude: float) -> Site:
    """An enterprise without heat, listed as if it had furnaces: its units are halls, yards and panels.

    Lay it out with ``layout_of(site, seed, Enterprise.WAREHOUSES)`` or ``GALVANISING``, and give it no heat.

    Parameters
    ----------
    rng, site_id, longitude, latitude
        As of ``draw_works_site``.
    """
    area = float(rng.uniform(*COLD_AREA))
    kinds = rng.permutation(len(COLD_KINDS))[: int(rng.integers(2, len(COLD_KINDS) + 1))]
    units = [
        Unit(
            unit_id=f"{site_id}:{COLD_KINDS[kind]}1", site_id=site_id, kind=COLD_KINDS[kind], capacity_t_per_day=3000.0
        )
        for kind in kinds.tolist()
    ]
    return _surveyed(rng, site_id, (longitude, latitude), area, units, f"Simulated enterprise {site_id}")


def _surveyed(
    rng: np.random.Generator, site_id: str, place: tuple[float, float], area: float, units: list[Unit], name: str
) -> Site:
    """A site whose units stand on known ground inside a made-up outline."""
    turn = float(rng.uniform(-90, 90))
    outline = _outline(rng, area, turn)
    sizes = {unit.unit_id: ground_size(unit) for unit in units}
    grounds = placed(rng, outline, turn, sizes, groups={unit.unit_id: str(unit.kind) for unit in units})
    surveyed = tuple(
        Unit(
            unit_id=unit.unit_id,
            site_id=site_id,
            kind=unit.kind,
            capacity_t_per_day=unit.capacity_t_per_day,
            footprint=footprint_in_degrees(grounds[unit.unit_id], place),
            footprint_status=FootprintStatus.SURVEYED,
            name=unit.unit_id.rsplit(":", 1)[1],
        )
        for unit in units
    )
    rating = list(Rating)[int(rng.integers(len(Rating)))]
    return Site(site_id=site_id, name=name, outline=footprint_in_degrees(outline, place), rating=rating, units=surveyed)


def _outline(rng: np.random.Generator, area: float, turn: float) -> Metres:
    """A rectangle with cut corners, of a given area. [m²]"""
    ratio = float(rng.uniform(*LENGTH))
    long, wide = np.sqrt(ratio), np.sqrt(1 / ratio)
    corners = []
    cuts = rng.uniform(0.02, CORNER, (4, 2))
    for (east, north), (across, up) in zip(((-1, -1), (1, -1), (1, 1), (-1, 1)), cuts, strict=True):
        at_side = (east * long / 2, north * wide * (0.5 - up))
        at_end = (east * long * (0.5 - across), north * wide / 2)
        corners += [at_side, at_end] if east * north > 0 else [at_end, at_side]
    shape = shapely.Polygon(corners)
    scale = np.sqrt(area / shape.area)
    grown = shapely.transform(shape, lambda points: points * scale)
    level: Metres = shapely.transform(grown, lambda points: points - shapely.get_coordinates(grown.centroid))
    turned: Metres = rotate(level, turn, origin=(0, 0))
    return turned
