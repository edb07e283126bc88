"""What other steady heat sources nearby say of the sky: if they shone as usual, it was open; if none did, perhaps not.

Only sources that were lately alive speak. One that stopped for good falls silent in the reckoning too, so that a
region that stops together does not pass for a cloudy one for longer than ``MEMORY``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from satverify.domain.sites import Site
from satverify.features.plane import Plane

NEIGHBOUR_COLUMNS = {"utc_date": "datetime64[us]", "lit": "float64", "steady": "float64"}
"""Per UTC day: ``lit``, the weight of steady sources seen hot, and ``steady``, the weight expected to be."""

NEAREST = 5_000.0
"""Heat nearer than this may be the works' own. [m]"""

FARTHEST = 200_000.0
"""Heat farther than this lies under another sky. [m]"""

SKY_SCALE = 80_000.0
"""Distance over which the likeness of two skies falls by e: daily cloud cover correlates over 100 km or so. [m]"""

BLOCK = 10_000.0
"""Width of the blocks that count as one source. [m]"""

MEMORY = 45
"""Days on either side that say how often a source is usually seen. [d]"""

STEADY = 0.1
"""Share of days on which a source must usually be seen to be worth asking. [1]"""

FloatArray = NDArray[np.float64]


def neighbour_evidence(site: Site, detections: pd.DataFrame, days: NDArray[np.datetime64]) -> pd.DataFrame:
    """How lit the surroundings of a site were on each UTC day.

    Parameters
    ----------
    site
        The works; heat within ``NEAREST`` of its outline is not asked.
    detections
        ``DETECTION_COLUMNS``, everything the source holds.
    days
        UTC days asked for, sorted, without gaps.

    Returns
    -------
    ``NEIGHBOUR_COLUMNS``, one row a day; zeros where no steady source was alive.
    """
    table = pd.DataFrame({"utc_date": days.astype("datetime64[us]"), "lit": 0.0, "steady": 0.0})
    if detections.empty or len(days) == 0:
        return table
    centre = site.outline.centroid
    plane = Plane(longitude=centre.x, latitude=centre.y)
    near = (np.abs(detections["latitude"] - centre.y) < 2.5).to_numpy()
    east, north = plane.project(detections["longitude"].to_numpy()[near], detections["latitude"].to_numpy()[near])
    far = np.hypot(east, north)
    asked = (far <= FARTHEST) & ~_is_near(plane.flatten(site.outline), east, north)
    index = detections["utc_date"].to_numpy()[near][asked].astype("datetime64[D]") - days[0].astype("datetime64[D]")
    days_since = index.astype(np.int64)
    known = (days_since >= 0) & (days_since < len(days))
    wide = 2.0 * FARTHEST / BLOCK + 1.0
    _, block = np.unique((np.floor(east / BLOCK) * wide + np.floor(north / BLOCK))[asked][known], return_inverse=True)
    if len(block) == 0:
        return table
    hot = np.zeros((int(block.max()) + 1, len(days)))
    hot[block, days_since[known]] = 1.0
    usual = _usual(hot)
    distance = np.bincount(block, weights=far[asked][known]) / np.bincount(block)
    weight = np.exp(-distance / SKY_SCALE)[:, None] * (usual >= STEADY)
    return table.assign(lit=(weight * hot).sum(axis=0), steady=(weight * usual).sum(axis=0))


def _is_near(outline: BaseGeometry, east: FloatArray, north: FloatArray) -> NDArray[np.bool_]:
    """Whether points lie within ``NEAREST`` of an outline round the origin; only those that may are measured."""
    left, low, right, high = outline.bounds
    near = (east >= left - NEAREST) & (east <= right + NEAREST) & (north >= low - NEAREST) & (north <= high + NEAREST)
    near[near] = shapely.distance(outline, shapely.points(east[near], north[near])) <= NEAREST
    return near


def _usual(hot: FloatArray) -> FloatArray:
    """Share of the days round each day, without the day itself, on which each source was seen; days last."""
    width = 2 * MEMORY + 1
    total: FloatArray = ndimage.uniform_filter1d(hot, width, mode="constant") * width - hot
    count: FloatArray = ndimage.uniform_filter1d(np.ones_like(hot), width, mode="constant") * width - 1.0
    return np.clip(total / np.maximum(count, 1.0), 0.0, 1.0)
