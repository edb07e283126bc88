"""Temperature that sunlit ground has without any heat: what its reflectance explains of a thermal scene.

By day roofs, yards, fields and snow differ by many kelvin. Dark ground is warmer than bright ground, dry ground warmer
than green or wet ground, and by how much differs from scene to scene; so each scene tells its own rule.

References
----------
P. Huber, Annals of Mathematical Statistics 35, 1964. doi:10.1214/aoms/1177703732
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Booleans: TypeAlias = NDArray[np.bool_]

MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation. [1]"""
TUNING = 1.345
"""Huber's constant: 95 % of the efficiency of least squares on normal errors. [1]"""
ROUNDS = 4
"""Of reweighting, which settle the fit to a hundredth of a kelvin."""
FITTED = 6_000
"""Pixels that a scene's surface model is fitted to at most: three coefficients need no more."""
FEWEST_FITTED = 60
"""Pixels below which the mean surface is as good as a model of it."""
SURE_RANGE = (0.02, 0.98)
"""Quantiles of the surroundings between which the surface model holds; beyond them it is not extrapolated. [1]"""


def sunlit_residual(kelvin: Images, is_usable: Booleans, surface: Mapping[str, Images], is_fitted: Booleans) -> Floats:
    """What of the temperature of a sunlit scene its reflectance does not explain.

    Temperature is fitted, scene by scene and with Huber's weights, as a plane over reflectance at 0.86 µm, which tells
    dark ground from bright, and the contrast of 0.86 and 1.6 µm, which tells green and wet ground from dry.

    Parameters
    ----------
    kelvin
        Brightness temperature, shape (time, y, x). [K]
    is_usable
        Clear sky, of that shape.
    surface
        ``nir08`` and ``swir16`` reflectance, and ``swir22`` to know heat by, of that shape; without the first two
        only the median is taken off. [1]
    is_fitted
        Ground that the model is fitted to, shape (y, x): the surroundings.

    Returns
    -------
    Temperature over that of like ground, of the same shape; NaN where unusable. [K]
    """
    residual = np.full(kelvin.shape, np.nan)
    for scene in range(kelvin.shape[0]):
        seen = is_usable[scene] & np.isfinite(kelvin[scene])
        layers = _surface(surface, scene)
        if layers is not None:
            seen &= np.isfinite(layers).all(axis=0)
        rows = np.flatnonzero(seen & is_fitted)
        if len(rows) == 0:
            continue
        expected = _plane(kelvin[scene].ravel(), layers, rows)
        residual[scene] = np.where(seen, kelvin[scene] - expected.reshape(seen.shape), np.nan)
    return residual


def _surface(surface: Mapping[str, Images], scene: int) -> Floats | None:
    """Brightness and dryness of the ground, (2, y, x); heat, which is neither, counts as the middle of the scene."""
    if not {"nir08", "swir16"} <= surface.keys():
        return None
    near, short = (surface[name][scene].astype(np.float64) for name in ("nir08", "swir16"))
    total = near + short
    with np.errstate(divide="ignore", invalid="ignore"):
        layers = np.stack([near, np.where(total > 0, (near - short) / total, np.nan)])
    if "swir22" in surface:
        middle = np.nanmedian(layers, axis=(1, 2)) if np.isfinite(layers).any(axis=(1, 2)).all() else np.zeros(2)
        is_hot = surface["swir22"][scene] > short
        layers = np.where(is_hot & np.isfinite(layers), middle[:, None, None], layers)
    return layers


def _plane(kelvin: Floats | Images, layers: Floats | None, rows: NDArray[np.intp]) -> Floats:
    """Temperature expected of every pixel, flat: a plane over the surface layers, the median where that cannot be."""
    step = max(len(rows) // FITTED, 1)
    chosen = rows[::step]
    target = kelvin[chosen].astype(np.float64)
    flat = np.full(kelvin.shape, np.median(target))
    if layers is None or len(chosen) < FEWEST_FITTED:
        return flat
    features = layers.reshape(len(layers), -1)
    low, high = np.quantile(features[:, chosen], SURE_RANGE, axis=1)
    known = np.clip(features, low[:, None], high[:, None])
    middle, spread = known[:, chosen].mean(axis=1), known[:, chosen].std(axis=1)
    is_told = spread > 1e-4  # reflectance is stored in steps of 1e-4: less is one shade
    if not is_told.any():
        return flat
    scaled = (known[is_told] - middle[is_told, None]) / spread[is_told, None]
    design = np.vstack([np.ones(len(chosen)), scaled[:, chosen]])
    beta = _huber(design, target)
    plane: Floats = beta[0] + beta[1:] @ scaled
    return plane


def _huber(design: Floats, target: Floats) -> Floats:
    """Coefficients of a linear model, (features,), by least squares that outliers pull at with bounded force."""
    weight: Floats = np.ones(len(target))
    beta: Floats = np.zeros(len(design))
    for _ in range(ROUNDS):
        weighted = design * weight
        gram = weighted @ design.T + 1e-9 * len(target) * np.eye(len(design))
        beta = np.linalg.solve(gram, weighted @ target).astype(np.float64)
        error = target - beta @ design
        scale = max(MAD * float(np.median(np.abs(error))), 1e-6)
        weight = np.minimum(1.0, TUNING * scale / np.maximum(np.abs(error), 1e-12)).astype(np.float64)
    return beta
