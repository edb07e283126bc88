"""Made scenes of Sentinel-2 with all five bands: a works of several materials under clouds, steam, snow and haze."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from satverify.domain.grids import Grid
from satverify.domain.sites import UnitKind
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.haze import clear_air_reflectance
from satverify.features.units import ImagedUnit
from satverify.physics.instruments import spectral_band
from satverify.physics.radiometry import radiance_to_reflectance
from satverify.physics.spectral import band_radiance
from satverify.physics.utm import unproject

Images = NDArray[np.float32]
Bands = dict[str, Images]
NAMES = ("blue", "nir08", "cirrus", "swir16", "swir22")
WINTER = 62.0  # [degree]
DISTANCE = 0.986  # [au] on 1 December, when scenes begin
MATERIALS = {  # reflectance at 0.49, 0.86, 1.6 and 2.2 µm, after the ECOSTRESS library, rounded
    "soil": (0.09, 0.27, 0.33, 0.28),
    "plants": (0.04, 0.38, 0.20, 0.10),
    "asphalt": (0.10, 0.15, 0.18, 0.17),
    "coal": (0.04, 0.06, 0.08, 0.09),
    "metal_roof": (0.38, 0.46, 0.52, 0.52),
    "water": (0.05, 0.02, 0.01, 0.005),
}
DROPLETS = (1.0, 1.0, 0.02, 0.78, 0.60)
"""Reflectance of a low cloud by band over that in the visible, radius 10 µm."""
ICE = (1.0, 1.0, 0.60, 0.55, 0.45)
"""The same of a high cloud of ice."""
SNOW = (0.80, 0.70, 0.004, 0.08, 0.06)


def grid_of(shape: tuple[int, int], *, pixel: float = 20.0, epsg: int = 32650) -> Grid:
    return Grid(
        epsg=epsg, left=480_000, top=4_390_000, pixel_width=pixel, pixel_height=pixel, width=shape[1], height=shape[0]
    )


def ground(shape: tuple[int, int] = (120, 120), seed: int = 0, zenith: float = WINTER, haze: float = 0.0) -> Bands:
    """Parcels of 100 to 200 m of all materials but roofs, with clear air above, and haze of a reflectance in the blue.

    Haze falls with wavelength to the power of -1.3, as particles of 0.1 to 1 µm have it.
    """
    rng = np.random.default_rng(seed)
    names = ["soil", "soil", "plants", "asphalt", "coal", "water"]
    coarse = rng.integers(0, len(names), (shape[0] // 7 + 1, shape[1] // 7 + 1))
    which = np.kron(coarse, np.ones((7, 7), dtype=int))[: shape[0], : shape[1]]
    table = np.array([MATERIALS[name] for name in names])
    shade = 1 + 0.08 * rng.standard_normal(shape)
    surface = table[which] * shade[..., None]
    air = float(clear_air_reflectance(np.array(zenith)))
    path = [haze * (length / 0.49) ** -1.3 for length in (0.49, 0.86, 1.6, 2.2)]
    seen = [surface[..., place] * (1 - share) + share for place, share in enumerate(path)]
    noise = 0.002 * rng.standard_normal((5, *shape))
    images = [seen[0] + air, seen[1], np.full(shape, 0.001), seen[2], seen[3]]
    return {
        name: (image + more).astype(np.float32)
        for name, image, more in zip(
            NAMES, images, 0.1 * noise + noise * (np.array(NAMES) != "cirrus")[:, None, None], strict=True
        )
    }


def under(bands: Bands, depth: NDArray[np.float64] | float, colours: tuple[float, ...] = DROPLETS) -> Bands:
    """The scene under a cloud of some optical depth, by the two-stream formula (Bohren 1987)."""
    thin = (1 - 0.85) * np.asarray(depth) / 2
    reflectance = thin / (1 + thin)
    return {
        name: (image * (1 - reflectance) ** 2 + colour * reflectance).astype(np.float32)
        for (name, image), colour in zip(bands.items(), colours, strict=True)
    }


def covered(bands: Bands, where: tuple[slice, slice], colours: tuple[float, ...]) -> Bands:
    """The scene with a surface of some colour laid over a part of it."""
    out = {name: image.copy() for name, image in bands.items()}
    for name, colour in zip(NAMES, colours, strict=True):
        out[name][where] = colour * (1 + 0.02 * np.random.default_rng(5).standard_normal(out[name][where].shape))
    return out


def roof(bands: Bands, where: tuple[slice, slice]) -> Bands:
    blue, near, short, long = MATERIALS["metal_roof"]
    return covered(bands, where, (blue + 0.06, near, 0.001, short, long))


def heated(bands: Bands, row: int, column: int, kelvin: float, square_metres: float, zenith: float = WINTER) -> Bands:
    """The scene with a black body in one pixel of 20 m."""
    out = {name: image.copy() for name, image in bands.items()}
    for name in ("nir08", "swir16", "swir22"):
        response = spectral_band("sentinel-2b", name)
        glow = radiance_to_reflectance(band_radiance(response, kelvin), response.solar_irradiance, zenith, DISTANCE)
        out[name][row, column] += np.float32(glow * square_metres / 400)
    return out


def chips_of(*scenes: Bands, zenith: float = WINTER, codes: Mapping[str, NDArray[np.uint16]] | None = None) -> Chips:
    count, shape = len(scenes), next(iter(scenes[0].values())).shape
    return Chips(
        sensor="sentinel-2-l1c",
        grid=grid_of((shape[0], shape[1])),
        time=np.datetime64("2021-12-01T03:00:00", "us") + np.arange(count) * np.timedelta64(5, "D"),
        satellite=("sentinel-2b",) * count,
        scene_id=tuple(f"scene-{number}" for number in range(count)),
        bands={name: np.stack([scene[name] for scene in scenes]) for name in scenes[0]},
        codes=codes or {},
        solar_zenith_angle=np.full(count, zenith),
        view_zenith_angle=np.full(count, 3.0),
        swath_edge_distance=np.full(count, 80.0),
    )


def unit_on(grid: Grid, rows: tuple[float, float], columns: tuple[float, float], unit_id: str = "bf1") -> ImagedUnit:
    """A blast furnace on some rows and columns of a grid."""
    west, east = (grid.left + each * grid.pixel_width for each in columns)
    north, south = (grid.top - each * grid.pixel_height for each in rows)
    return unit_of(grid, shapely.box(west, south, east, north), unit_id)


def unit_of(grid: Grid, flat: Polygon | MultiPolygon, unit_id: str = "bf1") -> ImagedUnit:
    """A blast furnace on ground given in a grid's coordinates."""
    area = shapely.transform(flat, lambda each: np.column_stack(unproject(grid.epsg, each[:, 0], each[:, 1])))
    return ImagedUnit(unit_id=unit_id, kind=UnitKind.BLAST_FURNACE, ground=area, observed_as=unit_id)
