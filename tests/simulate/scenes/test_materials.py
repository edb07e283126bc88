"""Colours of the surfaces of a works, and which of them can be taken for heat."""

from __future__ import annotations

import numpy as np
import pytest

from satverify.simulate.layout import Enterprise, layout_of
from satverify.simulate.scenes.ground import ENDMEMBERS
from satverify.simulate.scenes.materials import BURNT, FRESH_SNOW, KNOTS, MATERIALS, OLD_SNOW, at_wavelength
from satverify.simulate.sites import draw_works_site


@pytest.mark.parametrize("spectrum", [*(each.spectrum for each in MATERIALS.values()), BURNT, FRESH_SNOW, OLD_SNOW])
def test_a_spectrum_has_a_reflectance_at_every_knot_and_between(spectrum: tuple[float, ...]) -> None:
    assert len(spectrum) == len(KNOTS)
    assert all(0 < value < 1 for value in spectrum)
    for wavelength in ENDMEMBERS:
        assert min(spectrum) <= at_wavelength(spectrum, wavelength) <= max(spectrum)
    assert at_wavelength(spectrum, 1.61) == spectrum[5]


def test_a_layout_uses_materials_that_there_are() -> None:
    site = draw_works_site(np.random.default_rng(5), "w", 118.0, 39.5)
    used = {patch.material for kind in Enterprise for patch in layout_of(site, 1, kind).patches}
    assert used == set(MATERIALS)


def test_snow_is_bright_in_the_blue_and_dark_in_the_short_waves_and_darkens_with_age() -> None:
    for snow in (FRESH_SNOW, OLD_SNOW):
        green, short = at_wavelength(snow, 0.56), at_wavelength(snow, 1.61)
        assert (green - short) / (green + short) > 0.7  # a normalised difference snow index of snow, Hall et al. 1995
    assert all(old < fresh for old, fresh in zip(OLD_SNOW, FRESH_SNOW, strict=True))


def test_burnt_ground_passes_the_thermal_anomaly_index_while_it_is_cold() -> None:
    """As a real burn scar did: both gates of Liu et al. 2021."""
    near, short, longer = (at_wavelength(BURNT, wavelength) for wavelength in (0.865, 1.61, 2.2))
    assert (longer - short) / near >= 0.45
    assert longer - short >= short - near


def test_coal_is_dark_and_metal_bright_throughout() -> None:
    assert max(MATERIALS["coal"].spectrum) < 0.1
    assert min(MATERIALS["metal_roof"].spectrum) > 0.35
