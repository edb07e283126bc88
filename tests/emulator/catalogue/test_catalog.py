"""The catalogue over HTTP: what it tells, finds, pages through and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.emulator import Emulator
from satverify.emulator.catalogue.search import search_of_body
from satverify.emulator.catalogue.shelf import Shelf
from satverify.emulator.clock import Calendar
from tests.emulator.standin import CATALOG, GRANULES, Client, FakeEngine, ListProvider, Time, at

S2 = [granule for granule in GRANULES if granule.collection == "sentinel-2-l1c"]
NEWEST_FIRST = [granule.granule_id for granule in sorted(S2, key=lambda granule: granule.time, reverse=True)]
YEAR = "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z"


def ids(answer: Any) -> list[str]:  # noqa: ANN401 -- a response of requests
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def pages(client: Client, **body: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    following = None
    while True:
        page = client.search(**body, next=following).json()
        yield page
        following = page["context"].get("next")
        if following is None:
            return


def test_the_landing_page_and_conformance_need_no_token(client: Client) -> None:
    client.session.headers["Authorization"] = ""
    landing = client.get(f"{CATALOG}/").json()
    assert landing == client.get(CATALOG).json()
    assert landing["conformsTo"] == client.get(f"{CATALOG}/conformance").json()["conformsTo"]
    children = [link["href"] for link in landing["links"] if link["rel"] == "child"]
    assert [href.rpartition("/")[2] for href in children] == list(ListProvider().collections())


def test_every_link_of_the_landing_page_leads_somewhere(client: Client) -> None:
    for link in client.get(f"{CATALOG}/").json()["links"]:
        if link["rel"] != "search":
            assert client.session.get(link["href"], timeout=10).status_code == 200, link


def test_every_collection_is_described_alone_as_among_all(client: Client) -> None:
    described = client.get(f"{CATALOG}/collections").json()["collections"]
    assert [document["id"] for document in described] == list(ListProvider().collections())
    for document in described:
        assert client.get(f"{CATALOG}/collections/{document['id']}").json() == document


def test_queryables_are_what_a_filter_can_ask_for(client: Client) -> None:
    path = f"{CATALOG}/collections/sentinel-5p-l2/queryables"
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/schema+json"
    for name, schema in answer.json()["properties"].items():
        value = "1" if schema["type"] in {"number", "integer"} else "'x'"
        found = client.search(collections=["sentinel-5p-l2"], datetime=YEAR, filter=f"{name} = {value}")
        assert found.status_code == 200, name


def test_a_search_finds_newest_first(client: Client) -> None:
    assert ids(client.search()) == NEWEST_FIRST


def test_a_page_has_ten_items_unless_told_otherwise(time: Time, engine: FakeEngine) -> None:
    many = tuple(replace(S2[0], granule_id=f"S2A_{number:03d}") for number in range(250))
    with Emulator(ListProvider(many), engine=engine, clock=time) as emulator, Client(emulator) as client:
        assert client.search().json()["context"] == {"next": 10, "limit": 10, "returned": 10}
        assert client.search(limit=1000).json()["context"] == {"next": 100, "limit": 100, "returned": 100}
        assert client.search(limit=100, next=200).json()["context"] == {"limit": 100, "returned": 50}
        assert client.search(limit=100, next=250).json()["context"] == {"limit": 100, "returned": 0}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_hold_every_item_once_and_in_order(client: Client, limit: int) -> None:
    read = list(pages(client, limit=limit))
    assert [feature["id"] for page in read for feature in page["features"]] == NEWEST_FIRST
    assert all(page["context"]["returned"] == len(page["features"]) <= limit for page in read)


def test_the_next_link_of_a_post_is_merged_into_its_body(client: Client) -> None:
    first = client.search(limit=2).json()
    (link,) = [link for link in first["links"] if link["rel"] == "next"]
    assert (link["method"], link["merge"]) == ("POST", True)
    assert ids(client.search(limit=2, **link["body"])) == NEWEST_FIRST[2:4]


def test_the_next_link_of_a_get_is_followed_as_it_is(client: Client) -> None:
    query = f"?collections=sentinel-2-l1c&datetime={YEAR}&limit=2&bbox=118,39,120,41&filter=eo:cloud_cover<50"
    answer = client.get(f"{CATALOG}/search{query}")
    found = ids(answer)
    (link,) = [link for link in answer.json()["links"] if link["rel"] == "next"]
    found += ids(client.session.get(link["href"], timeout=10))
    assert found == [g.granule_id for g in _by_time() if g.cloud_cover is not None and g.cloud_cover < 50]


def _by_time() -> list[Any]:
    return sorted(S2, key=lambda granule: granule.time, reverse=True)


def test_get_and_post_find_the_same(client: Client) -> None:
    by_get = client.get(f"{CATALOG}/search?collections=sentinel-2-l1c&datetime={YEAR}&fields=id,-links")
    assert (
        by_get.json()["features"] == client.search(fields={"include": ["id"], "exclude": ["links"]}).json()["features"]
    )


def test_items_of_a_collection_are_listed_and_fetched(client: Client) -> None:
    listed = client.get(f"{CATALOG}/collections/sentinel-2-l1c/items?datetime={YEAR}&limit=3")
    assert ids(listed) == NEWEST_FIRST[:3]
    for item in listed.json()["features"]:
        (own,) = [link["href"] for link in item["links"] if link["rel"] == "self"]
        assert client.session.get(own, timeout=10).json() == item


def test_an_item_is_found_by_its_id_without_a_search_before(client: Client) -> None:
    for granule in (*S2, GRANULES[10]):
        answer = client.get(f"{CATALOG}/collections/{granule.collection}/items/{granule.granule_id}")
        assert answer.status_code == 200
        assert answer.json()["id"] == granule.granule_id


@pytest.mark.parametrize(
    "name", ["nothing", "S2A_MSIL1C_20229999T030111_x", "S2A_MSIL1C_20220105T030111_N0301_R075_T50XXX_x"]
)
def test_an_item_that_is_not_there_is_a_404(client: Client, name: str) -> None:
    answer = client.get(f"{CATALOG}/collections/sentinel-2-l1c/items/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] == 404


def test_ids_pick_items_and_the_other_conditions_hold_too(client: Client) -> None:
    wanted = [S2[2].granule_id, S2[0].granule_id, "not-there"]
    assert ids(client.search(ids=wanted)) == [S2[2].granule_id, S2[0].granule_id]
    assert ids(client.search(ids=wanted, filter="eo:cloud_cover < 50")) == [S2[0].granule_id]
    assert ids(client.search(ids=wanted, bbox=[0, 0, 1, 1])) == []
    assert ids(client.search(ids=wanted, datetime="2022-01-06T00:00:00Z/..")) == [S2[2].granule_id]
    assert ids(client.search(ids=[])) == []


@given(west=st.floats(117, 120), south=st.floats(38, 41), wide=st.floats(0, 1), high=st.floats(0, 1))
def test_a_box_finds_what_meets_it(west: float, south: float, wide: float, high: float) -> None:
    shelf = Shelf(ListProvider(), Calendar(), Time())
    body = {"collections": ["sentinel-2-l1c"], "datetime": YEAR, "bbox": [west, south, west + wide, south + high]}
    search = search_of_body(body)
    found = shelf.find(search.collection, search.region, at("2022-01-01"), at("2022-12-31"))
    expected = {
        granule.granule_id
        for granule in S2
        for left, bottom, right, top in [granule.footprint.bounds]
        if west <= right and west + wide >= left and south <= top and south + high >= bottom
    }
    assert {granule.granule_id for granule in found} == expected


def test_a_box_across_the_antimeridian_looks_on_both_sides(client: Client) -> None:
    assert ids(client.search(bbox=[119.5, 39, 118.5, 41])) == NEWEST_FIRST  # nearly all the way round
    assert ids(client.search(bbox=[179, 39, -179, 41])) == []
    assert ids(client.search(bbox=[118.2, 39, 0, 118.3, 41, 1000])) == [
        g.granule_id for g in _by_time() if g is not S2[1]
    ]


def test_a_geometry_finds_what_meets_it_and_not_its_box(client: Client) -> None:
    corner = {"type": "Polygon", "coordinates": [[[117, 41], [117, 40.2], [117.9, 41], [117, 41]]]}
    assert ids(client.search(intersects=corner)) == []
    assert ids(client.search(intersects={"type": "Point", "coordinates": [119.5, 40]})) == [S2[1].granule_id]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("2022-01-10T03:01:10Z/2022-01-15T03:01:09Z", [3, 2]),
        ("2022-01-10T03:01:10.001Z/2022-01-15T03:01:08.999Z", []),
        ("2022-01-10T03:01:10Z", [2]),
        ("2022-01-10T11:01:10+08:00", [2]),
        ("2022-01-15T00:00:00Z/..", [4, 3]),
        ("2022-01-15T00:00:00Z/", [4, 3]),
        ("../2022-01-05T03:01:11.25Z", [0]),
    ],
)
def test_a_time_span_includes_both_ends_and_may_be_open(client: Client, interval: str, expected: list[int]) -> None:
    assert ids(client.search(datetime=interval)) == [S2[number].granule_id for number in expected]


def test_an_open_span_ends_now(engine: FakeEngine, time: Time) -> None:
    time.seconds = at("2022-01-12T00:00:00").timestamp()
    with Emulator(ListProvider(), engine=engine, clock=time) as emulator, Client(emulator) as client:
        assert len(ids(client.search(datetime="2022-01-01T00:00:00Z/.."))) == 3


def test_filters_are_taken_as_text_and_as_json(client: Client) -> None:
    text = client.search(filter="eo:cloud_cover >= 5 AND eo:cloud_cover < 40", **{"filter-lang": "cql2-text"})
    document = {
        "op": "and",
        "args": [
            {"op": ">=", "args": [{"property": "eo:cloud_cover"}, 5]},
            {"op": "<", "args": [{"property": "eo:cloud_cover"}, 40]},
        ],
    }
    assert (
        ids(text)
        == ids(client.search(filter=document, **{"filter-lang": "cql2-json"}))
        == [
            S2[3].granule_id,
            S2[0].granule_id,
        ]
    )
    orbits = client.search(collections=["sentinel-3-slstr"], filter="sat:orbit_state = 'ascending'")
    assert len(ids(orbits)) == 2


def test_an_unknown_property_is_refused_in_the_services_words(client: Client) -> None:
    answer = client.search(filter="sat:orbit_state = 'ascending'")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 400,
        "description": "Querying is not supported on property 'sat:orbit_state'",
    }


def test_distinct_gives_words_in_place_of_items(client: Client) -> None:
    days = client.search(distinct="date", limit=2).json()
    assert days["features"] == ["2022-01-20", "2022-01-15"]
    assert days["context"] == {"next": 2, "limit": 2, "returned": 2}
    assert client.search(distinct="date", limit=2, next=2).json()["features"] == ["2022-01-10", "2022-01-05"]
    states = client.search(collections=["sentinel-3-slstr"], distinct="sat:orbit_state").json()["features"]
    assert sorted(states) == ["ascending", "descending"]
    assert client.search(distinct="eo:cloud_cover").status_code == 400


def test_fields_leave_in_and_out_what_is_asked_for(client: Client) -> None:
    def first(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
        item: dict[str, Any] = client.search(fields=fields).json()["features"][0]
        return item

    assert set(first()) == {"id", "type", "geometry", "bbox", "links", "assets", "properties"}
    assert set(first()["properties"]) == {"datetime"}
    chosen = first(include=["id", "properties.datetime", "properties.proj:epsg"], exclude=[])
    assert chosen == {"id": NEWEST_FIRST[0], "properties": {"datetime": "2022-01-20T03:01:08Z", "proj:epsg": 32650}}
    assert set(first(exclude=["geometry", "properties.datetime"])) == {
        "id",
        "type",
        "bbox",
        "links",
        "assets",
        "properties",
    }
    assert first(exclude=["properties.datetime"])["properties"] == {}
    assert set(first(include=["id", "properties"], exclude=["properties.datetime", "id"])) == {"id", "properties"}
    assert "datetime" not in first(include=["properties"], exclude=["properties.datetime"])["properties"]
    assert client.search(fields=["id"]).status_code == 400


def test_what_is_published_later_is_not_there_yet_and_what_is_replaced_is_gone(
    emulator: Emulator, client: Client
) -> None:
    seen: dict[str, list[str]] = {}
    for moment in ("2022-01-05T06:59:59", "2022-01-05T07:00:00", "2022-01-11T00:00:00", "2022-08-01T00:00:00"):
        emulator.calendar.set(at(moment))
        found = client.search(collections=["sentinel-5p-l2"], datetime=YEAR).json()["features"]
        seen[moment] = [item["properties"]["s5p:timeliness"] for item in found]
    assert list(seen.values()) == [[], ["NRTI"], ["OFFL"], ["RPRO"]]
    emulator.calendar.set(None)
    found = client.search(collections=["sentinel-5p-l2"], datetime=YEAR).json()["features"]
    assert [item["properties"]["s5p:timeliness"] for item in found] == ["RPRO"]


def test_a_replaced_item_is_no_longer_found_by_its_id(emulator: Emulator, client: Client) -> None:
    path = f"{CATALOG}/collections/sentinel-5p-l2/items/{GRANULES[8].granule_id}"
    emulator.calendar.set(at("2022-01-06T00:00:00"))
    assert client.get(path).status_code == 200
    emulator.calendar.set(at("2022-01-12T00:00:00"))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"datetime": None},
        {"datetime": ""},
        {"datetime": "yesterday"},
        {"datetime": "2022-01-01"},
        {"datetime": "2022-01-01T00:00:00/2022-01-02T00:00:00"},
        {"datetime": "2022-02-01T00:00:00Z/2022-01-01T00:00:00Z"},
        {"datetime": "../.."},
        {"datetime": "2022-01-01T00:00:00Z/2022-01-02T00:00:00Z/2022-01-03T00:00:00Z"},
        {"datetime": "2022-13-01T00:00:00Z/.."},
        {"datetime": 5},
        {"collections": None},
        {"collections": []},
        {"collections": "sentinel-2-l1c"},
        {"collections": ["sentinel-2-l1c", "sentinel-3-slstr"]},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, "4"]},
        {"bbox": [1, 50, 3, 40]},
        {"bbox": [-200, 1, 3, 4]},
        {"bbox": "1,2,3,4"},
        {"bbox": [1, 2, 3, 4], "intersects": {"type": "Point", "coordinates": [1, 2]}},
        {"intersects": {"type": "Blob", "coordinates": []}},
        {"intersects": {"type": "Polygon", "coordinates": []}},
        {"intersects": {"type": "Polygon"}},
        {"intersects": "POINT (1 2)"},
        {"limit": 0},
        {"limit": -1},
        {"limit": "10"},
        {"limit": True},
        {"next": -1},
        {"next": "abc"},
        {"ids": "S2A"},
        {"ids": [1]},
        {"filter": "eo:cloud_cover <"},
        {"filter": {"op": "or", "args": []}},
        {"filter": "eo:cloud_cover < 5", "filter-lang": "sql"},
        {"fields": 5},
        {"distinct": 5},
        {"distinct": "gsd"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_code_and_description(client: Client, body: dict[str, Any]) -> None:
    answer = client.search(**body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == 400
    assert answer.json()["description"]


def test_an_unknown_collection_is_not_found_in_the_services_words(client: Client) -> None:
    expected = {"code": 404, "description": "Collection not found."}
    for answer in (
        client.search(collections=["landsat-tm-l1"]),
        client.get(f"{CATALOG}/collections/landsat-tm-l1"),
        client.get(f"{CATALOG}/collections/landsat-tm-l1/items?datetime={YEAR}"),
    ):
        assert (answer.status_code, answer.json()) == (404, expected)


def test_bodies_that_are_no_search_are_refused(client: Client) -> None:
    assert client.post(f"{CATALOG}/search").json()["error"]["message"] == "Request body should be non-empty."
    assert client.post(f"{CATALOG}/search", json=[1]).status_code == 400
    assert client.post(f"{CATALOG}/search", data=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.post(f"{CATALOG}/search", data={"a": "b"}).status_code == 415
    assert client.post(f"{CATALOG}/collections", json={}).status_code == 405
    assert client.get(f"{CATALOG}/nowhere").json()["code"] == 404


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ({"bbox": [118, 39, 119, 40]}, 0.01),  # 9,500 km² count as 10,000
        ({"bbox": [118, 39, 119, 40], "datetime": "2022-01-01T00:00:00Z/2022-03-31T23:59:59Z"}, 0.03),
        ({"bbox": [118, 39, 119, 40], "datetime": "2022-01-05T00:00:00Z"}, 0.01),
        ({"bbox": [0, 0, 1, 1]}, 0.012364),
        ({"bbox": [112, 36, 119, 40]}, 0.272755),
        ({"bbox": [112, 36, 119, 40], "datetime": "2022-01-15T00:00:00Z/2022-02-15T00:00:00Z"}, 0.272755),
        ({"bbox": [112, 36, 119, 40], "datetime": "2022-01-15T00:00:00Z/2022-02-15T00:00:01Z"}, 2 * 0.272755),
        ({"bbox": [100, 20, 130, 50]}, 1.0),  # 9 million km²
        ({"bbox": [-180, -90, 180, 90]}, 1.0),
        ({}, 1.0),
    ],
)
def test_a_search_costs_by_area_and_months(client: Client, body: dict[str, Any], units: float) -> None:
    spent = float(client.search(**body).headers["x-processingunits-spent"])
    # Areas by hand from the sphere of the Earth's surface, R² Δλ Δsin φ: the ellipsoid is within 0.5 %.
    assert spent == pytest.approx(units, rel=5e-3)


def test_what_is_refused_and_what_tells_of_collections_costs_nothing(client: Client) -> None:
    assert "x-processingunits-spent" not in client.search(limit=0).headers
    assert "x-processingunits-spent" not in client.get(f"{CATALOG}/collections").headers
