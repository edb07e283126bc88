"""Searches and what their answers hold."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping

from satverify.errors import InputError
from satverify.sources.sentinelhub.catalogue import (
    ListedProduct,
    listed_product,
    oldest_first,
    read_page,
    search_body,
    search_estimate,
)
from satverify.sources.web.exchange import BadAnswer

BOX = (117.0, 39.0, 118.0, 40.0)
START, STOP = datetime(2021, 11, 1, tzinfo=UTC), datetime(2021, 12, 1, tzinfo=UTC)
ID = "S2A_MSIL1C_20211105T030111_N0301_R075_T50TMK_20211105T045032.SAFE"


def item(properties: dict[str, Any] | None = None, **other: object) -> dict[str, Any]:
    return {
        "id": ID,
        "geometry": mapping(shapely.box(117, 39, 118, 40)),
        "properties": {"datetime": "2021-11-05T03:07:20.296Z"} if properties is None else properties,
        **other,
    }


def test_a_search_asks_for_the_largest_pages_in_utc() -> None:
    start = datetime(2021, 11, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert search_body("sentinel-3-slstr", BOX, start, STOP, filter="sat:orbit_state = 'ascending'", next=100) == {
        "collections": ["sentinel-3-slstr"],
        "bbox": [117.0, 39.0, 118.0, 40.0],
        "datetime": "2021-11-01T00:00:00.000Z/2021-12-01T00:00:00.000Z",
        "limit": 100,
        "filter": "sat:orbit_state = 'ascending'",
        "filter-lang": "cql2-text",
        "next": 100,
    }
    assert not {"filter", "filter-lang", "next"} & set(search_body("x", BOX, START, STOP))


@pytest.mark.parametrize("box", [(118, 39, 117, 40), (117, 40, 118, 39), (170, 0, 190, 1), (0, math.nan, 1, 1)])
def test_a_box_that_is_none_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="box"):
        search_body("x", box, START, STOP)


@pytest.mark.parametrize(
    ("start", "stop"), [(STOP, START), (START, START), (START.replace(tzinfo=None), STOP.replace(tzinfo=None))]
)
def test_a_period_that_is_none_is_refused(start: datetime, stop: datetime) -> None:
    with pytest.raises(InputError, match="period"):
        search_body("x", BOX, start, stop)


def test_a_search_costs_by_area_and_month() -> None:
    # Worked by hand: 8 x 10 degrees at 38 degrees north are 702 x 1113 km, 0.781 of a million km².
    assert search_estimate((110, 33, 118, 43), START, STOP) == pytest.approx(0.781, rel=1e-3)
    assert search_estimate((110, 33, 118, 43), START, START + timedelta(days=60)) == 1.0  # the most that is charged
    assert search_estimate((117, 39, 117.1, 39.1), START, STOP) == 0.01
    assert search_estimate((117, 39, 117.1, 39.1), START, START + timedelta(days=31)) == 0.02


def test_an_item_that_says_all_is_believed() -> None:
    told = {
        "datetime": "2021-11-05T03:07:20.296Z",
        "platform": "sentinel-2b",
        "eo:cloud_cover": 12.5,
        "sat:orbit_state": "DESCENDING",
        "sat:relative_orbit": 76,
        "sat:absolute_orbit": 33333,
        "s2:processing_baseline": "04.00",
    }
    assert listed_product(item(told), BOX) == ListedProduct(
        product_id=ID,
        platform="sentinel-2b",
        time=datetime(2021, 11, 5, 3, 7, 20, 296000, tzinfo=UTC),
        footprint=shapely.box(117, 39, 118, 40),
        cloud_cover=12.5,
        orbit_state="descending",
        relative_orbit=76,
        absolute_orbit=33333,
        product_type="MSIL1C",
        processing_baseline="04.00",
    )


def test_what_an_item_leaves_out_is_read_from_its_name() -> None:
    found = listed_product({"id": ID, "properties": {}}, BOX)
    assert (found.platform, found.relative_orbit, found.processing_baseline) == ("sentinel-2a", 75, "03.01")
    assert found.time == datetime(2021, 11, 5, 3, 1, 11, tzinfo=UTC)
    assert found.footprint.equals(shapely.box(*BOX))


@pytest.mark.parametrize(
    ("spelling", "platform"),
    [
        ("Sentinel-3A", "sentinel-3a"),
        ("sentinel-2c", "sentinel-2c"),
        ("LANDSAT_8", "landsat-8"),
        ("landsat-9", "landsat-9"),
        ("Sentinel 5 Precursor", "sentinel-5p"),
        ("sentinel-5p", "sentinel-5p"),
        ("Sentinel-5 Precursor", "sentinel-5p"),
        ("Aqua", "aqua"),
    ],
)
def test_platforms_have_one_spelling(spelling: str, platform: str) -> None:
    assert listed_product(item({"datetime": "2021-11-05T03:07:20Z", "platform": spelling}), BOX).platform == platform


def test_a_letter_that_the_catalogue_leaves_out_is_in_the_name() -> None:
    # As Copernicus Data Space lists Sentinel-3: its collection's summaries name the platform "sentinel-3".
    name = "S3A_SL_1_RBT____20200430T211807_20200430T212107_20200430T233757_0179_057_357_0540_LN2_O_NR_004.SEN3"
    told = {"datetime": "2020-04-30T21:18:06.506Z", "platform": "sentinel-3", "sat:orbit_state": "ascending"}
    assert listed_product({**item(told), "id": name}, BOX).platform == "sentinel-3a"


@pytest.mark.parametrize("value", [None, "12", True, -1, 101, math.nan, [3]])
def test_a_cloud_cover_that_is_none_is_missing(value: object) -> None:
    told = {"datetime": "2021-11-05T03:07:20Z", "eo:cloud_cover": value}
    assert listed_product(item(told), BOX).cloud_cover is None


def test_a_time_without_a_zone_is_utc_and_another_zone_is_converted() -> None:
    for text in ("2021-11-05T03:00:00", "2021-11-05T11:00:00+08:00"):
        assert listed_product(item({"datetime": text}), BOX).time == datetime(2021, 11, 5, 3, tzinfo=UTC)


def test_a_missing_moment_is_that_of_the_start() -> None:
    told = {"datetime": None, "start_datetime": "2021-11-05T03:00:00Z"}
    assert listed_product(item(told), BOX).time == datetime(2021, 11, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize("broken", [{}, {"id": ""}, {"id": 3}, {"id": "X", "properties": {"datetime": "soon"}}])
def test_an_item_without_name_or_time_spoils_the_page_rather_than_being_lost(broken: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read_page(json.dumps({"features": [item(), broken]}).encode(), BOX)


def test_the_next_page_is_found_in_either_place() -> None:
    link = {"rel": "next", "method": "POST", "body": {"next": 200}, "merge": True}
    assert read_page(json.dumps({"features": [], "context": {"next": 100}}).encode(), BOX).next == 100
    assert read_page(json.dumps({"features": [], "links": [{"rel": "self"}, link]}).encode(), BOX).next == 200
    assert read_page(json.dumps({"features": [], "context": {"limit": 1}}).encode(), BOX).next is None
    assert read_page(json.dumps({"features": [], "context": {"next": 0}}).encode(), BOX).next == 0


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"no",
        b'{"features": 3}',
        b'{"features": ["2021-11-05"]}',
        b'{"features": [], "context": 3}',
        b'{"features": [], "context": {"next": 1.5}}',
        b'{"features": [], "links": [3]}',
        b"[" * 100_000,
    ],
)
def test_a_page_of_another_form_is_a_bad_answer(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_page(content, BOX)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["features", "id", "properties", "datetime", "geometry", "context"]), inner
            )
        ),
    )
)
def test_no_answer_breaks_the_reading(body: object) -> None:
    try:
        page = read_page(json.dumps(body).encode(), BOX)
    except BadAnswer:
        return
    assert all(product.product_id for product in page.products)


def test_products_come_once_and_oldest_first() -> None:
    first = listed_product(item(), BOX)
    later = replace(first, product_id="B", time=first.time + timedelta(days=1))
    earlier = replace(first, product_id="C", time=first.time - timedelta(days=1))
    assert oldest_first([later, first, earlier, first]) == (earlier, first, later)


RECORDED = {
    "S5P_NRTI_L2__NO2____20210827T012135_20210827T012635_20056_02_020200_20210827T021525.json": {
        "platform": "sentinel-5p",
        "timeliness": "NRTI",
        "product_type": "NO2",
        "absolute_orbit": 20056,
        "processing_baseline": "02.02.00",
    },
    "S3A_SL_1_RBT_20210930T220914_20210930T221214_0180_077_043_5400.json": {
        "platform": "sentinel-3a",
        "orbit_state": "ascending",
        "relative_orbit": 43,
        "product_type": "SL_1_RBT",
        "cloud_cover": 80.216007,
    },
    "S2A_MSIL1C_20210908_N0301_T46RER_item.json": {
        "platform": "sentinel-2a",
        "processing_baseline": "03.01",
        "relative_orbit": 133,
        "product_type": "MSIL1C",
        "time": datetime(2021, 9, 8, 4, 27, 1, 24000, tzinfo=UTC),
    },
}


@pytest.mark.parametrize("name", RECORDED)
def test_items_of_the_missions_are_read(shared_data: Path, name: str) -> None:
    recorded = json.loads((shared_data / "sentinelhub/stactools" / name).read_text())
    found = listed_product(recorded, (-180.0, -90.0, 180.0, 90.0))
    assert {key: getattr(found, key) for key in RECORDED[name]} == RECORDED[name]
    assert found.footprint.is_valid


@pytest.mark.parametrize(
    "name", ["data_search__search_results_fields.json", "data_search_cdse__search_results_fields.json"]
)
def test_recorded_searches_of_both_deployments_are_read(shared_data: Path, name: str) -> None:
    recorded = json.loads((shared_data / "sentinelhub/sentinelhub-py" / name).read_text())["response"]
    products = read_page(json.dumps({"features": recorded}).encode(), BOX).products
    assert [product.product_id for product in products] == [each["id"] for each in recorded]
    assert {product.platform for product in products} == {"sentinel-2a", "sentinel-2b"}
    assert {product.relative_orbit for product in products} == {49}
    assert all(product.cloud_cover is not None for product in products)
