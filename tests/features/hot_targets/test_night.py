from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import constants

from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.looks import Quality
from satverify.errors import InputError
from satverify.features.hot_targets.night import measure_night
from satverify.physics.instruments import spectral_band
from satverify.physics.radiative_power import MIR_RANGE, method_error, radiance_method
from satverify.physics.spectral import band_radiance
from tests.features.hot_targets.nights import SIZE, nights, unit_at, with_band

FURNACE = (0.0, 0.0, 1300.0, 60.0)
"""60 m² at 1300 K: 9.7 MW."""
MEASURED = [name for name, kind in HEAT_COLUMNS.items() if kind == "float64"]
ALWAYS = {
    "footprint_pixels", "seen_share", "cloud_share", "official_cloud_share", "solar_zenith_angle", "view_zenith_angle",
    "swath_edge_distance",
}  # fmt: skip


def middle_value(table: pd.DataFrame, name: str) -> float:
    return float(table[name].median())


def by_the_method(kelvin: float) -> float:
    """What the power by one band is of the true one."""
    method = radiance_method(spectral_band("sentinel-3a", "mir37"), MIR_RANGE)
    return 1 + float(method_error(method, kelvin))


def test_the_table_has_the_columns_of_heat_a_row_for_each_unit_and_scene() -> None:
    table = measure_night("works", nights(12), [unit_at("a", 0, 0), unit_at("b", 2000, 0)])
    assert {name: str(kind) for name, kind in table.dtypes.items()} == HEAT_COLUMNS
    assert table["unit_id"].tolist() == ["a"] * 12 + ["b"] * 12
    assert table["scene_id"].tolist() == [f"night-{number}" for number in range(12)] * 2
    assert table["time"].is_monotonic_increasing is False
    np.testing.assert_allclose(table["footprint_pixels"], 0.04, rtol=1e-3)


def test_a_furnace_is_seen_with_the_heat_that_it_has() -> None:
    table = measure_night("works", nights(15, [FURNACE]), [unit_at("a", 0, 0)])
    assert (table["quality"] == "clear").all()
    assert (table["hot_pixels"] >= 1).all()
    assert (table["hot_sources"] == 1).all()
    truth = {
        name: float(band_radiance(spectral_band("sentinel-3a", name), 1300.0)) * 60 for name in ("swir16", "swir22")
    }
    assert middle_value(table, "swir22_excess") == pytest.approx(truth["swir22"], rel=0.1)  # the margin cuts the blur
    assert middle_value(table, "swir16_excess") == pytest.approx(truth["swir16"], rel=0.1)
    assert middle_value(table, "temperature") == pytest.approx(1300, rel=0.05)
    assert middle_value(table, "hot_area") == pytest.approx(60, rel=0.2)
    power = constants.sigma * 60 * 1300**4 / 1e6
    assert middle_value(table, "radiant_power") == pytest.approx(power * by_the_method(1300.0), rel=0.1)
    assert (np.abs(table["radiant_power"] - power) < 1.2 * table["radiant_power_uncertainty"]).mean() > 0.9
    assert middle_value(table, "mir37_contrast") > 2
    assert (table["persistence"] == 1).all()


def test_a_cold_unit_scatters_about_nothing_as_its_noise_says() -> None:
    table = measure_night("works", nights(60), [unit_at("a", 300, -200)])
    assert table["hot_pixels"].max() == 0
    sigmas = table["swir22_excess"] / table["swir22_noise"]
    assert abs(sigmas.mean()) < 0.4  # three standard errors of 60
    assert 0.8 < sigmas.std() < 1.25
    assert (np.abs(table["radiant_power"]) < 3 * table["radiant_power_uncertainty"]).all()
    assert (np.abs(table["lwir11_contrast"]) < 4 * table["lwir11_noise"]).mean() > 0.95
    assert table["temperature"].isna().mean() > 0.8


def test_false_hits_on_cold_units_are_below_one_in_a_hundred_looks() -> None:
    units = [unit_at(f"{east}/{north}", east, north) for east in (-4000, 0, 4000) for north in (-4000, 0, 4000)]
    table = measure_night("works", nights(60, seed=4), units)
    assert (table["hot_pixels"] >= 0.5).mean() <= 0.01


def test_a_neighbours_heat_is_left_to_the_neighbour() -> None:
    units = [unit_at("hot", 0, 0), unit_at("cold", 1000, 0)]
    table = measure_night("works", nights(14, [FURNACE]), units)
    alone = measure_night("works", nights(14, [FURNACE]), units[:1])
    hot, cold = (table[table["unit_id"] == name] for name in ("hot", "cold"))
    assert middle_value(hot, "swir22_excess") == pytest.approx(middle_value(alone, "swir22_excess"), rel=0.05)
    assert cold["hot_pixels"].max() < 0.5
    assert (np.abs(cold["swir22_excess"]) < 3 * cold["swir22_noise"]).mean() > 0.95
    assert middle_value(cold, "swir22_noise") > middle_value(hot, "swir22_noise")  # a furnace may hide beside another
    assert middle_value(cold, "radiant_power") < 0.05 * middle_value(hot, "radiant_power")
    assert abs(middle_value(cold, "mir37_contrast")) < 0.2 * middle_value(hot, "mir37_contrast")


def test_two_furnaces_are_told_apart() -> None:
    spots = [(0.0, 0.0, 1300.0, 60.0), (1500.0, 0.0, 1200.0, 30.0)]
    both = measure_night("works", nights(14, spots), [unit_at("a", 0, 0), unit_at("b", 1500, 0)])
    for unit_id, spot in zip("ab", spots, strict=True):
        own = both[both["unit_id"] == unit_id]
        truth = float(band_radiance(spectral_band("sentinel-3a", "swir22"), spot[2])) * spot[3]
        assert middle_value(own, "swir22_excess") == pytest.approx(truth, rel=0.15)
        assert (own["hot_sources"] == 1).mean() > 0.9


def test_heat_of_nobody_listed_is_not_the_units() -> None:
    table = measure_night("works", nights(15, [(2000.0, 0.0, 1600.0, 60.0)]), [unit_at("a", 0, 0)])
    assert table["hot_pixels"].max() < 0.5
    assert (np.abs(table["swir22_excess"]) < 3 * table["swir22_noise"]).mean() > 0.9


def test_a_cold_cloud_hides_heat_and_is_no_cold_look() -> None:
    cloud = np.zeros((15, SIZE, SIZE), dtype=bool)
    cloud[::3] = True
    table = measure_night("works", nights(15, [FURNACE], cloud=cloud), [unit_at("a", 0, 0)])
    assert (table["quality"][::3] == "cloudy").all()
    assert (table["quality_reason"][::3] == "cloud").all()
    assert table.loc[table["quality"] == "cloudy", sorted(set(MEASURED) - ALWAYS)].isna().all(axis=None)
    others = table.drop(index=table.index[::3])
    assert (others["quality"] == "clear").all()
    assert (others["hot_pixels"] >= 1).all()


def test_heat_that_shines_through_cloud_is_seen_in_part() -> None:
    cloud = np.zeros((15, SIZE, SIZE), dtype=bool)
    cloud[5] = True
    chips = nights(15, [FURNACE], cloud=cloud)
    clear = nights(15, [FURNACE])
    for name in ("swir16", "swir22"):
        chips.bands[name][5] = 0.4 * clear.bands[name][5]
    look = measure_night("works", chips, [unit_at("a", 0, 0)]).iloc[5]
    assert (look["quality"], look["quality_reason"]) == ("partly", "heat_through_cloud")
    assert look["hot_pixels"] >= 1


def test_of_one_scene_alone_no_cold_look_is_clear() -> None:
    table = measure_night("works", nights(1), [unit_at("a", 0, 0)])
    assert (table["quality"][0], table["quality_reason"][0]) == ("partly", "few_nights")


def spoiled(kind: str) -> tuple[pd.Series, pd.Series]:
    """The look at scene 4, which is spoiled, and the one after it, which is not."""
    chips = nights(14, [FURNACE])
    images = {name: image.copy() for name, image in chips.bands.items()}
    zenith = chips.solar_zenith_angle.copy()
    match kind:
        case "nodata":
            for image in images.values():
                image[4] = np.nan
        case "off_swath":
            for image in images.values():
                image[4, :, SIZE // 2 - 4 :] = np.nan
        case "short-wave missing":
            images["swir16"][4] = np.nan
        case "constant":
            images["swir16"][4] = 0.0
        case "constant 11":
            images["lwir11"][4] = 270.0
        case "day":
            zenith[4] = 60.0
        case "dusk":
            zenith[4] = 93.0
        case "sunlit":
            images["swir16"][4] += 5.0
        case "celsius":
            images["lwir11"][4] -= 273.15
    table = measure_night("works", replace(chips, bands=images, solar_zenith_angle=zenith), [unit_at("a", 0, 0)])
    return table.iloc[4], table.iloc[5]


@pytest.mark.parametrize(
    ("kind", "quality", "reason"),
    [
        ("nodata", "off_swath", "off_swath"),
        ("off_swath", "off_swath", "off_swath"),
        ("short-wave missing", "off_swath", "off_swath"),
        ("constant", "low_quality", "constant"),
        ("constant 11", "low_quality", "constant"),
        ("day", "low_quality", "daylight"),
        ("dusk", "low_quality", "daylight"),
        ("sunlit", "low_quality", "bright_background"),
        ("celsius", "low_quality", "temperature_range"),
    ],
)
def test_a_spoiled_scene_is_no_look_and_harms_no_other(kind: str, quality: str, reason: str) -> None:
    look, after = spoiled(kind)
    assert (look["quality"], look["quality_reason"]) == (quality, reason)
    assert look[sorted(set(MEASURED) - ALWAYS)].isna().all()
    assert after["quality"] == "clear"
    assert after["hot_pixels"] >= 1


def test_a_unit_at_the_edge_of_the_swath_is_seen_in_part() -> None:
    chips = nights(14, [FURNACE])
    images = {name: image.copy() for name, image in chips.bands.items()}
    for image in images.values():
        image[4, :, SIZE // 2 + 1 :] = np.nan  # its own pixel is the last column
    look = measure_night("works", replace(chips, bands=images), [unit_at("a", 0, 0)]).iloc[4]
    assert (look["quality"], look["quality_reason"]) == ("partly", "swath_edge")
    assert 0.3 < look["seen_share"] < 0.95
    assert look["hot_pixels"] >= 1


def test_a_unit_outside_of_the_image_is_never_cold() -> None:
    table = measure_night("works", nights(12), [unit_at("a", 0, 0), unit_at("far", 30_000, 0)])
    far = table[table["unit_id"] == "far"]
    assert set(far["quality_reason"]) == {"outside"}
    assert set(far["quality"]) == {Quality.LOW_QUALITY}
    assert far["seen_share"].max() == 0
    assert far["hot_pixels"].isna().all()


def test_a_sun_angle_that_is_not_given_is_computed() -> None:
    chips = replace(nights(12), solar_zenith_angle=np.full(12, np.nan))
    table = measure_night("works", chips, [unit_at("a", 0, 0)])
    assert table["solar_zenith_angle"].between(120, 160).all()  # ten at night, local time, in December
    day = replace(chips, time=chips.time + np.timedelta64(14, "h"))
    assert set(measure_night("works", day, [unit_at("a", 0, 0)])["quality_reason"]) == {"daylight"}


def test_a_particle_in_the_detector_is_named_and_not_heat() -> None:
    chips = nights(14)
    chips.bands["swir16"][7, SIZE // 2, SIZE // 2] += 2.0
    table = measure_night("works", chips, [unit_at("a", 0, 0)])
    assert table["hot_pixels"].max() == 0
    assert table["false_target"].tolist() == ["particle" if scene == 7 else "" for scene in range(14)]


def test_a_saturated_thermal_band_is_carried_on_by_the_wide_one() -> None:
    furnace = (0.0, 0.0, 1000.0, 1500.0)
    table = measure_night("works", nights(14, [furnace]), [unit_at("a", 0, 0)])
    power = constants.sigma * furnace[3] * furnace[2] ** 4 / 1e6
    assert table["saturated_pixels"].min() >= 1
    assert middle_value(table, "radiant_power") == pytest.approx(power * by_the_method(1000.0), rel=0.1)


def test_flags_of_level_2_are_a_second_opinion() -> None:
    chips = nights(14)
    flags = np.zeros((14, SIZE, SIZE), dtype=np.uint16)
    flags[3] = 1 << 14
    looks = measure_night("works", replace(chips, codes={"confidence_flags": flags}), [unit_at("a", 0, 0)])
    assert (looks["quality"][3], looks["quality_reason"][3]) == ("partly", "official_cloud")
    assert looks["official_cloud_share"].tolist() == [1.0 if scene == 3 else 0.0 for scene in range(14)]
    assert (looks["quality"].drop(3) == "clear").all()
    coarse = replace(
        chips,
        sensor="sentinel-3-slstr-l2",
        grid=replace(chips.grid, pixel_width=1000, pixel_height=1000, width=SIZE // 2, height=SIZE // 2),
        time=chips.time + np.timedelta64(40, "s"),
        bands={},
        codes={"confidence_flags": flags[:, ::2, ::2]},
    )
    beside = measure_night("works", chips, [unit_at("a", 0, 0)], official=coarse)
    pd.testing.assert_frame_equal(beside, looks)
    late = replace(coarse, time=coarse.time + np.timedelta64(1, "h"))
    assert measure_night("works", chips, [unit_at("a", 0, 0)], official=late)["official_cloud_share"].isna().all()


def test_optional_bands_may_be_missing() -> None:
    chips = nights(14, [FURNACE])
    for name in ("mir37", "fire37", "lwir12"):
        chips = with_band(chips, name, None)
    table = measure_night("works", chips, [unit_at("a", 0, 0)])
    assert (table["hot_pixels"] >= 1).all()
    assert middle_value(table, "temperature") == pytest.approx(1300, rel=0.05)
    assert table[["radiant_power", "mir37_contrast"]].isna().all(axis=None)


def test_wrong_scenes_are_refused_with_a_sentence() -> None:
    chips, units = nights(3), [unit_at("a", 0, 0)]
    with pytest.raises(InputError, match="sentinel-2-l1c"):
        measure_night("works", replace(chips, sensor="sentinel-2-l1c"), units)
    with pytest.raises(InputError, match="found none of swir22"):
        measure_night("works", with_band(chips, "swir22", None), units)
    with pytest.raises(InputError, match="sentinel-3-slstr-l2"):
        measure_night("works", chips, units, official=chips)


def test_no_scenes_and_no_units_give_an_empty_table() -> None:
    for chips, units in ((nights(0), [unit_at("a", 0, 0)]), (nights(2), [])):
        table = measure_night("works", chips, units)
        assert table.empty
        assert {name: str(kind) for name, kind in table.dtypes.items()} == HEAT_COLUMNS
