from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA
from satverify.sources.sentinelhub.answers import read_answer
from satverify.sources.web.exchange import BadAnswer
from tests.packing import geotiff
from tests.sources.sentinelhub.made import GRID, SENTINEL_2, SLSTR, acquired, answer, packed

DAYS = acquired("2022-01-05T03:01:11", "2022-01-10T03:01:12")
SMALL = replace(GRID, width=2, height=1)


def numbers(fill: int = 7) -> np.ndarray:
    return np.full((len(DAYS), len(SENTINEL_2.bands), *GRID.shape), fill, dtype=np.uint16)


def test_each_scene_gets_its_own_bands() -> None:
    first, second = read_answer(answer(SENTINEL_2, GRID, DAYS), SENTINEL_2, GRID, DAYS)
    assert first.pixels[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert second.pixels[:, 2, 3].tolist() == [100, 101, 102, 103, 104]
    assert (first.is_served, second.is_served) == (True, True)
    assert first.acquisition == DAYS[0]


def test_exact_times_come_from_the_answer() -> None:
    vague = tuple(replace(day, start=day.start.replace(minute=0, second=0), stop=day.stop) for day in DAYS)
    received = read_answer(answer(SENTINEL_2, GRID, DAYS), SENTINEL_2, GRID, vague)
    assert [scene.acquisition.start for scene in received] == [day.start for day in DAYS]


def test_a_scene_outside_of_the_swath_is_served_and_empty() -> None:
    empty = numbers()
    empty[1] = NODATA
    _, second = read_answer(answer(SENTINEL_2, GRID, DAYS, empty), SENTINEL_2, GRID, DAYS)
    assert second.is_served
    assert (second.pixels == NODATA).all()


def test_a_scene_that_the_service_does_not_list_is_not_served() -> None:
    empty = numbers()
    empty[1] = NODATA
    scenes = [{"place": 0, "time": "2022-01-05T00:00:00Z", "tiles": []}]
    first, second = read_answer(answer(SENTINEL_2, GRID, DAYS, empty, scenes=scenes), SENTINEL_2, GRID, DAYS)
    assert (first.is_served, second.is_served) == (True, False)


def test_userdata_may_be_written_as_text_inside_text() -> None:
    scenes = '[{"place": 0, "tiles": [{"time": "2022-01-05T03:01:11.5Z"}]}, {"place": 1}]'
    first, _ = read_answer(answer(SENTINEL_2, GRID, DAYS, scenes=scenes), SENTINEL_2, GRID, DAYS)
    assert first.acquisition.start == datetime(2022, 1, 5, 3, 1, 11, 500_000, tzinfo=UTC)


def test_zeros_in_the_place_of_an_empty_result_are_refused() -> None:
    image = np.zeros((len(DAYS) * 6, *GRID.shape), dtype=np.uint16)
    content = packed(geotiff(image, GRID), {"scenes": []})
    with pytest.raises(BadAnswer, match="zeros in the place of an empty result"):
        read_answer(content, SENTINEL_2, GRID, DAYS)


def test_pixels_of_another_date_are_refused() -> None:
    swapped = answer(SENTINEL_2, GRID, DAYS[::-1])
    with pytest.raises(BadAnswer, match="another date"):
        read_answer(swapped, SENTINEL_2, GRID, DAYS)


def test_passes_of_one_night_are_told_apart_by_the_minute() -> None:
    night = acquired("2022-01-05T13:40:00", "2022-01-05T14:19:00", platform="sentinel-3a")
    assert len(read_answer(answer(SLSTR, GRID, night), SLSTR, GRID, night)) == 2
    with pytest.raises(BadAnswer, match="another date"):
        read_answer(answer(SLSTR, GRID, night[::-1]), SLSTR, GRID, night)


@pytest.mark.parametrize(
    "other",
    [
        replace(GRID, width=5),
        replace(GRID, height=2),
        replace(GRID, left=GRID.left + 20),
        replace(GRID, epsg=32649),
        replace(GRID, pixel_width=10.0),
    ],
)
def test_an_image_of_another_size_or_place_is_refused(other: Grid) -> None:
    with pytest.raises(BadAnswer):
        read_answer(answer(SENTINEL_2, other, DAYS), SENTINEL_2, GRID, DAYS)


def test_an_image_with_another_number_of_scenes_or_type_is_refused() -> None:
    with pytest.raises(BadAnswer, match="bands, rows, columns"):
        read_answer(answer(SENTINEL_2, GRID, DAYS[:1]), SENTINEL_2, GRID, DAYS)
    floats = packed(geotiff(np.zeros((12, *GRID.shape), dtype=np.float32), GRID), {"scenes": []})
    with pytest.raises(BadAnswer, match="float32"):
        read_answer(floats, SENTINEL_2, GRID, DAYS)


def test_pixels_that_userdata_does_not_know_of_are_refused() -> None:
    with pytest.raises(BadAnswer, match="does not list"):
        read_answer(answer(SENTINEL_2, GRID, DAYS, scenes=[]), SENTINEL_2, GRID, DAYS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>maintenance</html>",
        answer(SENTINEL_2, GRID, DAYS)[:700],
        packed(None, {"scenes": []}),
        packed(b"II*\0 no image", {"scenes": []}),
        packed(geotiff(np.full((12, *GRID.shape), NODATA, dtype=np.uint16), GRID), ["no scenes"]),
        packed(geotiff(np.full((12, *GRID.shape), NODATA, dtype=np.uint16), GRID), {"scenes": [{"place": "x"}]}),
    ],
    ids=["nothing", "html", "cut off", "no image", "broken image", "no list", "no place"],
)
def test_what_is_no_answer_is_refused(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_answer(content, SENTINEL_2, GRID, DAYS)
