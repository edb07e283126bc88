"""What the classifier looks at: numbers of one unit in one scene, made alike for all sensors.

Nothing of the site, its history or the date is among them: a verdict comes from what a look shows, not from habit. That
leaves out ``persistence`` and every name, and the view angle and the edge of the swath, of which the pixels know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.sites import UnitKind
from satverify.errors import ModelError

Floats: TypeAlias = NDArray[np.float64]
Derived: TypeAlias = Callable[[Mapping[str, Floats]], Floats]

DIGITS = 5
"""Significant digits that are kept: last bits differ between machines, and no decision may hang on them."""


def _logarithm(name: str) -> Derived:
    """Logarithm of one more than what counts from zero, and of zero where it is less."""
    return lambda heat: np.log1p(np.maximum(heat[name], 0.0))


def _ratio(name: str, noise: str) -> Derived:
    """How far something stands out of its noise, compressed alike on both sides; NaN where there is no noise."""

    def ratio(heat: Mapping[str, Floats]) -> Floats:
        spread = np.where(heat[noise] > 0, heat[noise], np.nan)
        return np.arcsinh(heat[name] / spread)

    return ratio


def _compressed(name: str) -> Derived:
    """Something of either sign over many magnitudes."""
    return lambda heat: np.arcsinh(heat[name])


def _plain(name: str) -> Derived:
    return lambda heat: heat[name]


def _share_of(name: str, whole: str) -> Derived:
    """One excess against another, NaN where that is not positive."""

    def share(heat: Mapping[str, Floats]) -> Floats:
        base = np.where(heat[whole] > 0, heat[whole], np.nan)
        return np.arcsinh(heat[name] / base)

    return share


_RULES: tuple[tuple[str, int, Derived], ...] = (
    ("tai_pixels", 0, _logarithm("tai_pixels")),
    ("nhi_pixels", 1, _logarithm("nhi_pixels")),
    ("saturated_pixels", 1, _logarithm("saturated_pixels")),
    ("hot_pixels", 1, _logarithm("hot_pixels")),
    ("hot_sources", 1, _logarithm("hot_sources")),
    ("tai", 0, _compressed("tai")),
    ("nhi_swir", 0, _plain("nhi_swir")),
    ("nhi_swnir", 0, _plain("nhi_swnir")),
    ("swir22_peak", 1, _compressed("swir22_peak")),
    ("swir22_signal", 1, _ratio("swir22_excess", "swir22_noise")),
    ("swir16_share", 0, _share_of("swir16_excess", "swir22_excess")),
    ("nir08_share", 0, _share_of("nir08_excess", "swir22_excess")),
    ("swir22_reflectance", 0, _plain("swir22_reflectance")),
    ("radiant_power", 1, _logarithm("radiant_power")),
    ("radiant_power_signal", 1, _ratio("radiant_power", "radiant_power_uncertainty")),
    ("temperature", 0, _plain("temperature")),
    ("hot_area", 0, _logarithm("hot_area")),
    ("mir37_contrast", 1, _plain("mir37_contrast")),
    ("lwir11_contrast", 1, _plain("lwir11_contrast")),
    ("lwir11_signal", 1, _ratio("lwir11_contrast", "lwir11_noise")),
    ("footprint_pixels", 0, _logarithm("footprint_pixels")),
    ("seen_share", 0, _plain("seen_share")),
    ("cloud_share", 0, _plain("cloud_share")),
    ("steam_share", 0, _plain("steam_share")),
    ("snow_share", 0, _plain("snow_share")),
    ("haze", 0, _plain("haze")),
    ("solar_zenith_angle", 0, _plain("solar_zenith_angle")),
)

KINDS = tuple(f"is_{kind}" for kind in UnitKind)
"""One input for each kind of unit: 1 for units of the kind, else 0. Kinds share trees, and so learn from each other."""

INPUTS = (*(name for name, _, _ in _RULES), *KINDS)
"""Names of the inputs, in the order of the columns that ``inputs_of`` gives."""

DIRECTIONS: Mapping[str, int] = MappingProxyType(
    {**{name: direction for name, direction, _ in _RULES}, **dict.fromkeys(KINDS, 0)}
)
"""1 where more of it can never speak for a halt: heat that stands out. The trees are held to it, so that a works hotter
than any that was simulated is not taken for something else. 0 elsewhere."""


def inputs_of(features: pd.DataFrame) -> Floats:
    """Make the numbers that the classifier looks at.

    Parameters
    ----------
    features
        Rows with ``HEAT_COLUMNS``; others are ignored.

    Returns
    -------
    One column for each of ``INPUTS``, shape (rows, inputs), rounded to ``DIGITS`` significant digits. What was not
    measured, or has no meaning (a ratio to nothing), is NaN, and so is what is infinite.

    Raises
    ------
    ModelError
        Columns are missing.
    """
    needed = [name for name, dtype in HEAT_COLUMNS.items() if dtype == "float64" or name == "kind"]
    missing = [name for name in needed if name not in features]
    if missing:
        raise ModelError(f"features of heat: expected the columns of domain.heat, found none named {missing}")
    if not len(features):
        return np.zeros((0, len(INPUTS)))
    heat = {name: features[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in needed if name != "kind"}
    kinds = np.column_stack([(features["kind"] == kind).to_numpy(dtype=np.float64) for kind in UnitKind])
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number comes out as NaN
        table = np.column_stack([*(derive(heat) for _, _, derive in _RULES), kinds])
    return rounded(np.where(np.isfinite(table), table, np.nan))


def rounded(values: Floats) -> Floats:
    """Keep ``DIGITS`` significant digits; zero and NaN stay what they are."""
    size = np.abs(values, where=np.isfinite(values), out=np.ones_like(values))
    exponent = np.floor(np.log10(size, where=size > 0, out=np.zeros_like(size)))
    scale = 10.0 ** (DIGITS - 1 - exponent)
    return np.asarray(np.round(values * scale) / scale)
