"""What each single surface of a works looks like: no two roofs or heaps of one material are quite alike.

A number for each patch, drawn from its place in the layout alone, so that it is the same in all scenes; and the flash
of its smooth facets where the Sun stands just so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from satverify.physics.sun import solar_angles
from satverify.simulate.layout import Layout
from satverify.simulate.scenes.materials import KNOTS, MATERIALS
from satverify.simulate.scenes.noise import chance, key_of, normal, uniform

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

WIDEST_VIEW = 10.0  # [degree] from straight above; the swath of Sentinel-2 reaches 10.3
LOBE = 2.0  # [degree] standard deviation of the facets of one roof round its slope
BRIGHTEST = 6.0  # reflectance of a perfect mirror's worth of facets within the lobe, spread over the pixel
REDDENING = (0.0, 0.35)  # exponent with wavelength of the flash: the direct Sun has lost blue, and coatings absorb it
SOUTH = 180.0  # [degree] azimuth of solar panels
PANEL_SLOPE = 20.0  # [degree] facets steeper than this face south, whatever the hall below does
GLOSSY = 0.35  # share of patches of a glossy material that are smooth enough to flash: most are weathered
DARKEST = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PatchTable:
    """Properties of the patches of a layout, one row each."""

    spectrum: Floats
    """Reflectance at ``KNOTS``: patches by wavelengths. [0, 1]"""
    by_day: Floats
    """Warmer than bare ground under the overhead Sun. [K]"""
    by_night: Floats
    """In the dark. [K]"""
    keeps_snow: Floats
    """Share of fallen snow that stays. [0, 1]"""
    gloss: Floats
    """Share of sunlight returned by smooth facets. [0, 1]"""
    normal: Floats
    """Of these facets: east, north and up, patches by 3, for the two sides of a roof in turn."""
    reddening: Floats
    """Exponent of their flash with wavelength."""
    unit: Integers
    """Which unit's ground it lies on, in the order of the layout's grounds; -1 for none."""

    def reflectance(self, wavelength: float) -> Floats:
        """Of each patch, dull. [1]"""
        at = np.interp(wavelength, KNOTS, np.arange(len(KNOTS)))
        low = min(int(at), len(KNOTS) - 2)
        dull: Floats = self.spectrum[:, low] + (at - low) * (self.spectrum[:, low + 1] - self.spectrum[:, low])
        return dull


@lru_cache(maxsize=512)
def table_of(layout: Layout) -> PatchTable:
    """Properties of all patches of a layout."""
    kinds = [MATERIALS[patch.material] for patch in layout.patches]
    number = np.arange(len(kinds))

    def of(name: str) -> Floats:
        return np.array([getattr(kind, name) for kind in kinds], dtype=np.float64)

    def drawn(what: str) -> Floats:
        return normal(key_of("patch", layout.site.site_id, what), number)

    gain = np.exp(of("spread") * drawn("gain"))
    exponent = of("tilt") * drawn("tilt")
    spectrum = np.array([kind.spectrum for kind in kinds]).reshape(-1, len(KNOTS))
    spectrum = spectrum * gain[:, None] * (np.array(KNOTS) / KNOTS[0]) ** exponent[:, None]
    return PatchTable(
        spectrum=np.clip(spectrum, DARKEST / 4, 0.9),
        by_day=of("by_day") + 1.5 * drawn("warmth"),
        by_night=of("by_night"),
        keeps_snow=np.clip(of("keeps_snow") * (1 + 0.3 * drawn("snow")), 0.0, 1.0),
        gloss=of("gloss") * (uniform(key_of("patch", layout.site.site_id, "gloss"), number) < GLOSSY),
        normal=_normals(layout, number),
        reddening=REDDENING[0]
        + (REDDENING[1] - REDDENING[0]) * uniform(key_of("patch", layout.site.site_id, "red"), number),
        unit=_units(layout),
    )


def flash_of(layout: Layout, seed: int, time: float) -> Floats:
    """Reflectance that mirroring facets add to each patch at one moment, in the visible. [0, ...)

    The Sun flashes where the facets' normal halves the angle between Sun and view; the view is within ten degrees from
    straight above, from east or west, the same for all works of one second.

    Parameters
    ----------
    layout
        The works.
    seed
        Of the simulation.
    time
        When. [s since 1970-01-01 UTC]
    """
    table = table_of(layout)
    zenith, azimuth = (float(angle) for angle in solar_angles(time, *layout.middle))
    if zenith > np.radians(85.0):
        return np.zeros(table.gloss.size)
    off = np.radians(WIDEST_VIEW * (2 * chance(seed, "view", int(time)) - 1))
    sun = np.array([np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)])
    half = sun + np.array([np.sin(off), 0.2 * np.sin(off), np.cos(off)])
    half /= np.linalg.norm(half)
    away = np.degrees(np.arccos(np.clip(table.normal @ half, -1.0, 1.0)))
    flash: Floats = table.gloss * BRIGHTEST * np.exp(-0.5 * (away / LOBE) ** 2)
    return flash


def _normals(layout: Layout, number: Integers) -> Floats:
    """Normals of the smooth facets: roofs fall to one side of their ridge, panels to the south."""
    site = layout.site.site_id
    share = uniform(key_of("patch", site, "slope"), number)
    low, high = (np.array([MATERIALS[patch.material].slope[end] for patch in layout.patches]) for end in (0, 1))
    slope = low + (high - low) * share
    ridge = 360.0 * chance("ridge", site) + 90.0 * np.floor(4 * uniform(key_of("patch", site, "side"), number))
    facing = np.where(low > PANEL_SLOPE, SOUTH + 8.0 * normal(key_of("patch", site, "panels"), number), ridge)
    slope, facing = np.radians(slope), np.radians(facing)
    return np.stack([np.sin(slope) * np.sin(facing), np.sin(slope) * np.cos(facing), np.cos(slope)], axis=1)


def _units(layout: Layout) -> Integers:
    """Which unit's ground the middle of each patch lies on."""
    points = shapely.point_on_surface(np.array([patch.ground for patch in layout.patches], dtype=object))
    unit = np.full(len(layout.patches), -1, dtype=np.int64)
    for index, ground in enumerate(layout.grounds.values()):
        unit[shapely.covers(ground, points)] = index
    return unit
