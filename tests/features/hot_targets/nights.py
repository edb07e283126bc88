"""Night scenes of SLSTR made by hand: ground with a pattern, hot spots by Planck's law, clouds as blocks of cold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.domain.sites import UnitKind
from satverify.features.hot_targets.chips import Chips
from satverify.features.units import ImagedUnit
from satverify.physics.instruments import spectral_band
from satverify.physics.spectral import band_brightness_temperature, band_radiance
from satverify.physics.utm import unproject

Floats: TypeAlias = NDArray[np.float64]

SIZE = 36
GRID = Grid(epsg=32650, left=500_000, top=4_400_000, pixel_width=500, pixel_height=500, width=SIZE, height=SIZE)
MIDDLE = (509_250.0, 4_390_750.0)
"""Easting and northing of the middle of a pixel in the middle of the window. [m]"""

Spot: TypeAlias = tuple[float, float, float, float]
"""East and north of ``MIDDLE`` [m], temperature [K] and area [m²]."""


def nights(
    count: int,
    spots: Sequence[Spot] = (),
    *,
    seed: int = 0,
    level: Floats | float = 270.0,
    cloud: NDArray[np.bool_] | None = None,
    colder: float = 25.0,
    first: str = "2021-12-01",
) -> Chips:
    """So many nights in a row; spots shine in all of them but through no cloud.

    Parameters
    ----------
    level
        Temperature of the ground, one or of each night. [K]
    cloud
        Opaque pixels, (time, y, x), whose uneven tops are ``colder`` than the ground and hide its pattern. [K]
    """
    rng = np.random.default_rng(seed)
    shape = (count, SIZE, SIZE)
    pattern = ndimage.gaussian_filter(np.random.default_rng(99).normal(0, 1, (SIZE // 2, SIZE // 2)), 1.5) * 5
    ground = np.broadcast_to(np.asarray(level, dtype=np.float64).reshape(-1, 1, 1), (count, 1, 1)) + _doubled(pattern)
    hidden = np.zeros(shape, dtype=bool) if cloud is None else cloud
    height = np.random.default_rng(7).normal(0, 1, (count, SIZE // 2, SIZE // 2))
    tops = np.asarray(level, dtype=np.float64).reshape(-1, 1, 1) - colder + _doubled(height)
    top = np.where(hidden, tops, ground)
    bands: dict[str, NDArray[np.float32]] = {}
    for name, noise in (("swir16", 0.015), ("swir22", 0.008)):
        light = np.where(hidden, 0.0, _light(name, spots, 1))
        bands[name] = _stored(light + rng.normal(0, noise, shape), 0.002)
    for name, noise, air in (("mir37", 0.08, 0.1), ("lwir11", 0.05, 0.0), ("lwir12", 0.05, 1.0), ("fire37", 0.5, 0.1)):
        band = spectral_band("sentinel-3a", name)
        warm = band_radiance(band, top - air) + np.where(hidden, 0.0, _light(name, spots, 2))
        kelvin = band_brightness_temperature(band, warm) + _doubled(rng.normal(0, noise, (count, SIZE // 2, SIZE // 2)))
        bands[name] = _stored(np.minimum(kelvin, 311.0) if name == "mir37" else kelvin, 0.01)
    start = np.datetime64(f"{first}T14:00:00", "us")
    return Chips(
        sensor="sentinel-3-slstr",
        grid=GRID,
        time=start + np.arange(count) * np.timedelta64(1, "D"),
        satellite=("sentinel-3a",) * count,
        scene_id=tuple(f"night-{number}" for number in range(count)),
        bands=bands,
        solar_zenith_angle=np.full(count, 150.0),
        view_zenith_angle=np.full(count, 20.0),
        swath_edge_distance=np.full(count, 300.0),
    )


def unit_at(unit_id: str, east: float, north: float, half: float = 50.0) -> ImagedUnit:
    """A furnace on a square with its centre so many metres from ``MIDDLE``."""
    x = MIDDLE[0] + east + half * np.array([-1, 1, 1, -1])
    y = MIDDLE[1] + north + half * np.array([-1, -1, 1, 1])
    longitude, latitude = unproject(GRID.epsg, x, y)
    ground = shapely.Polygon(np.column_stack([longitude, latitude]))
    return ImagedUnit(unit_id=unit_id, kind=UnitKind.BLAST_FURNACE, ground=ground, observed_as=unit_id)


def with_band(chips: Chips, name: str, image: NDArray[np.float32] | None) -> Chips:
    """The chips with another image of one band, or without it."""
    kept = {key: value for key, value in chips.bands.items() if key != name}
    return replace(chips, bands=kept if image is None else {**kept, name: image})


def _light(name: str, spots: Sequence[Spot], native: int) -> Floats:
    """Radiance of the spots on pixels ``native`` times those of the grid, given on the grid."""
    size = SIZE // native
    width = GRID.pixel_width * native
    total = np.zeros((size, size))
    for east, north, kelvin, area in spots:
        across = (MIDDLE[0] + east - GRID.left) / width - 0.5
        down = (GRID.top - MIDDLE[1] - north) / width - 0.5
        row, column = np.indices((size, size))
        blur = np.exp(-((row - down) ** 2 + (column - across) ** 2) / (2 * 0.45**2))
        total += blur / blur.sum() * float(band_radiance(spectral_band("sentinel-3a", name), kelvin)) * area / width**2
    return total if native == 1 else _doubled(total)


def _doubled(image: Floats) -> Floats:
    """Pixels of 1 km on the grid of 500 m."""
    return np.repeat(np.repeat(image, 2, axis=-2), 2, axis=-1)


def _stored(image: Floats, step: float) -> NDArray[np.float32]:
    return (np.round(image / step) * step).astype(np.float32)
