from __future__ import annotations

from datetime import UTC, datetime

from shapely import box

from satverify.domain.sensors import SENSORS
from satverify.sources.sentinelhub.acquisitions import acquisitions_over, settledness
from satverify.sources.sentinelhub.catalogue import ListedProduct
from tests.sources.sentinelhub.made import SENTINEL_2, SLSTR

OUTLINE = box(118.0, 39.5, 118.1, 39.6)
ROUND = box(117.0, 39.0, 119.0, 40.0)
NO2 = SENSORS["sentinel-5p-no2"]


def product(product_id: str, moment: str, platform: str = "sentinel-2a", **given: object) -> ListedProduct:
    time = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    values = {"product_id": product_id, "platform": platform, "time": time, "footprint": ROUND} | given
    return ListedProduct(**values)  # type: ignore[arg-type]


def test_tiles_of_one_day_are_one_scene_that_costs_one() -> None:
    listed = acquisitions_over(
        OUTLINE,
        [
            product("S2A_MSIL1C_20220105T030111_N0301_R075_T50TNK_20220105T045032.SAFE", "2022-01-05T03:01:20"),
            product("S2A_MSIL1C_20220105T030111_N0301_R075_T50TMK_20220105T045032.SAFE", "2022-01-05T03:01:11"),
            product("S2B_MSIL1C_20220110T030109_N0301_R075_T50TMK_20220110T045032.SAFE", "2022-01-10T03:01:09"),
        ],
        SENTINEL_2,
    )
    assert [(one.acquisition.start.day, len(one.acquisition.source_ids), one.samples) for one in listed] == [
        (5, 2, 1),
        (10, 1, 1),
    ]
    assert listed[0].acquisition.start.second == 11
    assert listed[0].acquisition.stop.second == 20


def test_of_a_reprocessed_tile_the_newest_version_counts() -> None:
    old = "S2A_MSIL1C_20220105T030111_N0301_R075_T50TMK_20220105T045032.SAFE"
    new = "S2A_MSIL1C_20220105T030111_N0500_R075_T50TMK_20230505T045032.SAFE"
    (one,) = acquisitions_over(
        OUTLINE,
        [
            product(new, "2022-01-05T03:01:11.024", processing_baseline="05.00"),
            product(old, "2022-01-05T03:01:11.024", processing_baseline="03.01"),
        ],
        SENTINEL_2,
    )
    assert one.acquisition.source_ids == (new,)
    assert one.acquisition.processing_baseline == "05.00"


def test_pieces_of_one_pass_join_and_cost_each_and_two_satellites_stay_apart() -> None:
    listed = acquisitions_over(
        OUTLINE,
        [
            product("S3A_1", "2022-01-05T13:40:00", "sentinel-3a", orbit_state="ascending"),
            product("S3B_1", "2022-01-05T14:19:00", "sentinel-3b", orbit_state="ascending"),
            product("S3A_2", "2022-01-05T13:43:00", "sentinel-3a", orbit_state="ascending"),
        ],
        SLSTR,
    )
    assert [(one.acquisition.platform, one.samples) for one in listed] == [("sentinel-3a", 2), ("sentinel-3b", 1)]
    assert (listed[0].acquisition.stop - listed[0].acquisition.start).total_seconds() == 180


def test_passes_of_one_satellite_an_orbit_apart_are_two() -> None:
    listed = acquisitions_over(
        OUTLINE,
        [product("a", "2022-01-05T12:40:00", "sentinel-3a"), product("b", "2022-01-05T14:21:00", "sentinel-3a")],
        SLSTR,
    )
    assert len(listed) == 2


def test_products_beside_the_area_and_of_other_satellites_do_not_count() -> None:
    away = product("a", "2022-01-05T03:00:00", footprint=box(100, 39, 101, 40))
    stranger = product("b", "2022-01-05T03:00:00", "landsat-8")
    assert acquisitions_over(OUTLINE, [away, stranger], SENTINEL_2) == ()
    assert acquisitions_over(OUTLINE, [], SENTINEL_2) == ()


def test_the_settled_version_of_an_orbit_makes_the_others_forgotten() -> None:
    pieces = [
        product("S5P_NRTI_1", "2022-01-05T05:10:00", "sentinel-5p", absolute_orbit=21900, timeliness="NRTI"),
        product("S5P_NRTI_2", "2022-01-05T05:15:00", "sentinel-5p", absolute_orbit=21900, timeliness="NRTI"),
        product("S5P_OFFL_1", "2022-01-05T04:40:00", "sentinel-5p", absolute_orbit=21900, timeliness="OFFL"),
    ]
    (one,) = acquisitions_over(OUTLINE, pieces, NO2)
    assert one.acquisition.source_ids == ("S5P_OFFL_1",)
    assert one.acquisition.timeliness == "OFFL"


def test_a_day_with_an_unsettled_orbit_is_unsettled() -> None:
    pieces = [
        product("S5P_NRTI_1", "2022-01-05T06:50:00", "sentinel-5p", absolute_orbit=21901, timeliness="NRTI"),
        product("S5P_OFFL_1", "2022-01-05T05:10:00", "sentinel-5p", absolute_orbit=21900, timeliness="OFFL"),
    ]
    (one,) = acquisitions_over(OUTLINE, pieces, NO2)
    assert one.acquisition.timeliness == "NRTI"
    assert one.acquisition.relative_orbit is None


def test_reprocessed_is_more_settled_than_offline_and_that_than_near_real_time() -> None:
    assert settledness("NRTI") < settledness("OFFL") < settledness("RPRO") < settledness("")


def test_cloud_cover_is_the_mean_of_the_products() -> None:
    tiles = [
        product("S2A_x_T50TMK_1", "2022-01-05T03:01:11", cloud_cover=10.0),
        product("S2A_x_T50TNK_1", "2022-01-05T03:01:12", cloud_cover=21.0),
        product("S2A_x_T50TPK_1", "2022-01-05T03:01:13"),
    ]
    (one,) = acquisitions_over(OUTLINE, tiles, SENTINEL_2)
    assert one.acquisition.cloud_cover == 15.5
