"""Sums, means and extremes of images over the pixels of units, for all scenes at once."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.features.hot_targets.footprints import Zones

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Images: TypeAlias = NDArray[np.floating] | NDArray[np.bool_]


def pixels_of(zones: Zones, images: NDArray[Any]) -> NDArray[Any]:
    """The pixels of the zones' entries.

    Parameters
    ----------
    zones
        On the grid of the images.
    images
        Shape (time, y, x).

    Returns
    -------
    Of the type of the images, shape (time, entries).
    """
    return images.reshape(len(images), images.shape[1] * images.shape[2])[:, zones.pixel]


def zonal_sum(zones: Zones, images: Images, where: Flags | None = None) -> Floats:
    """Sum of the pixels of each unit, weighted by coverage.

    Parameters
    ----------
    zones
        On the grid of the images.
    images
        Numbers, or flags that count 1, shape (time, y, x). What is not finite counts as nothing.
    where
        Which pixels count, of that shape; none: all.

    Returns
    -------
    Shape (units, time); 0 for a unit without pixels.
    """
    values, counts = _counted(zones, images, where)
    return _by_unit(np.add, zones, np.where(counts, values, 0.0) * zones.weight, 0.0)


def zonal_mean(zones: Zones, images: Images, where: Flags | None = None) -> Floats:
    """Mean of the pixels of each unit, weighted by coverage.

    Parameters
    ----------
    zones
        On the grid of the images.
    images
        Numbers or flags, shape (time, y, x). What is not finite is left aside.
    where
        Which pixels count, of that shape; none: all.

    Returns
    -------
    Shape (units, time); NaN where no pixel counts.
    """
    values, counts = _counted(zones, images, where)
    total = _by_unit(np.add, zones, np.where(counts, values, 0.0) * zones.weight, 0.0)
    weight = _by_unit(np.add, zones, counts * zones.weight, 0.0)
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def zonal_max(zones: Zones, images: Images, where: Flags | None = None, *, least: float = 0.0) -> Floats:
    """Largest pixel of each unit.

    Parameters
    ----------
    zones
        On the grid of the images.
    images
        Shape (time, y, x). What is not finite is left aside.
    where
        Which pixels count, of that shape; none: all.
    least
        Coverage from which a pixel counts, as a share of the largest of its unit.

    Returns
    -------
    Shape (units, time); NaN where no pixel counts.
    """
    values, counts = _counted(zones, images, where)
    most = np.zeros(zones.count)
    np.maximum.at(most, zones.unit, zones.weight)
    counts &= zones.weight >= least * most[zones.unit]
    largest = _by_unit(np.maximum, zones, np.where(counts, values, -np.inf), -np.inf)
    return np.where(np.isfinite(largest), largest, np.nan)


def _counted(zones: Zones, images: Images, where: Flags | None) -> tuple[Floats, Flags]:
    """Values of the entries, and which of them count, each (time, entries)."""
    values = pixels_of(zones, images).astype(np.float64)
    counts = np.isfinite(values)
    if where is not None:
        counts &= pixels_of(zones, where)
    return values, counts


def _by_unit(combine: np.ufunc, zones: Zones, values: Floats, nothing: float) -> Floats:
    """Entries of each unit combined, (units, time); ``nothing`` for units without entries."""
    out = np.full((zones.count, len(values)), nothing)
    edges = zones.edges
    has_some = edges[1:] > edges[:-1]
    if has_some.any():
        out[has_some] = combine.reduceat(values, edges[:-1][has_some], axis=1).T
    return out
