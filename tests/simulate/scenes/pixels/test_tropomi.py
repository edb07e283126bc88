"""Nitrogen dioxide downwind of a works, and how good the pixels are."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.pixels.tropomi import LIFETIME, plume, track_size
from satverify.simulate.scenes.sky import wind_of
from satverify.simulate.scenes.world import seconds_of
from tests.simulate.scenes.made import BOX, MONTH, PLACE, grid, scenes


@given(
    emission=st.floats(0.1, 10),
    speed=st.floats(1.5, 9),
    turn=st.floats(0, 2 * np.pi),
    distance=st.floats(15_000, 80_000),
)
def test_what_blows_across_a_line_is_what_was_emitted_and_has_not_decayed(
    emission: float, speed: float, turn: float, distance: float
) -> None:
    wind = (speed * np.cos(turn), speed * np.sin(turn))
    beside = np.linspace(-150_000, 150_000, 3001)
    east = distance * np.cos(turn) - beside * np.sin(turn)
    north = distance * np.sin(turn) + beside * np.cos(turn)
    flux = speed * np.trapezoid(plume(emission, wind, east, north), beside)
    np.testing.assert_allclose(flux, emission * np.exp(-distance / speed / LIFETIME), rtol=1e-3)


def test_the_column_is_higher_downwind_than_upwind() -> None:
    window = grid(2500.0, 36)
    clean = SimulatedScenes(7, weather=scenes().weather)
    middle = 2500.0 * (np.arange(36) - 17.5)
    found = [each for each in scenes().granules("sentinel-5p-l2", BOX, *MONTH) if each.timeliness == "RPRO"]
    checked = 0
    for granule in [each for each in found if each.product_type == "NO2"]:
        hot, cold = (each.read(granule, ["NO2"], window)["NO2"] for each in (scenes(), clean))
        if np.isnan(hot).any():
            continue
        wind = wind_of(7, *PLACE, seconds_of(granule.time))
        downwind = middle[None, :] * wind[0] - middle[:, None] * wind[1] > 0
        added = hot - cold
        assert added[downwind].mean() > 2 * added[~downwind].mean()
        assert 5e-6 < added.max() < 3e-4  # [mol m-2]
        checked += 1
    assert checked >= 10


def test_cloud_lowers_the_quality() -> None:
    window = grid(5000.0, 40)
    found = scenes().granules("sentinel-5p-l2", BOX, *MONTH)
    pairs: dict[int | None, dict[str, np.ndarray]] = {}
    for granule in [each for each in found if each.timeliness == "OFFL"]:
        band = {"NO2": "qa", "CLOUD": "CLOUD_FRACTION"}[granule.product_type]
        pairs.setdefault(granule.absolute_orbit, {})[band] = scenes().read(granule, [band], window)[band]
    quality = np.concatenate([each["qa"].ravel() for each in pairs.values()])
    fraction = np.concatenate([each["CLOUD_FRACTION"].ravel() for each in pairs.values()])
    seen = np.isfinite(quality) & np.isfinite(fraction)
    assert set(np.unique(quality[seen])) <= {0.0, 45.0, 73.0, 100.0}
    assert fraction[seen & (quality == 100)].max() <= 0.2 < fraction[seen & (quality == 45)].min()
    assert 0.15 < (quality[seen] >= 75).mean() < 0.7


def test_pixels_became_shorter_in_august_2019() -> None:
    assert track_size(datetime(2019, 8, 5, tzinfo=UTC).timestamp()) == (3500.0, 7000.0)
    assert track_size(datetime(2019, 8, 7, tzinfo=UTC).timestamp()) == (3500.0, 5500.0)
