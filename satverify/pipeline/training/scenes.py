"""Simulated scenes as arrays, such as an archive would give them: the same bands, numbers and joining of tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule, SceneProvider
from satverify.domain.grids import Grid
from satverify.domain.sensors import NODATA, SENSORS, Band, Sensor
from satverify.domain.sites import Site
from satverify.features.hot_targets.chips import Chips, Codes, Images
from satverify.physics.sun import solar_angles
from satverify.physics.utm import window_of
from satverify.pipeline.chips import COMPANIONS, SAME_OVERPASS, views

Overpass: TypeAlias = tuple[Granule, ...]

OFFSET_SINCE = "04.00"  # processing baseline from which Sentinel-2 counts carry an offset; ESA, 2022-01-25
OFFSET = 1000.0  # [count] of it
ROOM = 0.2  # [degree] beyond the outline in which granules are looked for: farther than any window reaches


def simulated_chips(scenes: SceneProvider, site: Site, sensor: str, days: tuple[date, date]) -> Chips:
    """All scenes of one sensor over a site's window.

    Parameters
    ----------
    scenes
        Who has them.
    site
        Whose window, with the margin that the sensor's scenes have.
    sensor
        Key into ``SENSORS``.
    days
        UTC days ``[start, stop)``.

    Returns
    -------
    Scenes by time; those of which nothing falls into the window are left out. Those of a sensor whose codes are a
    second opinion come along as codes.
    """
    known = SENSORS[sensor]
    grid = window_of(site.outline, known)
    passes = list(_overpasses(scenes, site, known, days))
    beside = SENSORS[COMPANIONS[sensor]] if sensor in COMPANIONS else None
    others = {} if beside is None else _companions(passes, list(_overpasses(scenes, site, beside, days)))
    images, opinions = [], []
    for number, each in enumerate(passes):  # both products of an overpass in turn: what they share is drawn once
        images.append(_joined(scenes, known.bands, each, grid))
        if beside is not None:
            opinions.append(_joined(scenes, beside.bands, others[number], grid) if number in others else {})
    kept = [number for number, image in enumerate(images) if _shows_anything(image)]
    passes, images = [passes[number] for number in kept], [images[number] for number in kept]
    opinions = [opinions[number] for number in kept] if opinions else []
    time = np.array([each[0].time.replace(tzinfo=None) for each in passes], dtype="datetime64[s]")
    platforms = tuple(each[0].platform for each in passes)
    seconds, centre = time.astype(np.int64).astype(np.float64), site.outline.centroid
    zenith, _ = solar_angles(seconds, float(centre.x), float(centre.y))
    view, edge = views(platforms, seconds, (float(centre.x), float(centre.y)))
    is_code = {band.name: band.scale == 1 and band.offset == 0 for band in known.bands}
    codes = {name: _stacked(images, name, grid).astype(np.uint16) for name, is_so in is_code.items() if is_so}
    if beside is not None:
        codes |= {band.name: _stacked_codes(opinions, band.name, grid) for band in beside.bands}
    return Chips(
        sensor=sensor,
        grid=grid,
        time=time,
        satellite=platforms,
        scene_id=tuple(each[0].granule_id for each in passes),
        bands={name: _stacked(images, name, grid) for name, is_so in is_code.items() if not is_so},
        codes=codes,
        solar_zenith_angle=np.degrees(zenith),
        view_zenith_angle=view,
        swath_edge_distance=edge,
    )


def _overpasses(scenes: SceneProvider, site: Site, sensor: Sensor, days: tuple[date, date]) -> Iterator[Overpass]:
    """Granules that one satellite took within minutes, by time."""
    west, south, east, north = site.outline.bounds
    box: Box = (west - ROOM, south - ROOM, east + ROOM, north + ROOM)
    start, stop = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days)
    state = "ascending" if sensor.is_ascending else "descending"
    of_platform: dict[str, list[Granule]] = {}
    for granule in scenes.granules(sensor.collection, box, start, stop):
        if granule.orbit_state in ("", state):
            of_platform.setdefault(granule.platform, []).append(granule)
    minutes = timedelta(minutes=int(SAME_OVERPASS / np.timedelta64(1, "m")))
    passes: list[list[Granule]] = []
    for _, granules in sorted(of_platform.items()):
        begun: list[Granule] = []
        for granule in granules:
            if not begun or granule.time - begun[0].time > minutes:
                begun = []
                passes.append(begun)
            begun.append(granule)
    yield from sorted((tuple(each) for each in passes), key=lambda each: (each[0].time, each[0].granule_id))


def _joined(scenes: SceneProvider, bands: Sequence[Band], granules: Overpass, grid: Grid) -> dict[str, Images]:
    """Values of each band on the window, of the first granule that has any; codes are numbers, ``NODATA`` for none."""
    names = [band.source for band in bands]
    numbers = {name: np.full(grid.shape, np.nan) for name in names}
    for granule in granules:
        offset = OFFSET if granule.processing_baseline >= OFFSET_SINCE and bands[0].source_unit == "DN" else 0.0
        for name, image in scenes.read(granule, names, grid).items():
            is_code = name == "SCL"
            missing = np.isnan(numbers[name])
            numbers[name][missing] = image[missing] - (0.0 if is_code else offset)
        if not any(np.isnan(image).any() for image in numbers.values()):
            break
    return {band.name: _stored(band, numbers[band.source]) for band in bands}


def _stored(band: Band, numbers: NDArray[np.float64]) -> Images:
    """Values after they have been put into the archive's 16 bits and taken out again."""
    is_known = np.isfinite(numbers)
    filled = np.where(is_known, numbers, 0.0) * band.factor
    stored = np.clip(np.round((filled - band.offset) / band.scale), 0, NODATA - 1)
    blank = NODATA if band.scale == 1 and band.offset == 0 else np.nan
    return np.asarray(np.where(is_known, stored * band.scale + band.offset, blank), dtype=np.float32)


def _shows_anything(images: dict[str, Images]) -> bool:
    return any(bool((np.isfinite(image) & (image != NODATA)).any()) for image in images.values())


def _stacked(images: Sequence[dict[str, Images]], name: str, grid: Grid) -> Images:
    if not images:
        return np.zeros((0, *grid.shape), dtype=np.float32)
    return np.stack([each[name] for each in images])


def _companions(passes: Sequence[Overpass], beside: Sequence[Overpass]) -> dict[int, Overpass]:
    """The other product of each overpass that has one, by the number of the overpass."""
    time = np.array([each[0].time.replace(tzinfo=None) for each in passes], dtype="datetime64[s]")
    found: dict[int, Overpass] = {}
    for granules in beside:
        apart = np.abs(time - np.datetime64(granules[0].time.replace(tzinfo=None), "s"))
        if len(time) and apart.min() <= SAME_OVERPASS:
            found[int(apart.argmin())] = granules
    return found


def _stacked_codes(images: Sequence[dict[str, Images]], name: str, grid: Grid) -> Codes:
    """Codes of another product of the same overpasses, ``NODATA`` where there is none."""
    codes = np.full((len(images), *grid.shape), NODATA, dtype=np.uint16)
    for layer, image in zip(codes, images, strict=True):
        if name in image:
            layer[:] = image[name]
    return codes
