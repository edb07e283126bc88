"""Scenes of one sensor over one window as arrays, with what is known of each scene: what all features are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.grids import Grid
from satverify.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
Images: TypeAlias = NDArray[np.float32]
Codes: TypeAlias = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chips:
    """Scenes of one sensor on one grid, by time."""

    sensor: str
    """Key into ``SENSORS``."""
    grid: Grid
    """Where the pixels lie."""
    time: NDArray[np.datetime64]
    """Of acquisition, UTC, ascending, shape (time,)."""
    satellite: tuple[str, ...]
    """Platform of each scene in the catalogue's spelling, such as ``sentinel-2a``."""
    scene_id: tuple[str, ...]
    """Of each scene; empty strings where it is not archived."""
    bands: Mapping[str, Images]
    """Reflectance [1], radiance [W m⁻² sr⁻¹ µm⁻¹] or brightness temperature [K] by band name, as ``SENSORS`` has
    them; each of shape (time, y, x), NaN where nothing was measured."""
    codes: Mapping[str, Codes] = field(default_factory=dict)
    """Classes and flags by band name, such as ``scene_classification``, shape (time, y, x); ``NODATA`` for none."""
    solar_zenith_angle: Floats
    """At the middle of the window, shape (time,). [degree]"""
    view_zenith_angle: Floats
    """Likewise; NaN where the orbit is not known. [degree]"""
    swath_edge_distance: Floats
    """From the middle of the window to the nearer edge of the swath; NaN where not known. [km]"""

    def __post_init__(self) -> None:
        shape = (len(self.time), self.grid.height, self.grid.width)
        shapes = {name: image.shape for name, image in self.bands.items()}
        shapes |= {name: image.shape for name, image in self.codes.items()}
        wrong = {name: found for name, found in shapes.items() if found != shape}
        if wrong:
            raise InputError(f"scenes of {self.sensor}: expected bands of shape {shape}, found {wrong}")
        angles = (self.solar_zenith_angle, self.view_zenith_angle, self.swath_edge_distance)
        if not len(self.satellite) == len(self.scene_id) == len(self.time) == min(map(len, angles)):
            raise InputError(f"scenes of {self.sensor}: expected {len(self.time)} of everything, found another number")

    def __len__(self) -> int:
        return len(self.time)
