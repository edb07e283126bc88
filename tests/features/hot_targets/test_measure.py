from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.looks import Quality
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.day_block import some_scenes
from satverify.features.hot_targets.footprints import footprints_on
from satverify.features.hot_targets.measure import measure_heat
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import black_body_power
from satverify.physics.spectral import band_radiance
from tests.features.hot_targets.daylight import landsat_fire, spain, wildfire
from tests.features.hot_targets.skies import Bands, chips_of, grid_of, ground, heated, under, unit_of, unit_on

GRID = grid_of((120, 120))
UNIT = unit_on(GRID, (50, 54), (60, 63))
ELSEWHERE = unit_on(GRID, (20, 24), (20, 23), "bf2")
SKY = ["seen_share", "cloud_share", "steam_share", "snow_share", "haze"]
HEAT = [name for name in list(HEAT_COLUMNS)[list(HEAT_COLUMNS).index("tai_pixels") :] if name != "false_target"]


def _one(scene: Bands, **more: object) -> pd.Series:
    return measure_heat("works", chips_of(scene, **more), [UNIT]).iloc[0]  # type: ignore[arg-type]


def test_a_furnace_in_blast_is_hot_and_the_one_beside_it_is_not() -> None:
    table = measure_heat("works", chips_of(heated(ground(), 51, 61, 1400.0, 3.0)), [UNIT, ELSEWHERE])
    hot, cold = table.iloc[0], table.iloc[1]
    assert list(table["unit_id"]) == ["bf1", "bf2"]
    assert (hot["quality"], cold["quality"]) == (Quality.CLEAR, Quality.CLEAR)
    assert hot["hot_pixels"] >= 1
    assert hot["hot_sources"] == 1
    assert hot["tai"] > 0.45
    assert cold[["tai_pixels", "hot_pixels", "hot_sources", "radiant_power"]].tolist() == [0, 0, 0, 0]
    assert cold["radiant_power_uncertainty"] > 0
    assert cold[["temperature", "hot_area"]].isna().all()
    assert hot["footprint_pixels"] == pytest.approx(12, rel=1e-4)


@pytest.mark.parametrize(("kelvin", "area"), [(900.0, 5.0), (1200.0, 0.8), (1500.0, 0.15)])
def test_temperature_area_and_power_are_those_of_the_black_body(kelvin: float, area: float) -> None:
    """On even ground; on the mosaic of a works its unevenness adds to the excess."""
    scene = {name: np.full_like(band, np.median(band)) for name, band in ground().items()}
    noise = np.random.default_rng(0).normal(0, 1e-4, (5, 120, 120))
    scene = {name: (band + more).astype(np.float32) for (name, band), more in zip(scene.items(), noise, strict=True)}
    scene["swir16"][0, :5] = scene["swir22"][0, :5] = 0.01  # water, without which an offset is suspected
    row = _one(heated(scene, 51, 61, kelvin, area))
    assert row["temperature"] == pytest.approx(kelvin, rel=0.02)
    assert row["hot_area"] == pytest.approx(area, rel=0.08)
    assert row["radiant_power"] == pytest.approx(float(black_body_power(kelvin, area)) / 1e6, rel=0.05)
    expected = area * float(band_radiance(spectral_band("sentinel-2b", "swir22"), kelvin))
    assert row["swir22_excess"] == pytest.approx(expected, rel=0.02)
    assert row["swir22_peak"] == pytest.approx(expected / 400, rel=0.02)


def test_excess_of_cold_units_scatters_as_its_noise_says() -> None:
    units = [
        unit_on(GRID, (row, row + 4), (column, column + 3), f"{row}-{column}")
        for row in range(10, 100, 15)
        for column in range(10, 100, 15)
    ]
    table = measure_heat("works", chips_of(*(ground(seed=seed) for seed in range(4))), units)
    ratio = table["swir22_excess"] / table["swir22_noise"]
    assert table["swir22_noise"].gt(0).all()
    assert 0.5 < np.sqrt((ratio**2).mean()) < 1.5  # 144 of them; the blocks of the ground are not those assumed
    assert not table["hot_pixels"].any()


def test_every_column_is_there_in_its_type_and_order() -> None:
    for scenes in ([ground()], []):
        chips = chips_of(*(scenes or [ground()]))
        table = measure_heat("works", some_scenes(chips, slice(0, len(scenes))), [UNIT])
        assert {name: str(kind) for name, kind in table.dtypes.items()} == HEAT_COLUMNS
        assert list(table) == list(HEAT_COLUMNS)
        assert len(table) == len(scenes)
    assert measure_heat("works", chips_of(ground()), []).empty


def test_scenes_give_the_same_alone_as_together_but_for_persistence() -> None:
    scenes = [heated(ground(seed=seed), 51, 61, 1200.0, 4.0) if seed % 2 else ground(seed=seed) for seed in range(5)]
    over = np.zeros((120, 120))
    over[50:54, 55:70] = 12.0
    chips = chips_of(
        *scenes, under(ground(), 20.0), {name: band * np.nan for name, band in ground().items()}, under(ground(), over)
    )
    together = measure_heat("works", chips, [UNIT, ELSEWHERE])
    alone = pd.concat(
        [measure_heat("works", some_scenes(chips, slice(number, number + 1)), [UNIT, ELSEWHERE]) for number in range(8)]
    )
    alone = alone.sort_values(["unit_id", "time"], ignore_index=True)
    pd.testing.assert_frame_equal(together.drop(columns="persistence"), alone.drop(columns="persistence"), rtol=1e-12)
    assert together.loc[together["hot_pixels"] > 0, "persistence"].iloc[0] == pytest.approx(2 / 5)
    assert alone["persistence"].isna().all()


def test_blocks_of_scenes_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    chips = chips_of(*(heated(ground(seed=seed), 51, 61, 1200.0, 4.0) for seed in range(5)))
    whole = measure_heat("works", chips, [UNIT])
    monkeypatch.setattr("satverify.features.hot_targets.measure.BLOCK", 2 * 120 * 120)
    pd.testing.assert_frame_equal(measure_heat("works", chips, [UNIT]), whole)


def test_cloud_over_the_unit_counts_and_not_that_over_the_scene() -> None:
    over = np.zeros((120, 120))
    over[:40], over[80:] = 20.0, 20.0
    table = measure_heat(
        "works",
        chips_of(under(heated(ground(), 51, 61, 1300.0, 4.0), 0 * over), under(ground(), over)),
        [UNIT, ELSEWHERE],
    )
    assert table["quality"].tolist() == ["clear", "clear", "clear", "cloudy"]
    assert table["quality_reason"].tolist() == ["", "", "", "cloud"]
    hidden = table.iloc[3]
    assert hidden["cloud_share"] == 1
    assert hidden[HEAT].isna().all()
    assert np.isfinite(hidden[["seen_share", "solar_zenith_angle", "footprint_pixels"]].astype(float)).all()


def test_steam_hides_and_is_told() -> None:
    over = np.zeros((120, 120))
    over[48:56, 58:66] = 15.0
    row = _one(under(ground(), over))
    assert (row["quality"], row["quality_reason"]) == ("partly", "steam")
    assert row["steam_share"] > 0.7
    assert row["cloud_share"] == 0


def test_heat_that_shines_through_cloud_is_seen() -> None:
    row = _one(heated(under(ground(), 15.0), 51, 61, 1500.0, 40.0))
    assert (row["quality"], row["quality_reason"]) == ("partly", "heat_through_cloud")
    assert row["hot_pixels"] >= 1


def _without(*names: str) -> Bands:
    return {name: band for name, band in ground().items() if name not in names}


@pytest.mark.parametrize(
    ("scene", "quality", "reason"),
    [
        ({name: band + np.float32(0.1) for name, band in ground().items()}, "low_quality", "offset_left_in"),
        ({name: band * np.float32(1e-4) for name, band in ground().items()}, "low_quality", "scaled_twice"),
        ({name: band * np.float32(1e4) for name, band in ground().items()}, "low_quality", "not_scaled"),
        ({name: np.full_like(band, 0.2) for name, band in ground().items()}, "low_quality", "constant"),
        ({name: np.full_like(band, np.nan) for name, band in ground().items()}, "off_swath", "off_swath"),
        ({**ground(), "swir22": np.full_like(ground()["swir22"], np.nan)}, "off_swath", "off_swath"),
        ({**ground(), "swir16": ground()["swir22"], "swir22": ground()["swir16"]}, "low_quality", "bands_swapped"),
        (under(ground(), 20.0), "cloudy", "cloud"),
        (ground(haze=0.3), "partly", "haze"),
        (_without("cirrus"), "partly", "sky_unknown"),
        (_without("blue", "cirrus"), "partly", "sky_unknown"),
    ],
)
def test_a_bad_look_is_never_a_silent_cold(scene: Bands, quality: str, reason: str) -> None:
    row = _one(scene)
    assert (row["quality"], row["quality_reason"]) == (quality, reason)
    if quality in {"low_quality", "off_swath", "cloudy"}:
        assert row[HEAT].isna().all()
        assert row["false_target"] == ""


@pytest.mark.parametrize(
    ("rows", "columns", "quality", "reason"),
    [
        ((200, 210), (10, 20), "low_quality", "outside"),
        ((-8, 2), (10, 20), "low_quality", "outside"),
        ((-1, 9), (10, 20), "partly", "image_edge"),
        ((50, 51), (50, 51), "low_quality", "small_footprint"),
        ((50, 50.2), (50, 50.2), "low_quality", "small_footprint"),
        ((50, 52), (50, 52), "clear", ""),
    ],
)
def test_footprints_off_the_image_or_of_one_pixel_are_told(
    rows: tuple[float, float], columns: tuple[float, float], quality: str, reason: str
) -> None:
    row = measure_heat("works", chips_of(ground()), [unit_on(GRID, rows, columns)]).iloc[0]
    assert (row["quality"], row["quality_reason"]) == (quality, reason)
    assert row[HEAT].isna().all() == (quality == "low_quality")


def test_a_unit_that_the_swath_ends_on_is_partly_seen_or_not_at_all() -> None:
    half, whole = ground(), ground()
    for band in half.values():
        band[:51] = np.nan
    for band in whole.values():
        band[:53] = np.nan
    assert _one(half)[["quality", "quality_reason"]].tolist() == ["partly", "swath_edge"]
    assert _one(half)["seen_share"] == pytest.approx(0.75, abs=1e-4)
    assert _one(whole)[["quality", "quality_reason"]].tolist() == ["off_swath", "off_swath"]


def test_the_sun_is_computed_where_it_is_not_given_and_night_is_refused() -> None:
    chips = chips_of(ground(zenith=62.0))
    unknown = replace(chips, solar_zenith_angle=np.array([np.nan]))
    found = measure_heat("works", unknown, [UNIT])["solar_zenith_angle"].iloc[0]
    assert found == pytest.approx(62.4, abs=1)  # 3 h UTC on 1 December at 117 degrees east, 39.6 north
    night = replace(unknown, time=np.array(["2021-12-01T15:00"], dtype="datetime64[us]"))
    assert measure_heat("works", night, [UNIT])["quality_reason"].iloc[0] == "low_sun"


def test_official_masks_are_reported_and_cast_doubt() -> None:
    classes = np.full((1, 120, 120), 4, dtype=np.uint16)
    classes[0, 30:80, 30:80] = 9
    row = _one(ground(), codes={"scene_classification": classes})
    assert row["official_cloud_share"] == 1
    assert row["cloud_share"] == 0.5
    assert (row["quality"], row["quality_reason"]) == ("partly", "thin_cloud")
    small = np.where(np.arange(120)[:, None] < 55, classes, 4).astype(np.uint16)
    small[0, :45] = 4
    row = _one(heated(ground(), 51, 61, 1400.0, 4.0), codes={"scene_classification": small})
    assert row["official_cloud_share"] == 1  # as masks call hot pixels
    assert (row["quality"], row["cloud_share"]) == ("clear", 0)


def test_a_saturated_furnace_is_hot_and_its_power_a_lower_bound() -> None:
    scene = heated(heated(ground(), 51, 61, 1500.0, 8.0), 52, 61, 1500.0, 8.0)
    for name in ("swir16", "swir22"):  # MSI ends at 1.3 times the radiance that it must measure, 90 and 32
        scene[name] = np.minimum(scene[name], np.float32(2.35))
    row = _one(scene)
    assert row["saturated_pixels"] == pytest.approx(2)
    assert row["hot_pixels"] >= 2
    assert np.isnan(row["temperature"])
    assert 0.1 < row["radiant_power"] < float(black_body_power(1500.0, 16.0)) / 1e6


def test_sources_are_counted_by_unit() -> None:
    scene = heated(heated(heated(ground(), 50, 60, 1300.0, 4.0), 53, 62, 1300.0, 4.0), 22, 21, 1300.0, 4.0)
    table = measure_heat("works", chips_of(scene), [UNIT, ELSEWHERE])
    assert table["hot_sources"].tolist() == [2, 1]


def test_footprints_of_other_units_or_sensors_by_night_are_refused() -> None:
    chips = chips_of(ground())
    with pytest.raises(InputError, match=r"expected footprints of the units given .* found those of bf2"):
        measure_heat("works", chips, [UNIT], footprints_on(GRID, [ELSEWHERE]))
    with pytest.raises(InputError, match="expected scenes of sentinel-2-l1c or landsat-ot-l1"):
        measure_heat("works", replace(chips, sensor="sentinel-3-slstr"), [UNIT])
    with pytest.raises(InputError, match="swir22 missing"):
        measure_heat("works", chips_of(_without("swir22")), [UNIT])


def _window(chips: Chips, row: int, column: int, rows: int, columns: int) -> shapely.Polygon:
    grid = chips.grid
    west, north = grid.left + column * grid.pixel_width, grid.top - row * grid.pixel_height
    return shapely.box(west, north - rows * grid.pixel_height, west + columns * grid.pixel_width, north)


def test_real_fires_are_hot_where_they_burn_and_nowhere_else(shared_data: Path) -> None:
    chips = wildfire(shared_data)
    units = [
        unit_of(chips.grid, _window(chips, 60, 275, 40, 20), "front"),
        unit_of(chips.grid, _window(chips, 100, 100, 20, 20), "forest"),
    ]
    front, forest = measure_heat("fire", chips, units).iloc[0], measure_heat("fire", chips, units).iloc[1]
    assert front["hot_pixels"] >= front["nhi_pixels"] > 5
    assert front["radiant_power"] > 1
    assert (forest["hot_pixels"], forest["tai_pixels"]) == (0, 0)
    landsat = landsat_fire(shared_data)
    index = np.argmax(landsat.bands["swir22"][0])
    row, column = divmod(int(index), landsat.grid.width)
    unit = unit_of(landsat.grid, _window(landsat, row - 3, column - 3, 7, 7), "fire")
    seen = measure_heat("fire", landsat, [unit]).iloc[0]
    assert seen["saturated_pixels"] >= 1
    assert seen["hot_pixels"] >= seen["saturated_pixels"]


def test_a_real_clear_scene_has_no_heat_anywhere(shared_data: Path) -> None:
    chips = spain(shared_data)
    units = [
        unit_of(chips.grid, _window(chips, row, column, 12, 12), f"{row}-{column}")
        for row in range(0, 500, 50)
        for column in range(0, 500, 50)
    ]
    table = measure_heat("fields", chips, units)
    assert (table["quality"] == "clear").all()
    assert table[["hot_pixels", "tai_pixels", "nhi_pixels", "radiant_power"]].sum().sum() == 0
