"""How a simulated works lies on the ground: where each unit stands, and what the surfaces round it are made of.

Units stand on their surveyed ground where the site knows it, and else somewhere inside the outline, in rows as works
have them. What is left of the outline is laid out in blocks along its longer side: halls, stockyards, slag, basins,
concrete, green; round it lie villages and a road. Not modelled: relief, rails, chimneys and shadows of buildings, and
works that are rebuilt within a season.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Area, Site
from satverify.simulate.footprints import Metres, direction_of, ground_size, placed
from satverify.simulate.heat import KM_PER_DEGREE
from satverify.simulate.surroundings import surfaces_round
from satverify.simulate.yards import MILLS, STEELWORKS_USES, Uses, mill_roof, mill_sizes, surfaces_within, unit_surfaces

METRES_PER_DEGREE = 1000 * KM_PER_DEGREE
EVERYTHING = 0xFFFFFFFFFFFFFFFF


class Enterprise(StrEnum):
    """What stands on a site."""

    STEELWORKS = "steelworks"
    WAREHOUSES = "warehouses"
    """Halls with solar panels, parked goods and coal for sale; nothing hot."""
    GALVANISING = "galvanising"
    """Coated sheet: bright roofs, coils in the open, pickling basins; no furnace that shows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """One surface of a works."""

    material: str
    """Key into the table of materials, such as ``metal_roof`` or ``coal``."""
    ground: shapely.Polygon
    """East and north of the works' middle. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """The ground of one works."""

    site: Site
    """Whose."""
    middle: tuple[float, float]
    """Longitude and latitude that metres are counted from. [degree]"""
    grounds: Mapping[str, shapely.Polygon]
    """Ground of every unit by its id, made up where the site does not say; east and north of the middle. [m]"""
    patches: tuple[Patch, ...]
    """Surfaces, later ones on top of earlier ones."""


COLD_USES: Mapping[Enterprise, Uses] = {
    Enterprise.WAREHOUSES: {
        "metal_hall": 0.30,
        "blue_hall": 0.18,
        "dark_hall": 0.10,
        "solar_hall": 0.14,
        "parked_metal": 0.08,
        "coal_yard": 0.06,
        "concrete": 0.10,
        "green": 0.04,
    },
    Enterprise.GALVANISING: {
        "metal_hall": 0.45,
        "blue_hall": 0.10,
        "solar_hall": 0.05,
        "parked_metal": 0.18,
        "basin": 0.05,
        "slag_yard": 0.03,
        "concrete": 0.10,
        "green": 0.04,
    },
}
"""What the blocks of enterprises without heat are used for, and how often."""


def middle_of(site: Site) -> tuple[float, float]:
    """Longitude and latitude that the metres of a works are counted from: the centroid of its outline. [degree]"""
    centre = site.outline.centroid
    return float(centre.x), float(centre.y)


def in_metres(area: BaseGeometry, middle: tuple[float, float]) -> BaseGeometry:
    """A geometry in degrees, counted east and north from a middle, on the round Earth that works are simulated on. [m]

    Parameters
    ----------
    area
        Longitude before latitude. [degree]
    middle
        Longitude and latitude. [degree]
    """
    return shapely.transform(area, lambda corners: (corners - np.array(middle)) * _scale(middle))


def in_degrees(area: BaseGeometry, middle: tuple[float, float]) -> BaseGeometry:
    """``in_metres`` the other way round. [degree]"""
    return shapely.transform(area, lambda corners: corners / _scale(middle) + np.array(middle))


def layout_of(site: Site, seed: int, enterprise: Enterprise = Enterprise.STEELWORKS) -> Layout:
    """Lay out a works; the same for the same site, seed and enterprise.

    Parameters
    ----------
    site
        Its outline, and the ground of units where it is known; parts of a ground or outline that lie apart from its
        largest part are left out of the layout.
    seed
        Of what the site does not say.
    enterprise
        What stands there. Where there is nothing hot, the grounds of units are ordinary blocks.
    """
    rng = np.random.default_rng([seed & EVERYTHING, *site.site_id.encode()])
    middle = middle_of(site)
    outline = largest(in_metres(site.outline, middle))
    turn = direction_of(outline)
    known = {
        unit.unit_id: largest(in_metres(unit.footprint, middle))
        for unit in site.units
        if unit.footprint is not None and not unit.footprint.is_empty
    }
    missing = {unit.unit_id: ground_size(unit) for unit in site.units if unit.unit_id not in known}
    groups = {unit.unit_id: str(unit.kind) for unit in site.units}
    grounds = known | placed(rng, outline, turn, missing, groups=groups, taken=list(known.values()))
    grounds = {unit.unit_id: grounds[unit.unit_id] for unit in site.units}
    surfaces = [("works_ground", outline)]
    surfaces += surfaces_round(rng, outline, turn)
    if enterprise is Enterprise.STEELWORKS:
        mills = placed(rng, outline, turn, mill_sizes(rng, outline), groups=MILLS, taken=list(grounds.values()))
        free = [*grounds.values(), *mills.values()]
        surfaces += surfaces_within(rng, outline, turn, free, STEELWORKS_USES)
        surfaces += [(mill_roof(rng), hall) for hall in mills.values()]
        for unit in site.units:
            surfaces += unit_surfaces(rng, unit.kind, grounds[unit.unit_id])
    else:
        surfaces += surfaces_within(rng, outline, turn, [], COLD_USES[enterprise])
    patches = tuple(Patch(material=material, ground=ground) for material, ground in surfaces)
    return Layout(site=site, middle=middle, grounds=grounds, patches=patches)


def largest(area: BaseGeometry) -> Metres:
    """The largest polygon of an area."""
    parts = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: part.area)


def footprint_in_degrees(ground: Metres, middle: tuple[float, float]) -> Area:
    """A ground in metres as a footprint. [degree]"""
    footprint = in_degrees(ground, middle)
    assert isinstance(footprint, shapely.Polygon)
    return footprint


def _scale(middle: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Metres per degree of longitude and latitude."""
    return METRES_PER_DEGREE * np.array([np.cos(np.radians(middle[1])), 1.0])
