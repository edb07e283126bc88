from __future__ import annotations

import numpy as np
import pytest

from satverify.features.hot_targets.false_targets import FALSE_TARGETS, FalseTarget, false_targets

Bands = tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    np.ndarray[tuple[int, ...], np.dtype[np.float32]],
]
GROUND = (0.16, 0.21, 0.20)


def scene(
    levels: tuple[float, float, float], extent: int = 1
) -> tuple[Bands, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Ground with a square of something else in the middle, and where that is."""
    is_suspect = np.zeros((1, 40, 40), dtype=bool)
    is_suspect[0, 10 : 10 + extent, 10 : 10 + extent] = True
    near, short, long = (
        np.where(is_suspect, np.float32(level), np.float32(ground))
        for level, ground in zip(levels, GROUND, strict=True)
    )
    return (near, short, long), is_suspect


def name_of(levels: tuple[float, float, float], extent: int = 1) -> FalseTarget:
    bands, is_suspect = scene(levels, extent)
    codes = false_targets(is_suspect, bands, np.zeros_like(is_suspect), None, None, 400.0)
    assert ((codes > 0) == is_suspect).all()
    return FALSE_TARGETS[int(codes[0, 10, 10]) - 1]


@pytest.mark.parametrize(
    ("levels", "extent", "name"),
    [
        ((0.48, 0.56, 0.58), 2, FalseTarget.METAL_ROOF),
        ((0.85, 0.95, 0.97), 1, FalseTarget.GLINT),
        ((0.07, 0.13, 0.17), 3, FalseTarget.SOLAR_PANEL),
        ((0.08, 0.13, 0.19), 12, FalseTarget.BURN_SCAR),
        ((0.04, 0.06, 0.08), 3, FalseTarget.DARK_YARD),
        ((0.30, 0.20, 0.20), 1, FalseTarget.FAINT),
    ],
)
def test_what_a_spectrum_and_an_extent_are_taken_for(
    levels: tuple[float, float, float], extent: int, name: FalseTarget
) -> None:
    assert name_of(levels, extent) is name


def test_snow_is_told_by_the_bands_where_the_sky_is_not_known() -> None:
    bands, is_suspect = scene((0.10, 0.13, 0.19))
    bands[0][0, 11, 11], bands[1][0, 11, 11] = 0.8, 0.1
    codes = false_targets(is_suspect, bands, np.zeros_like(is_suspect), None, None, 400.0)
    assert FALSE_TARGETS[codes[0, 10, 10] - 1] is FalseTarget.SNOW_EDGE
    known = false_targets(is_suspect, bands, np.zeros_like(is_suspect), None, np.zeros_like(is_suspect), 400.0)
    assert FALSE_TARGETS[known[0, 10, 10] - 1] is FalseTarget.SOLAR_PANEL


def test_the_first_reason_that_holds_is_told() -> None:
    bands, is_suspect = scene((0.10, 0.13, 0.19))
    everywhere = np.ones_like(is_suspect)
    codes = [
        false_targets(is_suspect, bands, everywhere, near_cloud, snow, 400.0)[0, 10, 10]
        for near_cloud, snow in ((everywhere, everywhere), (~everywhere, everywhere), (~everywhere, ~everywhere))
    ]
    assert [FALSE_TARGETS[code - 1] for code in codes] == [
        FalseTarget.CLOUD_EDGE,
        FalseTarget.SNOW_EDGE,
        FalseTarget.MISREGISTRATION,
    ]
    bands[2][0, 9, 9] = np.nan
    code = false_targets(is_suspect, bands, everywhere, everywhere, everywhere, 400.0)[0, 10, 10]
    assert FALSE_TARGETS[code - 1] is FalseTarget.NODATA_EDGE


def test_the_edge_of_the_image_is_no_edge_of_data() -> None:
    bands, is_suspect = scene((0.04, 0.06, 0.08))
    rolled = tuple(np.roll(band, (-10, -10), axis=(1, 2)) for band in bands)
    at_corner = np.roll(is_suspect, (-10, -10), axis=(1, 2))
    codes = false_targets(at_corner, (rolled[0], rolled[1], rolled[2]), ~at_corner & False, None, None, 400.0)
    assert FALSE_TARGETS[codes[0, 0, 0] - 1] is FalseTarget.DARK_YARD


def test_codes_fit_the_names() -> None:
    assert len(set(FALSE_TARGETS)) == len(FALSE_TARGETS) < 255
