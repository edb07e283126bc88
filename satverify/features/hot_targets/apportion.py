"""Heat of pixels coarser than the equipment, given to the units it can have come from.

A unit shows in a pixel by how near it is: its ground, blurred by the optics, by where the satellite thought it looked,
and by resampling to the nearest pixel. Heat of a pixel is divided among the units that show in it by how near and how
hot they are; how hot they are follows from how the heat is divided. Iterating that gives the most likely division of
counts among sources (Richardson 1972, Lucy 1974), keeps the sum, and gives nothing to where nothing can be.

References
----------
W. Richardson, Journal of the Optical Society of America 62(1), 1972. doi:10.1364/JOSA.62.000055
L. Lucy, The Astronomical Journal 79, 1974. doi:10.1086/111605
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.features.hot_targets.footprints import Zones

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]

ITERATIONS = 30
"""Of dividing heat; two units three blurs apart have settled to a few per cent by then."""
FAINT = 3.0
"""Standard deviations of noise that every source may have hidden: the share of a cold unit is never quite nothing."""
LEAK = 0.2
"""Part of a neighbour's heat in a unit's pixels by which the blur may be wrong: a registration error of a fifth of a
pixel moves as much. [1]"""
LEAST_SHARE = 0.05
"""Share of its own heat that a unit keeps, below which its neighbours hide it and noise says so. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Apertures:
    """Pixels in which units are looked for, and how they show there."""

    response: Floats
    """Share of a source's heat by pixel, (sources, pixels): the units first, then heat that is nobody's."""
    is_own: Booleans
    """Pixels that are summed for each unit, (units, pixels)."""
    pixel: NDArray[np.int64]
    """Flat index on the grid of each column, (pixels,)."""
    ground: float
    """Of one pixel. [m²]"""

    def zones(self, *, least: float = 0.0) -> Zones:
        """How each unit shows in its own pixels, those where it shows at least this much of its most. [(0, 1]]"""
        shown = self.response[: len(self.is_own)] * self.is_own
        most = shown.max(axis=1, keepdims=True, initial=0.0)
        unit, column = np.nonzero((shown > 0) & (shown >= least * most))
        return Zones(count=len(shown), unit=unit.astype(np.int64), pixel=self.pixel[column], weight=shown[unit, column])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Divided:
    """Heat of the units, with the noise of cold ones; all of shape (units, time)."""

    excess: Floats
    """Radiance over background times ground. [W sr⁻¹ µm⁻¹]; NaN where less than half of the unit's pixels was seen"""
    noise: Floats
    """Standard deviation of the excess without heat, and by what neighbours may have leaked. [W sr⁻¹ µm⁻¹]"""
    share: Floats
    """What of each pixel's heat is each unit's, (units, time, pixels). [0, 1]"""


def apertures_of(zones: Zones, grid: Grid, others: Booleans, *, blur: float, margin: float, ground: float) -> Apertures:
    """Where units and heat that is nobody's show on a grid.

    Parameters
    ----------
    zones
        Ground of the units.
    grid
        The pixels.
    others
        Pixels with heat of nobody listed, shape (y, x).
    blur
        Standard deviation of where heat shows about its place. [m]
    margin
        How far beyond a unit's ground its heat is summed. [m]
    ground
        Of one pixel. [m²]

    Returns
    -------
    Units without pixels on the grid respond nowhere.
    """
    widths = (blur / grid.pixel_height, blur / grid.pixel_width)
    covers = np.zeros((zones.count, *grid.shape))
    covers.reshape(zones.count, -1)[zones.unit, zones.pixel] = zones.weight
    is_own = np.zeros(covers.shape, dtype=bool)
    for unit, cover in enumerate(covers):
        if cover.any():
            away = ndimage.distance_transform_edt(cover <= 0, sampling=(grid.pixel_height, grid.pixel_width))
            is_own[unit] = away <= margin
    alone = np.zeros((int(others.sum()), *grid.shape))
    alone[np.arange(len(alone)), *np.nonzero(others)] = 1.0
    sources = np.concatenate([covers, alone])
    blurred = ndimage.gaussian_filter(sources, (0.0, *widths), mode="constant", truncate=4.0)
    total = sources.sum(axis=(1, 2), keepdims=True)
    response = np.divide(blurred, total, out=np.zeros_like(blurred), where=total > 0)
    asked = np.flatnonzero(ndimage.maximum_filter(is_own.max(axis=0, initial=False), size=5))
    return Apertures(
        response=response.reshape(len(response), -1)[:, asked],
        is_own=is_own.reshape(zones.count, -1)[:, asked],
        pixel=asked.astype(np.int64),
        ground=ground,
    )


def divide(apertures: Apertures, excess: Floats, noise: Floats, is_seen: Booleans) -> Divided:
    """Divide the heat of pixels among units.

    Parameters
    ----------
    apertures
        Of the grid of the pixels.
    excess
        Radiance over background, shape (time, y, x). [W m⁻² sr⁻¹ µm⁻¹]
    noise
        Standard deviation of a pixel without heat, shape (time,).
    is_seen
        Pixels with a measurement, of the shape of ``excess``.

    Returns
    -------
    The heat of each unit. Scenes do not depend on each other.
    """
    times, units = len(excess), len(apertures.is_own)
    seen = is_seen.reshape(times, -1)[:, apertures.pixel]
    value = np.where(seen, excess.reshape(times, -1)[:, apertures.pixel], 0.0)
    hidden = FAINT * np.maximum(noise, np.finfo(np.float64).tiny)[:, None]
    strength = _strengths(apertures.response, np.where(value > hidden, value, 0.0), seen)
    shown = (strength + hidden)[:, :, None] * apertures.response  # (time, sources, pixels)
    total = shown.sum(axis=1)
    share = np.divide(shown[:, :units], total[:, None], out=np.zeros_like(shown[:, :units]), where=total[:, None] > 0)
    share *= apertures.is_own & seen[:, None, :]
    caught = (apertures.response[:units] * apertures.is_own)[None] * seen[:, None, :]
    whole, part = (apertures.response[:units] * apertures.is_own).sum(axis=1), caught.sum(axis=2)
    enough = (part >= 0.5 * whole) & (whole > 0)
    summed = (share * value[:, None, :]).sum(axis=2)
    own_heat = strength[:, :units, None] * apertures.response[:units]
    foreign = (strength @ apertures.response)[:, None, :] - own_heat
    leaked = LEAK * (share * foreign).sum(axis=2)
    random = noise[:, None] * np.sqrt((share**2).sum(axis=2))
    kept = np.divide((share * caught).sum(axis=2), part, out=np.ones_like(part), where=part > 0)
    scale = np.divide(apertures.ground, part, out=np.full_like(part, np.nan), where=enough)
    return Divided(
        excess=(scale * summed).T,
        noise=(scale * np.hypot(random, leaked) / np.maximum(kept, LEAST_SHARE)).T,
        share=np.moveaxis(share, 1, 0),
    )


def _strengths(response: Floats, heat: Floats, seen: Booleans) -> Floats:
    """How hot each source is, (time, sources), by which the heat of pixels that stands out is told best."""
    reach = seen.astype(np.float64) @ response.T
    start = np.where(reach > 1e-6, heat.sum(axis=1)[:, None] / max(len(response), 1), 0.0)
    strength: Floats = start
    for _ in range(ITERATIONS):
        told = strength @ response
        ratio = np.divide(heat, told, out=np.zeros_like(heat), where=told > 0)
        strength = strength * np.divide(ratio @ response.T, reach, out=np.zeros_like(reach), where=reach > 1e-6)
    return strength
