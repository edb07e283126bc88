from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.features.hot_targets.faults import Fault
from satverify.features.hot_targets.footprints import footprints_on
from satverify.features.hot_targets.quality import day_looks
from tests.features.hot_targets.daylight import sky_with
from tests.features.hot_targets.skies import chips_of, ground, unit_on

CHIPS = chips_of(ground((40, 40)))
FOOTPRINTS = footprints_on(CHIPS.grid, [unit_on(CHIPS.grid, (10, 20), (10, 20))])
MEASURED = np.ones((1, 40, 40), dtype=bool)
COLD = np.zeros((1, 1), dtype=bool)


def _part(share: float) -> np.ndarray:
    flags = np.zeros((1, 40, 40), dtype=bool)
    flags[0, 10 : 10 + round(10 * share), 10:20] = True
    return flags


@pytest.mark.parametrize(
    ("flag", "share", "expected"),
    [
        ("is_cloud", 0.0, ("clear", "")),
        ("is_cloud", 0.2, ("partly", "broken_cloud")),
        ("is_cloud", 0.6, ("partly", "broken_cloud")),
        ("is_cloud", 0.8, ("cloudy", "cloud")),
        ("is_steam", 0.2, ("partly", "steam")),
        ("is_steam", 1.0, ("partly", "steam")),
        ("is_thin", 0.2, ("clear", "")),
        ("is_thin", 0.4, ("partly", "thin_cloud")),
        ("is_snow", 0.4, ("clear", "")),
        ("is_snow", 0.6, ("partly", "snow")),
    ],
)
def test_the_sky_over_the_unit_makes_the_look(flag: str, share: float, expected: tuple[str, str]) -> None:
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS, **{flag: _part(share)}), MEASURED, COLD, (Fault.NONE,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == expected
    shares = {"is_cloud": looks.cloud_share, "is_steam": looks.steam_share, "is_snow": looks.snow_share}
    if flag in shares:
        assert shares[flag][0, 0] == pytest.approx(share, abs=1e-4)
    assert looks.is_usable[0, 0] == (expected[0] != "cloudy")


def test_steam_and_cloud_together_hide_a_unit_and_the_larger_names_it() -> None:
    cloud, steam = _part(0.5), _part(1.0) & ~_part(0.6)
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS, is_cloud=cloud, is_steam=steam), MEASURED, COLD, (Fault.NONE,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == ("cloudy", "cloud")
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS, is_cloud=steam, is_steam=cloud), MEASURED, COLD, (Fault.NONE,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == ("partly", "steam")


def test_a_fault_of_the_scene_outdoes_the_sky_and_a_low_sun_dims_a_look() -> None:
    clear = sky_with(CHIPS)
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS, is_cloud=_part(1.0)), MEASURED, COLD, (Fault.CONSTANT,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == ("low_quality", "constant")
    dim = replace(CHIPS, solar_zenith_angle=np.array([76.0]))
    looks = day_looks(dim, FOOTPRINTS, clear, MEASURED, COLD, (Fault.NONE,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == ("partly", "low_sun")
    hazy = replace(clear, haze=np.array([0.35]))
    looks = day_looks(CHIPS, FOOTPRINTS, hazy, MEASURED, COLD, (Fault.NONE,))
    assert (looks.quality[0, 0], looks.reason[0, 0]) == ("partly", "haze")


def test_shares_are_of_what_was_measured() -> None:
    measured = MEASURED & ~_part(0.4)
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS, is_cloud=_part(0.7)), measured, COLD, (Fault.NONE,))
    assert looks.seen_share[0, 0] == pytest.approx(0.6, abs=1e-4)
    assert looks.cloud_share[0, 0] == pytest.approx(0.5, abs=1e-4)
    nothing = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS), ~MEASURED, COLD, (Fault.NO_DATA,))
    assert nothing.seen_share[0, 0] == 0
    assert np.isnan(nothing.cloud_share[0, 0])
    assert (nothing.quality[0, 0], nothing.reason[0, 0]) == ("off_swath", "off_swath")


def test_without_masks_nothing_official_is_known() -> None:
    looks = day_looks(CHIPS, FOOTPRINTS, sky_with(CHIPS), MEASURED, COLD, (Fault.NONE,))
    assert np.isnan(looks.official_cloud_share[0, 0])
    said = sky_with(CHIPS, is_official=MEASURED & ~_part(0.5), is_official_cloud=_part(0.6) & ~_part(0.5))
    looks = day_looks(CHIPS, FOOTPRINTS, said, MEASURED, COLD, (Fault.NONE,))
    assert looks.official_cloud_share[0, 0] == pytest.approx(0.2, abs=1e-4)
