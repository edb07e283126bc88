"""Ground of products near and far from the antimeridian."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from shapely.geometry import mapping, shape

from satverify.sources.sentinelhub.footprints import footprint_of

WORLD = (-180.0, -90.0, 180.0, 90.0)
CHINA = (110.0, 33.0, 120.0, 43.0)


def ring(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def test_ordinary_ground_stays_as_it_is() -> None:
    tile = shapely.box(117, 39, 118, 40)
    assert footprint_of(mapping(tile), CHINA).equals(tile)
    both = shapely.MultiPolygon([tile, shapely.box(111, 34, 112, 35)])
    assert footprint_of(mapping(both), CHINA).equals(both)


# An orbit from China over the Pacific to America, which a catalogue may write in any of these ways.
ACROSS = [
    ring((100, 30), (179, 30), (-179, 30), (-120, 30), (-120, 50), (-179, 50), (179, 50), (100, 50)),
    ring((100, 30), (179, 30), (181, 30), (240, 30), (240, 50), (181, 50), (179, 50), (100, 50)),
    ring((-260, 30), (-120, 30), (-120, 50), (-260, 50)),
    {
        "type": "MultiPolygon",
        "coordinates": [
            mapping(shapely.box(100, 30, 180, 50))["coordinates"],
            mapping(shapely.box(-180, 30, -120, 50))["coordinates"],
        ],
    },
]


@pytest.mark.parametrize("geometry", ACROSS)
def test_ground_across_the_antimeridian_is_where_it_is_however_it_is_written(geometry: dict[str, object]) -> None:
    found = footprint_of(geometry, CHINA)
    assert found.is_valid
    assert found.covers(shapely.box(*CHINA))
    assert found.intersects(shapely.Point(-130, 40))
    assert not found.intersects(shapely.Point(0, 40))
    assert found.area == pytest.approx(140 * 20)


def test_a_bow_tie_is_mended() -> None:
    found = footprint_of(ring((110, 33), (112, 35), (112, 33), (110, 35)), CHINA)
    assert found.is_valid
    assert found.area == pytest.approx(2)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        7,
        "POLYGON",
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        ring((-180, 70), (-90, 70), (0, 70), (90, 70), (179, 70)),
        mapping(shapely.box(0, 0, 1, 1)),
    ],
)
def test_ground_that_is_not_understood_is_the_searched_box(geometry: object) -> None:
    assert footprint_of(geometry, CHINA).equals(shapely.box(*CHINA))


def recorded(shared_data: Path, name: str) -> dict[str, object]:
    file = next((shared_data / "sentinelhub/stactools").glob(f"{name}*.json"))
    geometry: dict[str, object] = json.loads(file.read_text())["geometry"]
    return geometry


@pytest.mark.parametrize("name", ["S5P_OFFL_L2__NO2____20200303", "S3A_SL_1_RBT_20210930"])
def test_real_ground_that_is_drawn_for_a_flat_map_stays_as_it_is(shared_data: Path, name: str) -> None:
    geometry = recorded(shared_data, name)
    assert footprint_of(geometry, WORLD).equals(shape(geometry))


def test_a_real_orbit_across_the_antimeridian_is_cut_there(shared_data: Path) -> None:
    found = footprint_of(recorded(shared_data, "S5P_NRTI_L2__NO2____20210827"), WORLD)
    # Five minutes of TROPOMI, 2600 x 2000 km, from 165 degrees east over the antimeridian to 165 degrees west.
    assert found.is_valid
    assert found.area * 111**2 == pytest.approx(2600 * 2000, rel=0.15)
    assert found.intersects(shapely.box(170, -5, 180, 5))
    assert found.intersects(shapely.box(-180, -15, -175, -5))
    assert not found.intersects(shapely.box(-160, -90, 160, 90))
