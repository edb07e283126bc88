"""Hot pixels of a works made by hand: places that glow in some scenes, with the radiance that their heat has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from satverify.domain.grids import Grid
from satverify.domain.sites import Site, Unit
from satverify.features.hot_targets.hot_places import HotStack
from satverify.physics.instruments import spectral_band
from satverify.physics.spectral import band_radiance
from satverify.physics.utm import unproject

GRID = Grid(epsg=32650, left=500_000, top=4_400_000, pixel_width=20, pixel_height=20, width=100, height=80)
SCENES = 60
"""Five days apart: ten months."""
FAINTEST = 0.3
"""Radiance over background from which a pixel is called hot. [W m⁻² sr⁻¹ µm⁻¹]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glow:
    """A rectangle of pixels that is hot in some scenes."""

    rows: slice
    columns: slice
    scenes: Sequence[int]
    temperature: float = 1200.0
    """[K]"""
    area: float = 4.0
    """Of heat in each pixel. [m²]"""


def stack(*glows: Glow, scenes: int = SCENES, cloudy: Sequence[int] = (), first: str = "2021-01-01") -> HotStack:
    """Scenes with these glows, blurred a little as instruments do."""
    images = {name: np.zeros((scenes, *GRID.shape)) for name in ("swir16", "swir22")}
    for glow in glows:
        for name, image in images.items():
            radiance = float(band_radiance(spectral_band("sentinel-2a", name), glow.temperature)) * glow.area / 400
            for scene in glow.scenes:
                image[scene, glow.rows, glow.columns] += radiance
    blurred = {
        name: ndimage.gaussian_filter(image, (0, 0.45, 0.45)).astype(np.float32) for name, image in images.items()
    }
    is_seen = np.ones((scenes, *GRID.shape), dtype=bool)
    is_seen[list(cloudy)] = False
    return HotStack(
        sensor="sentinel-2-l1c",
        grid=GRID,
        time=np.datetime64(f"{first}T03:00", "us") + np.arange(scenes) * np.timedelta64(5, "D"),
        satellite=("sentinel-2a",) * scenes,
        is_hot=(blurred["swir22"] > FAINTEST) & is_seen,
        is_seen=is_seen,
        swir22=blurred["swir22"],
        swir16=blurred["swir16"],
    )


def site(*units: Unit, margin: float = 100.0) -> Site:
    """A works on the ground of the stacks, without so many metres all round."""
    west, south, east, north = GRID.bounds
    x = np.array([west + margin, east - margin, east - margin, west + margin])
    y = np.array([south + margin, south + margin, north - margin, north - margin])
    outline = shapely.Polygon(np.column_stack(unproject(GRID.epsg, x, y)))
    return Site(site_id="works", name="Works", outline=outline, units=units)


def now_and_then(share: float, seed: int = 0) -> NDArray[np.int64]:
    """Scenes in which something glows that does so by chance."""
    return np.flatnonzero(np.random.default_rng(seed).random(SCENES) < share)
