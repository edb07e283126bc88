"""Pixels of simulated Landsat 8 and 9 granules, collection 2 level 1: reflectance, temperature and quality.

All bands on the 30 m lattice, whose lines run through the middle of a 30 m grid's pixels as in the real products;
thermal ones blurred over 3 by 3 of them. The panchromatic band has 30 m too. Quality flags say the truth about clouds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.simulate.scenes.frames import Frame
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.pixels.block import Block, condensed, ground_temperature, noise_of, pixels_at
from satverify.simulate.scenes.pixels.daylight import reflectances, sunlit
from satverify.simulate.scenes.radiation import brightness_temperature, planck_radiance
from satverify.simulate.scenes.sky import top_depression, transmission_of
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]

PIXEL, THERMAL_PIXEL = 30.0, 90.0  # [m]
ORIGIN = (15.0, 15.0)  # [m]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """A band of TIRS."""

    wavelength: float
    """Of its middle. [µm]"""
    air: float
    """What clear air takes. [K]"""


THERMAL = MappingProxyType({"B10": Thermal(wavelength=10.9, air=1.8), "B11": Thermal(wavelength=12.0, air=2.8)})
QUALITY = ("BQA", "QA_RADSAT")
NOISE = 0.0008  # standard deviation of reflectance
THERMAL_NOISE = 0.06  # [K]
STEP = 2e-5  # of reflectance per stored number
LARGEST = 1.2107  # reflectance times cosine at the largest stored number, 65,535
THERMAL_STEP = 0.005  # [K]

# Landsat 8-9 Collection 2 Level 1 Data Format Control Book, values of QA_PIXEL that are most frequent.
CLEAR, WATER, CLOUD, CIRRUS = 21824.0, 21952.0, 22280.0, 54596.0


def oli_bands(
    world: World, frame: Frame, bands: Sequence[str], positions: tuple[Floats, Floats], time: float
) -> dict[str, Floats]:
    """Bands at positions of the scene's plane [m], each from the pixel that holds it.

    Reflectance of the Sun's bands, divided by the cosine of the solar zenith angle as the service does [1]; brightness
    temperature [K]; flags as whole numbers.
    """
    few, spread = condensed(pixels_at(frame, (PIXEL, PIXEL), positions, ORIGIN))
    out: dict[str, Floats] = {}
    if any(name in REFLECTIVE or name in QUALITY for name in bands):
        block = sunlit(world, few, time)
        wanted = sorted({REFLECTIVE[name] for name in bands if name in REFLECTIVE})
        values = reflectances(world, block, wanted)
        for name in bands:
            if name in REFLECTIVE:
                noisy = values[REFLECTIVE[name]] + NOISE * noise_of(world, name, block.pixels, time)
                stored = np.round(noisy / STEP) * STEP
                out[name] = spread(np.clip(stored, -0.1, LARGEST / block.cosine))
            elif name == "BQA":
                out[name] = spread(_quality(block))
            elif name == "QA_RADSAT":
                out[name] = spread(np.zeros(block.pixels.shape))
    warm = [name for name in bands if name in THERMAL]
    if warm:
        coarse, unfold = condensed(pixels_at(frame, (THERMAL_PIXEL, THERMAL_PIXEL), positions, ORIGIN))
        out |= {name: unfold(value) for name, value in _thermal(world, sunlit(world, coarse, time), warm).items()}
    return out


def _thermal(world: World, block: Block, bands: Sequence[str]) -> dict[str, Floats]:
    """Brightness temperature. [K]"""
    hot = hot_pixels(world.sources, block.pixels, block.time, world.seed)
    where, which = places_of(hot, block.pixels)
    clear = transmission_of(block.excess)
    ground = ground_temperature(block)
    out = {}
    for name in bands:
        band = THERMAL[name]
        value = planck_radiance(band.wavelength, ground - band.air)
        value += (1 - clear) * (planck_radiance(band.wavelength, ground - top_depression(block.excess)) - value)
        if hot is not None:
            value[where] += clear[where] * hot.radiance(band.wavelength)[which]
        kelvin = brightness_temperature(band.wavelength, value) + THERMAL_NOISE * noise_of(
            world, name, block.pixels, block.time
        )
        out[name] = np.round(kelvin / THERMAL_STEP) * THERMAL_STEP
    return out


def _quality(block: Block) -> Floats:
    """``QA_PIXEL``."""
    is_high = top_depression(block.excess) > 35.0  # [K]
    cloud = np.where(is_high & (block.excess < THIN), CIRRUS, CLOUD)
    return np.where(block.excess >= 0, cloud, np.where(block.cover.water > 0.5, WATER, CLEAR))
