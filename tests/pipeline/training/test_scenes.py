from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from shapely import box

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA
from satverify.domain.sites import Site
from satverify.features.hot_targets.chips import Images
from satverify.pipeline.training.scenes import simulated_chips
from satverify.pipeline.training.season import drawn_season, drawn_site

DAYS = (date(2022, 1, 20), date(2022, 2, 1))
SITE = Site(site_id="s", name="S", outline=box(116.0, 38.0, 116.01, 38.01))
TIME = datetime(2022, 1, 21, 3, 3, tzinfo=UTC)


def granule(
    name: str, *, time: datetime = TIME, baseline: str = "03.01", collection: str = "sentinel-2-l1c"
) -> Granule:
    return Granule(
        granule_id=name,
        collection=collection,
        platform="sentinel-2a",
        time=time,
        footprint=box(115, 37, 117, 39),
        orbit_state="descending",
        processing_baseline=baseline,
    )


@dataclass(frozen=True)
class Shelf:
    """A provider of constant images; the left or right half of a window may be missing."""

    content: tuple[tuple[Granule, float, slice], ...]

    def collections(self) -> tuple[str, ...]:
        return ("sentinel-2-l1c", "sentinel-2-l2a")

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> list[Granule]:
        return [each for each, _, _ in self.content if each.collection == collection and start <= each.time < stop]

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> dict[str, Images]:
        (value, columns), *_ = [(value, columns) for each, value, columns in self.content if each == granule]
        image = np.full(grid.shape, np.nan, dtype=np.float32)
        image[:, columns] = value
        return dict.fromkeys(bands, image)


LEFT, RIGHT, ALL = slice(None, 30), slice(30, None), slice(None)


def test_counts_become_reflectance_with_and_without_the_offset_of_newer_products() -> None:
    later = TIME + timedelta(days=5)
    shelf = Shelf(((granule("a"), 1234.0, ALL), (granule("b", time=later, baseline="04.00"), 2234.0, ALL)))
    chips = simulated_chips(shelf, SITE, "sentinel-2-l1c", DAYS)
    np.testing.assert_allclose(chips.bands["swir22"], 0.1234, rtol=1e-6)
    assert len(chips) == 2


def test_tiles_of_one_overpass_make_one_scene_and_gaps_stay_gaps() -> None:
    parts = ((granule("a"), 1000.0, LEFT), (granule("b", time=TIME + timedelta(seconds=14)), 2000.0, RIGHT))
    chips = simulated_chips(Shelf(parts), SITE, "sentinel-2-l1c", DAYS)
    assert len(chips) == 1
    np.testing.assert_allclose(chips.bands["nir08"][0, :, LEFT], 0.1, rtol=1e-6)
    np.testing.assert_allclose(chips.bands["nir08"][0, :, RIGHT], 0.2, rtol=1e-6)
    half = simulated_chips(Shelf(parts[:1]), SITE, "sentinel-2-l1c", DAYS)
    assert np.isnan(half.bands["nir08"][0, :, RIGHT]).all()


def test_a_scene_without_anything_in_the_window_is_no_scene() -> None:
    assert len(simulated_chips(Shelf(((granule("a"), 0.0, slice(0, 0)),)), SITE, "sentinel-2-l1c", DAYS)) == 0
    assert len(simulated_chips(Shelf(()), SITE, "sentinel-2-l1c", DAYS)) == 0


def test_classes_of_the_same_overpass_come_along_as_they_are() -> None:
    classes = granule("c", collection="sentinel-2-l2a", baseline="04.00", time=TIME + timedelta(seconds=3))
    later = granule("b", time=TIME + timedelta(days=5))
    shelf = Shelf(((granule("a"), 1000.0, ALL), (classes, 9.0, LEFT), (later, 1000.0, ALL)))
    codes = simulated_chips(shelf, SITE, "sentinel-2-l1c", DAYS).codes["scene_classification"]
    assert set(np.unique(codes[0, :, LEFT])) == {9}
    assert set(np.unique(codes[0, :, RIGHT])) == {NODATA}
    assert set(np.unique(codes[1])) == {NODATA}


def test_the_other_half_of_the_orbit_is_left_out() -> None:
    shelf = Shelf(((replace(granule("a"), orbit_state="ascending"), 1000.0, ALL),))
    assert len(simulated_chips(shelf, SITE, "sentinel-2-l1c", DAYS)) == 0


@pytest.mark.parametrize(
    ("sensor", "band", "low", "high", "sun"),
    [
        ("sentinel-2-l1c", "swir22", 0.0, 1.0, (40, 75)),
        ("landsat-ot-l1", "lwir11", 180.0, 330.0, (40, 75)),
        ("sentinel-3-slstr", "lwir11", 180.0, 330.0, (95, 180)),
    ],
)
def test_simulated_scenes_are_in_the_units_of_an_archive(
    sensor: str, band: str, low: float, high: float, sun: tuple[float, float]
) -> None:
    site = drawn_site(15, 1)
    season = drawn_season(site, 15, 1)
    start = date(2021, 12, 1)
    chips = simulated_chips(season.scenes, site, sensor, (start, start + timedelta(days=9)))
    assert len(chips) > 0
    known = chips.bands[band][np.isfinite(chips.bands[band])]
    assert low < np.median(known) < high
    assert (chips.solar_zenith_angle > sun[0]).all()
    assert (chips.solar_zenith_angle < sun[1]).all()
    assert np.isfinite(chips.view_zenith_angle).all()
    assert (chips.time[1:] >= chips.time[:-1]).all()
