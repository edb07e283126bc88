"""Works for the tests of the simulation: a round outline, furnaces, and a coke battery."""

from __future__ import annotations

import numpy as np
from shapely import Point
from shapely.affinity import scale

from satverify.domain.sites import Site, Unit, UnitKind


def works_at(
    site_id: str, place: tuple[float, float], capacity: float, furnaces: int, radius: float = 1.2, *, coke: bool = True
) -> Site:
    """``capacity`` [t/d] of iron in blast furnaces of one size, within ``radius`` [km]."""
    longitude, latitude = place
    circle = Point(longitude, latitude).buffer(radius / 111.2)
    outline = scale(circle, 1 / np.cos(np.radians(latitude)), 1, origin=(longitude, latitude))
    units = [
        Unit(
            unit_id=f"{site_id}:bf{number}",
            site_id=site_id,
            kind=UnitKind.BLAST_FURNACE,
            capacity_t_per_day=capacity / furnaces,
        )
        for number in range(furnaces)
    ]
    if coke:
        size = 0.4 * capacity
        units.append(
            Unit(unit_id=f"{site_id}:coke", site_id=site_id, kind=UnitKind.COKE_BATTERY, capacity_t_per_day=size)
        )
    return Site(site_id=site_id, name=f"Works {site_id}", outline=outline, units=tuple(units))
