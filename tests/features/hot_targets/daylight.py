"""Made scenes by day: ground of one colour, with noise, and heat in it that radiates as Planck says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from satverify.domain.grids import Grid
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.sky import Sky
from satverify.physics.instruments import spectral_band
from satverify.physics.radiometry import radiance_to_reflectance
from satverify.physics.spectral import band_radiance

Images = NDArray[np.float32]
NAMES = ("nir08", "swir16", "swir22")
YARD = (0.16, 0.21, 0.20)
"""Reflectance of the ground of a works at 0.86, 1.6 and 2.2 µm."""
NOISE = 0.004
WINTER = 64.0  # [degree]


def ground(shape: tuple[int, int] = (60, 60), levels: tuple[float, float, float] = YARD, seed: int = 1) -> list[Images]:
    """Ground of one colour whose brightness differs by a tenth from pixel to pixel, and noise."""
    rng = np.random.default_rng(seed)
    brightness = 1 + 0.1 * rng.standard_normal(shape)
    return [(level * brightness + NOISE * rng.standard_normal(shape)).astype(np.float32) for level in levels]


def heated(
    bands: list[Images], row: int, column: int, kelvin: float, square_metres: float, zenith: float = WINTER
) -> list[Images]:
    """The bands with a black body in one pixel of 20 m."""
    out = [band.copy() for band in bands]
    for name, band in zip(NAMES, out, strict=True):
        response = spectral_band("sentinel-2b", name)
        glow = radiance_to_reflectance(band_radiance(response, kelvin), response.solar_irradiance, zenith)
        band[row, column] += np.float32(glow * square_metres / 400)
    return out


def chips_of(
    *scenes: list[Images],
    zenith: float = WINTER,
    sensor: str = "sentinel-2-l1c",
    platform: str = "sentinel-2b",
    pixel: float = 20.0,
    more: Mapping[str, Images] | None = None,
) -> Chips:
    """Scenes on one grid."""
    count = len(scenes)
    height, width = scenes[0][0].shape
    bands = {name: np.stack([scene[place] for scene in scenes]) for place, name in enumerate(NAMES)}
    return Chips(
        sensor=sensor,
        grid=Grid(
            epsg=32650, left=500_000, top=4_400_000, pixel_width=pixel, pixel_height=pixel, width=width, height=height
        ),
        time=np.datetime64("2021-12-01T03:00:00", "us") + np.arange(count) * np.timedelta64(5, "D"),
        satellite=(platform,) * count,
        scene_id=("",) * count,
        bands={**bands, **(more or {})},
        solar_zenith_angle=np.full(count, zenith),
        view_zenith_angle=np.full(count, 3.0),
        swath_edge_distance=np.full(count, 80.0),
    )


def sky_with(chips: Chips, **flags: NDArray[np.bool_]) -> Sky:
    """A clear sky but for some flags."""
    names = ("is_cloud", "is_steam", "is_snow", "is_thin", "is_official_cloud", "is_official")
    nothing = np.zeros((len(chips), *chips.grid.shape), dtype=bool)
    given = {name: flags.get(name, nothing) for name in names}
    return Sky(**given, haze=np.zeros(len(chips)), unknown=())


def wildfire(shared_data: Path) -> Chips:
    """A real fire seen by Sentinel-2, offset removed; 0.945 µm in the place of 0.86."""
    with rasterio.open(shared_data / "s2/wildfire_g90292/G90292_20230514.tif") as image:
        bands = [band.astype(np.float32) for band in image.read() * 1e-4 - 0.1]
    return chips_of(bands, zenith=40.0)


def landsat_fire(shared_data: Path) -> Chips:
    """A real fire seen by Landsat 8; its ceiling of 1.640 tells the height of the Sun: 1.2107 over the cosine."""
    bands = []
    for number in (5, 6, 7):
        with rasterio.open(shared_data / f"landsat/arnhem_fire/band{number}.tif") as image:
            bands.append(image.read(1))
    return chips_of(bands, zenith=42.4, sensor="landsat-ot-l1", platform="landsat-8", pixel=30.0)


def spain(shared_data: Path) -> Chips:
    """A real scene of Sentinel-2 without heat, at 10 m."""
    with rasterio.open(shared_data / "s2/spain_l1c/Spain_7370579_S2Hand.tif") as image:
        blue, near, cirrus, short, long = (
            image.read(number).astype(np.float32) * 1e-4 for number in (2, 9, 11, 12, 13)
        )
    return chips_of([near, short, long], zenith=40.0, pixel=10.0, more={"blue": blue[None], "cirrus": cirrus[None]})
