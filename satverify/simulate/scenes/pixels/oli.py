"""Pixels of simulated Landsat 8 and 9 granules, collection 2 level 1: reflectance, temperature and quality.

Reflective bands lie on the 30 m lattice, whose lines run through the middle of a 30 m grid's pixels as in the real
products; the panchromatic band has 30 m too. TIRS takes pixels of 100 m that begin elsewhere at each pass, and the
product's are made of them by cubic convolution. Not modelled: detectors and their seams, stray light of TIRS, and
charge that spills over from saturated pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.spectral import band_brightness_temperature, band_radiance
from satverify.simulate.scenes.frames import Frame, Pixels
from satverify.simulate.scenes.noise import chance, key_of, value_noise
from satverify.simulate.scenes.pixels.block import condensed, noise_of, pixels_at
from satverify.simulate.scenes.pixels.daylight import Sight, measured, reflectance_at, sight_of, sunlit, white_radiance
from satverify.simulate.scenes.pixels.quality_flags import LOOKED_AT, SATURABLE, quality_flags, saturation_flags
from satverify.simulate.scenes.pixels.registration import Shift, band_shift, blurred, scene_shift, widened
from satverify.simulate.scenes.pixels.resampling import taken_for
from satverify.simulate.scenes.pixels.responses import OLI, light_of
from satverify.simulate.scenes.pixels.warmth import COLDEST, ThermalBand, Warmth, thermal_radiance, warmth_of
from satverify.simulate.scenes.sky import top_depression
from satverify.simulate.scenes.steam import steam_of
from satverify.simulate.scenes.world import World

Floats: TypeAlias = NDArray[np.float64]

PIXEL, THERMAL_PIXEL = 30.0, 100.0  # [m]
ORIGIN = (15.0, 15.0)  # [m]
POINT_SPREAD = (
    0.35  # [pixel of 100 m] of TIRS, besides the pixel's own extent; Wenny et al. 2015, doi:10.3390/rs70201962
)
REFLECTIVE: Mapping[str, float] = MappingProxyType(
    {
        "B01": 0.443,
        "B02": 0.490,
        "B03": 0.560,
        "B04": 0.665,
        "B05": 0.865,
        "B06": 1.610,
        "B07": 2.200,
        "B08": 0.560,
        "B09": 1.375,
    }
)
"""Wavelengths, keys into the ground's and the Sun's spectra. [µm]"""
THERMAL = MappingProxyType(
    {
        "B10": ThermalBand(
            wavelength=10.9, noise=0.05, air=1.8, passed=0.90, ceiling=np.inf, point_spread=POINT_SPREAD
        ),
        "B11": ThermalBand(
            wavelength=12.0, noise=0.05, air=2.8, passed=0.84, ceiling=np.inf, point_spread=POINT_SPREAD
        ),
    }
)
"""Bands of TIRS; noise: Montanaro et al. 2014, doi:10.3390/rs61111753, rounded."""
QUALITY: Mapping[str, tuple[str, ...]] = MappingProxyType({"BQA": LOOKED_AT, "QA_RADSAT": SATURABLE})
"""Flags, and the bands that they are made from."""
SCENE_SPREAD = 5.0  # [m] along an axis, between dates; Storey et al. 2014, doi:10.3390/rs61111127, rounded
BAND_SPREAD = 2.0  # [m] along an axis; likewise
THERMAL_SPREAD = 8.0  # [m] along an axis, TIRS against OLI; likewise
STEP, BELOW = 2e-5, 0.1  # reflectance times cosine per stored number, and what is added; Data Format Control Book
LARGEST = 1.2107  # reflectance times cosine at the largest stored number, 65,535
THERMAL_STEP = 0.005  # [K]
DOUBT = 4_000.0  # [m] over which the flags err alike


def oli_bands(
    world: World,
    frame: Frame,
    bands: Sequence[str],
    positions: tuple[Floats, Floats],
    time: float,
    *,
    platform: str,
) -> dict[str, Floats]:
    """Bands at positions of the scene's plane [m], each from the pixel that holds it.

    Reflectance of the Sun's bands, divided by the cosine of the solar zenith angle as the service does [1]; brightness
    temperature [K]; flags as whole numbers.
    """
    few, spread = condensed(pixels_at(frame, (PIXEL, PIXEL), positions, ORIGIN))
    shift = scene_shift(world.seed, time, SCENE_SPREAD)
    looked_at = {name for name in bands if name in REFLECTIVE}
    looked_at |= {each for name in bands for each in QUALITY.get(name, ())}
    out: dict[str, Floats] = {}
    if looked_at:
        sight = sight_of(world, few, time, shift)
        stored = {name: _stored(sight, name, platform) for name in sorted(looked_at)}
        out |= {name: spread(stored[name]) for name in bands if name in REFLECTIVE}
        if "BQA" in bands:
            out["BQA"] = spread(_quality(sight, stored))
        if "QA_RADSAT" in bands:
            out["QA_RADSAT"] = spread(_saturation(sight, stored, platform))
    for name in bands:
        if name in THERMAL:
            out[name] = spread(_temperature(world, few, name, time, shift, platform))
    return out


def _stored(sight: Sight, name: str, platform: str) -> Floats:
    """Reflectance of a band as fine as it is stored, up to where it saturates or numbers end. [1]"""
    light = light_of(platform, name, REFLECTIVE[name])
    value = reflectance_at(sight, light, band_shift(sight.world.seed, sight.time, name, BAND_SPREAD))
    noise = noise_of(sight.world, name, sight.pixels, sight.time)
    value = measured(value, white_radiance(sight, light), OLI[name], noise)
    value *= sight.cosine
    value = STEP * np.round(value / STEP)
    return np.clip(value, STEP - BELOW, LARGEST, out=value) / sight.cosine


def _quality(sight: Sight, stored: Mapping[str, Floats]) -> Floats:
    """``QA_PIXEL``."""
    x, y = sight.pixels.x / DOUBT, sight.pixels.y / DOUBT
    doubt = np.sqrt(12) * (value_noise(key_of(sight.world.seed, "flags", int(sight.time)), x, y) - 0.5)
    water = sight.neighbours.middle(sight.block.cover.water)
    colder = (1 - sight.clear) * top_depression(sight.excess)
    return quality_flags(stored, excess=sight.excess, colder=colder, water=water, doubt=doubt)


def _saturation(sight: Sight, stored: Mapping[str, Floats], platform: str) -> Floats:
    """``QA_RADSAT``."""
    found = {}
    for name in SATURABLE:
        white = white_radiance(sight, light_of(platform, name, REFLECTIVE[name]))
        limit = np.minimum(LARGEST, OLI[name].ceiling / white * sight.cosine)
        found[name] = stored[name] * sight.cosine >= limit - STEP
    return saturation_flags(found, sight.pixels.shape)


def _temperature(world: World, pixels: Pixels, name: str, time: float, shift: Shift, platform: str) -> Floats:
    """Brightness temperature of a thermal band. [K]"""
    begin = [THERMAL_PIXEL * (chance(world.seed, "thermal lines", int(time), axis) - 0.5) for axis in (0, 1)]
    own, made_of = taken_for(pixels, THERMAL_PIXEL, (begin[0], begin[1]))
    off = band_shift(world.seed, time, "thermal", THERMAL_SPREAD)
    band, light = THERMAL[name], light_of(platform, name, THERMAL[name].wavelength)
    radiance = thermal_radiance(world, _warmth(world, own, time), band, light, (shift[0] + off[0], shift[1] + off[1]))
    radiance += band.noise_radiance() * noise_of(world, name, own, time)
    least = band_radiance(light.spectral, COLDEST)  # beside a very hot place cubic convolution may go below 0
    kelvin = band_brightness_temperature(light.spectral, np.maximum(made_of(radiance), least))
    return THERMAL_STEP * np.round(kelvin / THERMAL_STEP)


def _warmth(world: World, own: Pixels, time: float) -> Warmth:
    """What thermal bands see in pixels of TIRS: drawn on a lattice that is the same for all scenes, and moved."""
    wide, neighbours = widened(replace(own, origin=(0.0, 0.0)))
    drawn = warmth_of(sunlit(world, wide, time, is_bare=True))
    off = (-own.origin[0] / THERMAL_PIXEL, -own.origin[1] / THERMAL_PIXEL)
    return Warmth(
        pixels=own,
        time=time,
        ground=blurred(drawn.ground, neighbours, off, POINT_SPREAD),
        top=neighbours.middle(drawn.top),
        high=neighbours.middle(drawn.high),
        clear=neighbours.middle(drawn.clear),
        cirrus=neighbours.middle(drawn.cirrus),
        steam=steam_of(world, own, time) if bool(drawn.clear.any()) else None,
        cosine=neighbours.middle(drawn.cosine),
        aerosol=neighbours.middle(drawn.aerosol),
    )
