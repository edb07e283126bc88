from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pystac
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pystac.extensions.eo import EOExtension
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.sat import SatExtension
from pystac.validation.stac_validator import JsonSchemaSTACValidator
from shapely import Point, Polygon

from satverify.archive.item import Item, checksum_field, parse, pixels_hash, render
from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import SENSORS
from satverify.physics.utm import snapped_grid, unproject
from tests.archive.examples import pixels_of, scene_of


def item_of(sensor: str = "sentinel-2-l1c", **changes: object) -> Item:
    scene = replace(scene_of(sensor), sha256="0123456789abcdef" * 4)
    whole = Item(scene=scene, pixels_sha256=pixels_hash(pixels_of(scene)), size=12_345)
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("sensor", SENSORS)
def test_it_is_a_valid_stac_item(sensor: str) -> None:
    document = json.loads(render(item_of(sensor)))
    assert document["stac_version"] == "1.1.0"
    JsonSchemaSTACValidator().validate_core(document, pystac.STACObjectType.ITEM, "1.1.0")


def test_others_read_what_it_says() -> None:
    scene = item_of().scene
    item = pystac.Item.from_dict(json.loads(render(item_of())))
    assert item.datetime == scene.time
    assert item.common_metadata.platform == "sentinel-2a"
    assert item.common_metadata.gsd == 20
    assert ProjectionExtension.ext(item).epsg == scene.grid.epsg
    assert ProjectionExtension.ext(item).shape == list(scene.grid.shape)
    assert ProjectionExtension.ext(item).transform == list(scene.grid.transform)
    assert EOExtension.ext(item).cloud_cover == 12.5
    assert SatExtension.ext(item).relative_orbit == 75
    assert FileExtension.ext(item.assets["image"]).checksum == "1220" + scene.sha256
    assert FileExtension.ext(item.assets["image"]).size == 12_345
    bands = item.assets["image"].extra_fields["bands"]
    assert [band["name"] for band in bands] == ["blue", "nir08", "cirrus", "swir16", "swir22"]
    assert (bands[1]["data_type"], bands[1]["nodata"], bands[1]["unit"]) == ("uint16", 65535, "1")
    assert (bands[1]["raster:scale"], bands[1]["raster:offset"]) == (1e-4, 0)
    assert item.assets["image"].href == "./20220105T030111_sentinel-2a_r1.tif"


def test_every_extension_that_it_uses_is_listed_and_no_other() -> None:
    full = json.loads(render(item_of()))
    bare = item_of("sentinel-2-l2a")
    plain = replace(bare.scene, acquisition=_plain(bare.scene.acquisition))
    for document in (full, json.loads(render(replace(bare, scene=plain)))):
        used = {key.partition(":")[0] for key in _keys(document) if ":" in key} - {"satverify"}
        assert {url.split("/")[3] for url in document["stac_extensions"]} - {"version"} == {
            {"proj": "projection"}.get(prefix, prefix) for prefix in used
        }


@settings(max_examples=50)
@given(
    sensor=st.sampled_from(sorted(SENSORS)),
    source_ids=st.lists(st.text(max_size=20), max_size=3),
    cloud=st.none() | st.floats(0, 100),
    orbit=st.none() | st.integers(1, 385),
    share=st.floats(0, 1),
    micros=st.integers(0, 999_999),
    predecessor=st.none() | st.integers(1, 9),
)
def test_what_it_was_made_from_comes_back(
    sensor: str,
    source_ids: list[str],
    cloud: float | None,
    orbit: int | None,
    share: float,
    micros: int,
    predecessor: int | None,
) -> None:
    scene = item_of(sensor).scene
    acquisition = replace(
        scene.acquisition,
        start=scene.time + timedelta(microseconds=micros),
        source_ids=tuple(sorted(source_ids)),
        cloud_cover=cloud,
        relative_orbit=orbit,
    )
    item = item_of(sensor, scene=replace(scene, acquisition=acquisition, valid_share=share), predecessor=predecessor)
    assert parse(render(item)) == item
    assert checksum_field(render(item)) == item.scene.sha256.encode()


def test_a_predecessor_is_linked() -> None:
    later = replace(item_of().scene, revision=3)
    document = json.loads(render(item_of(scene=later, predecessor=2)))
    assert document["properties"]["version"] == "3"
    (link,) = document["links"]
    assert (link["rel"], link["href"]) == ("predecessor-version", "./20220105T030111_sentinel-2a_r2.json")
    JsonSchemaSTACValidator().validate_core(document, pystac.STACObjectType.ITEM, "1.1.0")


def test_a_flipped_byte_anywhere_is_noticed() -> None:
    content = render(item_of())
    for place in range(0, len(content), 7):
        damaged = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(ValueError, match=r"\w"):
            parse(damaged)


@pytest.mark.parametrize(
    "damaged", [b"", b"null", b"[]", b"{}", b"\xff", bytes(500), b'{"properties": 1, "assets": 2}']
)
def test_files_that_are_no_item_are_value_errors(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(damaged)
    assert checksum_field(damaged) == b""


def test_the_outline_follows_a_large_box() -> None:
    grid = snapped_grid(32650, (300_000, 4_000_000, 800_000, 4_500_000), 500)
    document = json.loads(render(item_of(scene=replace(item_of().scene, grid=grid))))
    outline = Polygon(document["geometry"]["coordinates"][0])
    middle = Point(*(float(each) for each in unproject(grid.epsg, (grid.left + grid.right) / 2, grid.top)))
    assert outline.is_valid
    assert outline.exterior.is_ccw
    # [degree] 500 km of edge in 7 straight pieces bow by less than 1.5 km
    assert outline.boundary.distance(middle) < 0.015
    assert document["bbox"] == pytest.approx(outline.bounds)


def test_no_clock_is_in_it() -> None:
    assert render(item_of()) == render(item_of())
    assert str(datetime.fromtimestamp(0, UTC).year) not in str(render(item_of()))
    assert not {"created", "updated", "published"} & set(json.loads(render(item_of()))["properties"])


def _plain(acquisition: Acquisition) -> Acquisition:
    return replace(acquisition, orbit_state="", relative_orbit=None, processing_baseline="", cloud_cover=None)


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in _keys(each)}
    if isinstance(value, list):
        return {key for each in value for key in _keys(each)}
    return set()
