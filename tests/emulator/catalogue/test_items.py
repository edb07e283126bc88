"""Documents of the catalogue beside recorded answers of the real service: the same keys, the same types."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import box
from shapely.geometry import shape

from satverify.emulator.catalogue.collections import COLLECTIONS, collection_of
from satverify.emulator.catalogue.items import item_of, properties_of, rfc3339
from satverify.emulator.catalogue.pages import collection_document, landing
from tests.emulator.standin import GRANULES, Client, at

URL = "http://127.0.0.1:1/api/v1/catalog/1.0.0"
S2 = GRANULES[0]
S5P = GRANULES[8]


@pytest.fixture
def recorded(shared_data: Path) -> Callable[[str], Any]:
    def read(name: str) -> Any:  # noqa: ANN401 -- any JSON
        file = shared_data / "sentinelhub" / "sentinelhub-py" / f"{name}.json"
        if not file.is_file():
            pytest.skip(f"no recorded answer {file.name}")
        return json.loads(file.read_text(encoding="utf-8"))["response"]

    return read


def outline(value: object) -> object:
    """Keys and types of a document; a list is told by its first element, and any number is a number."""
    if isinstance(value, dict):
        return {key: outline(part) for key, part in value.items()}
    if isinstance(value, list):
        return [outline(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_an_item_has_the_shape_of_a_recorded_one(recorded: Callable[[str], Any]) -> None:
    ours = json.loads(json.dumps(item_of(S2, URL)))
    theirs = recorded("data_search_cdse__collection_s2l2a")
    assert outline(ours) == outline(theirs)
    assert list(ours) == list(theirs)
    assert [link["rel"] for link in ours["links"]] == [link["rel"] for link in theirs["links"]]
    assert [type(link["href"]) for link in ours["links"]] == [str] * len(theirs["links"])
    for name in ("stac_version", "stac_extensions", "type"):
        assert ours[name] == theirs[name]
    assert ours["geometry"]["crs"] == theirs["geometry"]["crs"]
    for name in ("instruments", "constellation", "gsd"):
        assert ours["properties"][name] == theirs["properties"][name]


def test_collections_have_the_shape_of_recorded_ones(recorded: Callable[[str], Any]) -> None:
    known = {document["id"]: document for document in recorded("data_search_cdse__catalog_collections")}
    shared = sorted(set(known) & set(COLLECTIONS))
    assert shared == ["sentinel-2-l1c", "sentinel-2-l2a", "sentinel-3-slstr", "sentinel-5p-l2"]
    for name in shared:
        ours, theirs = collection_document(URL, collection_of(name)), known[name]
        assert list(ours) == list(theirs)
        assert list(ours["summaries"]) == list(theirs["summaries"])
        for part in ("stac_version", "stac_extensions", "type", "title", "description", "license", "extent"):
            assert outline(ours[part]) == outline(theirs[part])
        assert [link["rel"] for link in ours["links"]] == [link["rel"] for link in theirs["links"]]
        assert [outline(link) for link in ours["links"]] == [outline(link) for link in theirs["links"]]
        assert outline(ours["providers"]) == outline(known["sentinel-2-l1c"]["providers"])


def test_the_landing_page_has_the_shape_of_a_recorded_one(recorded: Callable[[str], Any]) -> None:
    ours, theirs = landing(URL, list(COLLECTIONS.values())), recorded("data_search_cdse__catalog_info")
    assert list(ours) == list(theirs)
    assert ours["conformsTo"] == theirs["conformsTo"]
    kinds = {
        (link["rel"], link["type"], link.get("method")) for link in theirs["links"] if link["rel"] != "service-desc"
    }
    assert {(link["rel"], link["type"], link.get("method")) for link in ours["links"]} == kinds


def test_fields_of_a_search_give_the_shape_of_a_recorded_one(client: Client, recorded: Callable[[str], Any]) -> None:
    fields = {"include": ["id", "properties.datetime", "properties.eo:cloud_cover"], "exclude": []}
    found = client.search(fields=fields, filter="eo:cloud_cover < 50").json()["features"]
    assert outline(found) == outline(recorded("data_search_cdse__search_results_fields"))


def test_the_footprint_is_told_in_degrees_and_in_metres() -> None:
    item = item_of(S2, URL)
    assert shape(item["geometry"]).equals(S2.footprint)
    assert item["bbox"] == [118.0, 39.5, 119.0, 40.5]
    projected = shape(item["properties"]["proj:geometry"])
    assert projected.area == pytest.approx(85.4e3 * 111.0e3, rel=0.01)  # [m²] a degree of longitude at 40°, of latitude
    np.testing.assert_allclose(item["properties"]["proj:bbox"], projected.bounds, atol=0.5)


def test_an_item_tells_what_its_collection_is_asked_for() -> None:
    for granule in GRANULES:
        properties = properties_of(granule)
        known = collection_of(granule.collection).queryables
        told = {"eo:cloud_cover"} if granule.cloud_cover is None else set()
        assert set(known) - told <= set(properties)
    assert properties_of(S5P)["sat:absolute_orbit"] == 21920
    assert (properties_of(S5P)["s5p:type"], properties_of(S5P)["s5p:timeliness"]) == ("NO2", "NRTI")


def test_what_a_granule_does_not_know_is_left_out() -> None:
    assert "eo:cloud_cover" not in properties_of(replace(S2, cloud_cover=None))
    assert "proj:epsg" not in properties_of(replace(S2, epsg=None))
    assert not any(name.startswith("sat:") for name in properties_of(S2))


def test_a_landsat_product_tells_its_scene_and_category() -> None:
    name = "LC08_L1TP_122032_20220105_20220112_02_T1"
    landsat = replace(S2, granule_id=name, collection="landsat-ot-l1", platform="landsat-8")
    properties = properties_of(landsat)
    assert properties["landsat:scene_id"] == "LC81220322022005LGN00"
    assert properties["landsat:collection_category"] == "T1"
    assert set(collection_of("landsat-ot-l1").queryables) <= set(properties)


def test_times_are_told_to_the_millisecond_where_there_is_one() -> None:
    assert rfc3339(at("2021-01-25T07:37:20.296")) == "2021-01-25T07:37:20.296Z"
    assert rfc3339(at("2021-01-25T07:37:20")) == "2021-01-25T07:37:20Z"


def test_a_collection_nobody_knows_is_described_by_its_name() -> None:
    granule = replace(S2, collection="byoc-1", footprint=box(0, 0, 1, 1))
    assert item_of(granule, URL)["collection"] == "byoc-1"
    assert collection_document(URL, collection_of("byoc-1"))["title"] == "byoc-1"
