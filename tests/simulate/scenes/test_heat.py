from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from satverify.errors import InputError
from satverify.physics.radiometry import planck_radiance
from satverify.physics.spectral import SpectralBand, band_radiance
from satverify.physics.utm import project
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.heat import HeatSources, hot_pixels, places_of, steady_spots
from satverify.simulate.scenes.sources import spot_power
from tests.simulate.scenes.made import WINTER

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
    watt = size * size * (hot.share * constants.sigma * hot.temperature**4).sum()
    assert watt == pytest.approx(1e6 * spot_power(moved, np.array([0]), NOON, 1)[0])
    excess = planck_radiance(2.2e-6, hot.temperature) - planck_radiance(2.2e-6, hot.ambient)
    # what the blur leaves beyond its reach
    assert hot.radiance(2.2).sum() == pytest.approx(float((hot.share * excess).sum()), rel=1e-4)


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
    power = np.array(
        [float(spot_power(replace(ONE, heat=np.ones((1, 100))), np.array([0]), float(t), 1)[0]) for t in times]
    )
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
    drawn = spot_power(many, np.arange(4000), NOON, 1)
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
        assert (spot_power(dated, np.array([0]), moment.timestamp(), 1)[0] > 0) == is_hot


def test_days_beyond_the_season_count_as_its_nearest() -> None:
    assert ONE.day_of(WINTER[0].timestamp(), 10) == 0
    assert ONE.day_of(datetime(2025, 1, 1, tzinfo=UTC).timestamp(), 10) == 9


def test_a_steady_spot_has_its_area_and_temperature_at_all_times() -> None:
    spot = steady_spots(np.array([118.0]), np.array([39.5]), np.array([1100.0]), np.array([3.0]))
    for time in (0.0, NOON, NOON + 5_000.0):
        hot = hot_pixels(spot, block(30.0), time, 4)
        assert hot is not None
        np.testing.assert_allclose(hot.share * 900.0, [3.0])
        assert hot.temperature.tolist() == [1100.0]


def test_what_is_as_warm_as_the_ground_adds_nothing() -> None:
    """5,000 m² at 350 K in a pixel of 100 m are +44 K over ground of 275 K or so; science.md, section 3."""
    spot = steady_spots(np.array([118.0]), np.array([39.5]), np.array([350.0]), np.array([5000.0]))
    hot = hot_pixels(spot, block(1000.0), NOON, 1)
    assert hot is not None
    same = replace(hot, temperature=hot.ambient)
    np.testing.assert_array_equal(same.radiance(10.9), 0.0)
    ground = planck_radiance(10.9e-6, 275.0)
    half = 0.5 * (planck_radiance(10.9e-6, 350.0) - ground)
    colder = replace(hot, ambient=np.array([275.0]))
    assert 100 * colder.radiance(10.9).sum() == pytest.approx(float(half), rel=1e-4)


def test_radiance_in_a_band_is_that_of_its_wavelengths() -> None:
    band = SpectralBand(wavelengths=(2.1e-6, 2.3e-6), weights=(0.4, 0.6), solar_irradiance=80.0)
    hot = hot_pixels(ONE, block(20.0), NOON, 1)
    assert hot is not None
    np.testing.assert_allclose(hot.radiance(band), 0.4 * hot.radiance(2.1) + 0.6 * hot.radiance(2.3))
    assert band_radiance(band, 1000.0) > 0


@given(east=st.floats(-30, 30), north=st.floats(-30, 30))
def test_a_moved_image_holds_the_same_heat_elsewhere(east: float, north: float) -> None:
    here, there = (hot_pixels(ONE, block(20.0), NOON, 1, shift=shift) for shift in ((0.0, 0.0), (east, north)))
    assert here is not None
    assert there is not None
    assert there.radiance(2.2).sum() == pytest.approx(here.radiance(2.2).sum(), rel=1e-4)
    middles = [
        np.average(np.stack([hot.key & 0xFFFFFFFF, hot.key >> 32]), axis=1, weights=hot.radiance(2.2)) * 20.0
        for hot in (here, there)
    ]
    np.testing.assert_allclose(middles[1] - middles[0], [east, north], atol=0.5)  # pixels are no finer


def test_a_wider_blur_reaches_farther_and_keeps_the_heat() -> None:
    sharp, blurred = (hot_pixels(ONE, block(20.0), NOON, 1, point_spread=spread) for spread in (0.3, 1.5))
    assert sharp is not None
    assert blurred is not None
    assert blurred.radiance(2.2).max() < 0.5 * sharp.radiance(2.2).max()
    assert blurred.radiance(2.2).sum() == pytest.approx(sharp.radiance(2.2).sum(), rel=1e-3)


def test_sources_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InputError, match="1 spots by their longitude"):
        replace(ONE, power=np.zeros(2))
    with pytest.raises(InputError, match="0 works by their longitude"):
        replace(ONE, emission=np.zeros(2))
    with pytest.raises(InputError, match="2 temperatures"):
        replace(ONE, temperature=np.zeros(2))
