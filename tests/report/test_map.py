from __future__ import annotations

import re

import pandas as pd
import pytest
from shapely import MultiPolygon, Polygon, box

from satverify.domain.evidence import CELL_COLUMNS, empty_table
from satverify.domain.sites import Site
from satverify.report.heat import MAX_CELLS, REACH, heat_of
from satverify.report.map import heat_map
from satverify.report.text import load_text
from tests.report import winter

TEXT = load_text("en")


def a_site(outline: Polygon | MultiPolygon) -> Site:
    return Site(site_id="s", name="S", outline=outline)


def cells(*places: tuple[float, float, int, str]) -> pd.DataFrame:
    rows = [
        {"site_id": "s", "cell_id": str(n), "longitude": x, "latitude": y, "pixels": d, "days": d, "unit_id": ""}
        | {"role": role}
        for n, (x, y, d, role) in enumerate(places)
    ]
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS)).astype(CELL_COLUMNS)


def test_places_are_metres_from_the_middle() -> None:
    heat = heat_of(a_site(box(117.0, 38.99, 117.04, 39.01)), cells((117.03, 39.01, 3, "own")))
    # A minute of latitude is 1853 m; 0.01 degree of longitude at 39 N is cos(39) of 1112 m.
    assert heat.cells[0].east == pytest.approx(864.2, abs=1)
    assert heat.cells[0].north == pytest.approx(1111.9, abs=1)


def test_cells_beyond_reach_are_left_out() -> None:
    degree = (REACH + 50) / 111_195
    heat = heat_of(
        a_site(box(0, 0, 0.02, 0.02)), cells((0.01, 0.02 + degree, 1, "neighbour"), (0.01, -0.01, 1, "neighbour"))
    )
    assert heat.total == 1


def test_the_busiest_cells_of_the_works_are_kept_where_there_are_too_many() -> None:
    many = [(0.01, 0.01, n + 1, "own") for n in range(MAX_CELLS)] + [(0.01, 0.01, 10_000, "neighbour")]
    heat = heat_of(a_site(box(0, 0, 0.02, 0.02)), cells(*many))
    assert heat.total == MAX_CELLS + 1
    assert {cell.role for cell in heat.cells} == {"own"}


def test_squares_and_scale_bar_share_one_scale() -> None:
    drawing = heat_map(heat_of(winter.works(), winter.cells_table(winter.works())), TEXT)
    side = float(re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="\1" class="cell own', drawing)[0])
    bar = float(re.findall(r'width="([\d.]+)" height="5" class="bar-frame"', drawing)[0])
    assert "1 km" in drawing
    assert bar / side == pytest.approx(1000 / 375, rel=0.01)  # coordinates have one decimal


def test_north_is_up_and_east_is_right() -> None:
    heat = heat_of(a_site(box(0, 0, 0.02, 0.02)), cells((0.004, 0.004, 5, "own"), (0.016, 0.016, 5, "own")))
    south_west, north_east = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)"[^>]*class="cell', heat_map(heat, TEXT))
    assert float(north_east[0]) > float(south_west[0])
    assert float(north_east[1]) < float(south_west[1])


def test_an_outline_of_two_parts_with_a_hole_is_drawn_whole() -> None:
    holed = Polygon(box(0, 0, 0.02, 0.02).exterior.coords, [box(0.005, 0.005, 0.01, 0.01).exterior.coords])
    heat = heat_of(a_site(MultiPolygon([holed, box(0.03, 0, 0.04, 0.01)])), empty_table(CELL_COLUMNS))
    assert len(heat.outline) == 3
    assert heat_map(heat, TEXT).count('class="outline"') == 1


def test_a_map_without_cells_still_shows_the_works() -> None:
    heat = heat_of(a_site(box(0, 0, 0.02, 0.02)), empty_table(CELL_COLUMNS))
    assert 'class="outline"' in heat_map(heat, TEXT)
