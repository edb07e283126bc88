"""Ground of products as catalogues write it, made into polygons that say where they lie and where not."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.affinity import translate
from shapely.errors import ShapelyError
from shapely.geometry import shape

from satverify.domain.granules import Box

WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
POLE = 89.9  # [degree]
LONGEST_STEP = 180.0  # [degree] between two vertices: what looks longer goes the other way round the Earth


def footprint_of(geometry: object, box: Box) -> Polygon | MultiPolygon:
    """The ground of a product that a search for a box found.

    Parameters
    ----------
    geometry
        GeoJSON geometry, WGS 84, longitude first; anything else counts as none.
    box
        The searched box, which the service says that the product meets. [degree]

    Returns
    -------
    Polygons within -180 to 180 degrees: cut where the ground crosses the antimeridian, mended where edges cross. The
    box itself where the geometry is none, goes round a pole, or does not meet the box, and so was not understood: a
    product is rather asked for in vain than lost.
    """
    searched = shapely.box(*box)
    try:
        parts = [_unrolled(part) for part in _polygons(shape(cast(dict[str, Any], geometry)))]
        ground = shapely.union_all([shapely.make_valid(part) for part in parts if part is not None])
        flat = _polygons(ground)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        return searched
    if len(flat) == 0 or None in parts or not ground.intersects(searched):
        return searched
    return flat[0] if len(flat) == 1 else MultiPolygon(flat)


def _polygons(geometry: shapely.Geometry) -> list[Polygon]:
    """The polygons that a geometry is made of, however nested."""
    inner = getattr(geometry, "geoms", None)
    if inner is not None:
        return [polygon for part in inner for polygon in _polygons(part)]
    return [geometry] if isinstance(geometry, Polygon) and not geometry.is_empty else []


def _unrolled(polygon: Polygon) -> shapely.Geometry | None:
    """The polygon, cut at the antimeridian where it crosses that; none where it goes round a pole."""
    ring: NDArray[np.float64] = shapely.get_coordinates(polygon.exterior)
    is_along_pole = np.minimum(np.abs(ring[1:, 1]), np.abs(ring[:-1, 1])) >= POLE  # how a pole is drawn on a flat map
    is_jump = (np.abs(np.diff(ring[:, 0])) > LONGEST_STEP) & ~is_along_pole
    if not is_jump.any() and np.abs(ring[:, 0]).max() <= LONGEST_STEP:
        return polygon
    east = np.unwrap(ring[:, 0], period=360)
    if abs(east[-1] - east[0]) > 1:
        return None
    whole = shapely.make_valid(Polygon(np.column_stack([east, ring[:, 1]])))
    turned = [shapely.clip_by_rect(translate(whole, turn), *WORLD) for turn in (-360, 0, 360)]
    return shapely.union_all([part for part in turned if not part.is_empty])
