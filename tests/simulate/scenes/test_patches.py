"""Single roofs and heaps: unlike each other, the same in all scenes, and flashing where the Sun stands just so."""

from __future__ import annotations

import numpy as np

from satverify.physics.sun import solar_angles
from satverify.simulate.layout import layout_of
from satverify.simulate.scenes.patches import flash_of, table_of
from tests.simulate.scenes.ground_at import DAY, JANUARY, JUNE, works

MATERIAL = np.array([patch.material for patch in works().patches])


def test_no_two_roofs_are_alike_and_all_keep_their_looks() -> None:
    table, again = table_of(works()), table_of(layout_of(works().site, 7))
    np.testing.assert_array_equal(table.spectrum, again.spectrum)
    roofs = table.reflectance(1.61)[MATERIAL == "metal_roof"]
    assert 0.1 < np.std(np.log(roofs)) < 0.4
    assert ((table.spectrum > 0) & (table.spectrum < 1)).all()


def test_the_spectrum_of_a_patch_goes_through_its_knots() -> None:
    table = table_of(works())
    np.testing.assert_allclose(table.reflectance(0.49), table.spectrum[:, 1])
    np.testing.assert_allclose(table.reflectance(2.2), table.spectrum[:, -1])
    np.testing.assert_allclose(table.reflectance(0.525), table.spectrum[:, 1:3].mean(axis=1))


def test_facets_flash_most_where_their_normal_halves_the_angle_between_sun_and_zenith() -> None:
    """Panels tilted 30 degrees to the south do so in a winter forenoon, flat roofs never; in June it is roofs' turn."""
    flash = {time: np.array([flash_of(works(), 7, time + day * DAY) for day in range(60)]) for time in (JANUARY, JUNE)}
    panels, roofs = MATERIAL == "solar_panel", MATERIAL == "metal_roof"
    assert flash[JANUARY][:, panels].max() > 0.2 > 0.01 > flash[JUNE][:, panels].max()
    assert flash[JUNE][:, roofs].max() > 1 > 0.01 > flash[JANUARY][:, roofs].max()
    zenith = float(solar_angles(JANUARY, *works().middle)[0])
    assert 50 < np.degrees(zenith) < 70  # so that half of it is the panels' slope


def test_flashes_are_rare_and_what_is_not_smooth_never_flashes() -> None:
    flash = np.array([flash_of(works(), 7, JUNE + day * DAY) for day in range(60)])
    assert 0.002 < (flash[:, MATERIAL == "metal_roof"] > 0.5).mean() < 0.1
    assert (flash[:, np.isin(MATERIAL, ["coal", "slag", "road", "concrete"])] == 0).all()


def test_nothing_flashes_at_night() -> None:
    assert (flash_of(works(), 7, JANUARY + 12 * 3600) == 0).all()


def test_a_flash_is_redder_than_the_sun_or_white() -> None:
    reddening = table_of(works()).reddening
    assert (reddening >= 0).all()
    assert reddening.max() > 0.2


def test_patches_know_the_unit_on_whose_ground_they_lie() -> None:
    table = table_of(works())
    for index, ground in enumerate(works().grounds.values()):
        mine = [patch for patch, unit in zip(works().patches, table.unit.tolist(), strict=True) if unit == index]
        assert mine
        assert all(ground.buffer(0.01).contains(patch.ground) for patch in mine)
    assert table.unit[0] == -1  # the ground of the whole works is no unit's
