"""What ids tell of place and time, held against real products and against simulated ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from satverify.domain.granules import Box
from satverify.emulator.catalogue.id_hints import WORLD, hint_of
from satverify.simulate.scenes import SimulatedScenes

REAL = (
    # id, time, longitude, latitude of the middle
    ("S2A_MSIL2A_20210125T073201_N0500_R049_T39TWK_20230528T024029.SAFE", "2021-01-25T07:37:20", 51.7, 44.65),
    ("LC08_L1TP_028030_20200114_20200824_02_T1", "2020-01-14T17:00:00", -96.8, 43.2),  # path 28, row 30
)


@pytest.mark.parametrize(("name", "time", "longitude", "latitude"), REAL)
def test_a_real_id_tells_where_its_product_lies(name: str, time: str, longitude: float, latitude: float) -> None:
    hint = hint_of(name)
    assert hint is not None
    assert hint.start <= datetime.fromisoformat(time).replace(tzinfo=UTC) < hint.stop
    assert any(holds(box, longitude, latitude) for box in hint.boxes)
    assert WORLD not in hint.boxes
    assert hint.stop - hint.start <= timedelta(days=1)


def holds(box: Box, longitude: float, latitude: float) -> bool:
    west, south, east, north = box
    return west <= longitude <= east and south <= latitude <= north


def test_recorded_frames_of_sentinel_3_lie_where_their_ids_tell(shared_data: Path) -> None:
    files = sorted((shared_data / "sentinelhub" / "stactools").glob("S3A_SL_*.json"))
    if not files:
        pytest.skip("no recorded frames of Sentinel-3")
    for file in files:
        item = json.loads(file.read_text(encoding="utf-8"))
        hint = hint_of(item["id"])
        assert hint is not None
        assert WORLD not in hint.boxes
        footprint = shapely.make_valid(shape(item["geometry"]))
        assert any(shapely.box(*box).intersects(footprint) for box in hint.boxes), item["id"]


@pytest.mark.parametrize("place", [(117.0, 39.0, 117.5, 39.5), (179.0, -41.0, 179.5, -40.5), (15.0, 78.0, 16.0, 78.5)])
@pytest.mark.parametrize("collection", ["sentinel-2-l1c", "sentinel-3-slstr", "landsat-ot-l1"])
def test_simulated_products_are_found_by_what_their_ids_tell(collection: str, place: Box) -> None:
    provider = SimulatedScenes(1)
    span = datetime(2022, 6, 3, tzinfo=UTC), datetime(2022, 6, 9, tzinfo=UTC)
    granules = provider.granules(collection, place, *span)
    assert granules
    for granule in granules:
        hint = hint_of(granule.granule_id)
        assert hint is not None
        assert hint.start <= granule.time < hint.stop
        assert any(shapely.box(*box).intersects(granule.footprint) for box in hint.boxes)


def test_a_product_of_sentinel_5p_is_looked_for_along_its_revolution() -> None:
    hint = hint_of("S5P_OFFL_L2__NO2____20220103T033051_20220103T051220_21888_02_020301_20220107T062258")
    assert hint is not None
    assert hint.start <= datetime(2022, 1, 3, 3, 30, 51, tzinfo=UTC)
    assert datetime(2022, 1, 3, 5, 12, 20, tzinfo=UTC) <= hint.stop
    assert hint.boxes == (WORLD,)


@pytest.mark.parametrize(
    "name", ["", "nothing", "S2A_MSIL1C_20229999T030111_x", "S2A_20220105", "LC08_L1TP_123032_20221345_x"]
)
def test_an_id_that_tells_no_time_gives_no_hint(name: str) -> None:
    assert hint_of(name) is None
