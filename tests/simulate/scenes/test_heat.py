from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from satverify.errors import InputError
from satverify.physics.utm import project
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.heat import CRUST, HeatSources, glow, hot_pixels, places_of
from satverify.simulate.scenes.radiation import planck_radiance
from tests.simulate.scenes.made import WINTER, scenes

NOON = datetime(2022, 1, 15, 3, tzinfo=UTC).timestamp()
ONE = HeatSources(
    first_day=date(2022, 1, 10),
    longitude=np.array([118.0]),
    latitude=np.array([39.5]),
    power=np.array([5.0]),
    heat=np.ones((1, 10)),
)


def block(size: float, middle: tuple[float, float] = (118.0, 39.5), reach: int = 12) -> Pixels:
    frame = UtmFrame(epsg=32650)
    x, y = (float(part) for part in project(32650, *middle))
    columns = int(x // size) + np.arange(-reach, reach + 1)
    rows = int(y // size) + np.arange(-reach, reach + 1)
    return Pixels(frame=frame, size=(size, size), columns=columns[None, :], rows=rows[:, None])


@given(size=st.sampled_from([20.0, 30.0, 500.0, 1000.0]), east=st.floats(-0.01, 0.01), north=st.floats(-0.01, 0.01))
def test_all_of_a_spots_power_falls_in_pixels_whatever_their_size(size: float, east: float, north: float) -> None:
    moved = replace(ONE, longitude=ONE.longitude + east, latitude=ONE.latitude + north)
    hot = hot_pixels(moved, block(size, (118.0 + east, 39.5 + north)), NOON, 1)
    assert hot is not None
    area = size * size
    watt = area * (hot.molten * constants.sigma * hot.temperature**4 + hot.crust * constants.sigma * CRUST**4)
    np.testing.assert_allclose(watt, 1e6 * glow(moved, np.array([0]), NOON, 1))
    expected = hot.molten * planck_radiance(2.2, hot.temperature) + hot.crust * planck_radiance(2.2, CRUST)
    assert hot.radiance(2.2).sum() == pytest.approx(
        float(expected[0]), rel=1e-4
    )  # what the blur leaves beyond its reach


def test_the_brightest_pixel_is_the_one_that_holds_the_spot() -> None:
    pixels = block(20.0)
    hot = hot_pixels(ONE, pixels, NOON, 1)
    where, which = places_of(hot, pixels)
    assert hot is not None
    image = np.zeros(pixels.shape)
    image[where] = hot.radiance(2.2)[which]
    assert int(np.argmax(image)) == 12 * 25 + 12


def test_part_of_a_block_has_the_same_heat() -> None:
    pixels = block(20.0)
    part = replace(pixels, rows=pixels.rows[13:], columns=pixels.columns[:, :13])  # the spot's own pixel is outside
    images = []
    for each in (pixels, part):
        hot = hot_pixels(ONE, each, NOON, 1)
        assert hot is not None
        where, which = places_of(hot, each)
        image = np.zeros(each.shape)
        image[where] = hot.radiance(1.61)[which]
        images.append(image)
    np.testing.assert_array_equal(images[0][13:, :13], images[1])
    assert images[1].max() > 0


def test_far_from_all_works_there_is_no_heat() -> None:
    assert hot_pixels(ONE, block(20.0, (118.2, 39.5)), NOON, 1) is None
    assert hot_pixels(None, block(20.0), NOON, 1) is None
    assert hot_pixels(replace(ONE, heat=np.zeros((1, 10))), block(20.0), NOON, 1) is None


def test_furnaces_tap_by_turns_and_keep_their_power_on_average() -> None:
    times = NOON + np.arange(0, 4 * 86_400, 600.0)
    power = np.array([float(glow(replace(ONE, heat=np.ones((1, 100))), np.array([0]), float(t), 1)[0]) for t in times])
    dull = (power < 1.5).mean()
    assert 0.1 < dull < 0.6  # three in ten, and what flickers low
    assert (power == power[0]).mean() < 0.2
    many = replace(
        ONE,
        longitude=np.full(4000, 118.0),
        latitude=np.full(4000, 39.5),
        power=np.full(4000, 5.0),
        heat=np.ones((4000, 10)),
    )
    drawn = glow(many, np.arange(4000), NOON, 1)
    assert drawn.mean() == pytest.approx(5 * (0.7 + 0.3 * 0.12), rel=0.05)


def test_the_day_that_counts_is_the_local_one() -> None:
    heat = np.zeros((1, 10))
    heat[0, 5] = 1.0  # 15 January by Beijing time
    dated = replace(ONE, heat=heat)
    for moment, is_hot in (
        (datetime(2022, 1, 14, 15, 59, tzinfo=UTC), False),
        (datetime(2022, 1, 14, 16, 0, tzinfo=UTC), True),
        (datetime(2022, 1, 15, 15, 59, tzinfo=UTC), True),
        (datetime(2022, 1, 15, 16, 0, tzinfo=UTC), False),
    ):
        assert (glow(dated, np.array([0]), moment.timestamp(), 1)[0] > 0) == is_hot


def test_days_beyond_the_season_count_as_its_nearest() -> None:
    assert ONE.day_of(WINTER[0].timestamp(), 10) == 0
    assert ONE.day_of(datetime(2025, 1, 1, tzinfo=UTC).timestamp(), 10) == 9


def test_a_season_becomes_spots_at_its_works() -> None:
    sources = scenes().sources
    assert sources is not None
    assert np.abs(sources.longitude - 118.0).max() < 0.05
    assert sources.heat.shape == (sources.power.size, 151)
    assert sources.activity.shape == (1, 151)
    assert (
        1 < sources.emission[0] < 8
    )  # [mol/s] 12,000 t/d at 1.2 kg of NO2 a tonne is 3.6, roofs and practice a factor


def test_sources_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InputError, match="1 spots by their longitude"):
        replace(ONE, power=np.zeros(2))
    with pytest.raises(InputError, match="0 works by their longitude"):
        replace(ONE, emission=np.zeros(2))
