"""Products on the grid of a request: interpolated where asked, in the service's numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Granule, SceneProvider
from satverify.domain.grids import Grid
from satverify.emulator.engine.bands import Band, Origin, Unit
from satverify.emulator.engine.evalscript import Asked, Input
from satverify.emulator.engine.inputs import DataItem, Interpolation, View
from satverify.emulator.engine.interpolation import bicubic, bilinear, nearest
from satverify.emulator.engine.places import UTM, WGS84, metres, pixel_centres, transformer
from satverify.emulator.engine.reply import renderer_error
from satverify.emulator.engine.scenes import Scene
from satverify.physics.sun import earth_sun_distance, solar_angles

Plane: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]

OFFSET = 1000  # [count] of Sentinel-2 from baseline 04.00 on
OFFSET_SINCE = "04.00"
USUAL_QA = {"NO2": 75.0}  # [%] others 50
INTERPOLATE = {Interpolation.NEAREST: nearest, Interpolation.BILINEAR: bilinear, Interpolation.BICUBIC: bicubic}
MARGIN = 3  # pixels of the product beside the grid that interpolation may need


def scene_planes(
    provider: SceneProvider, chosen: Input, scene: Scene | None, grid: Grid, inside: Flags, planes: Plane
) -> None:
    """Fill the planes of one scene.

    Parameters
    ----------
    provider
        Who has the products.
    chosen
        The input that the scene belongs to.
    scene
        The scene; none where nothing was found.
    grid
        Where the pixels lie.
    inside
        Pixels that may have data. ``(height, width)``
    planes
        What is filled, ``(bands, height, width)``: for each band of the input the values of the first product that
        has data at a pixel; elsewhere 0, or NaN where the collection has it so. The data mask is 0 or 1.
    """
    is_open = inside.copy()
    for granule in scene.granules if scene else ():
        if not is_open.any():
            break
        values, has_data = _product(provider, chosen, granule, grid)
        taken = is_open & has_data
        for plane, asked in zip(planes, chosen.bands, strict=True):
            if asked.band:
                np.copyto(plane, values[asked.band.name, asked.unit.name], where=taken)
        is_open &= ~taken
    blank = np.nan if chosen.item.collection.is_nan_outside else 0.0
    for plane, asked in zip(planes, chosen.bands, strict=True):
        if asked.band:
            plane[is_open | ~inside] = blank
            if not chosen.item.collection.is_nan_outside:
                plane[np.isnan(plane)] = 0
        else:
            plane[...] = inside & ~is_open


def _product(
    provider: SceneProvider, chosen: Input, granule: Granule, grid: Grid
) -> tuple[dict[tuple[str, str], Plane], Flags]:
    """Bands of one product by name and unit, and where any of them has data."""
    wanted = [asked.band for asked in chosen.bands if asked.band]
    to_read = {band.name: band for band in wanted if band.origin in (Origin.MEASURED, Origin.FLAGS)}
    reference = chosen.item.collection.reference_band
    raw = _read(provider, chosen.item, granule, list(to_read.values()) or [reference], grid)
    has_data = np.zeros(grid.shape, dtype=bool)
    for name in to_read or (reference.name,):
        has_data |= ~np.isnan(raw[name])
    quality = raw.get("qa")
    if quality is not None:
        product = next((band.product for band in wanted), "")
        least = chosen.item.min_qa if chosen.item.min_qa is not None else USUAL_QA.get(product, 50.0)
        has_data &= quality >= least
    sun = _Sun(granule, grid)
    return {(a.name, a.unit.name): _value(a, raw, chosen.item, granule, sun) for a in chosen.bands if a.band}, has_data


def _value(asked: Asked, raw: Mapping[str, Plane], item: DataItem, granule: Granule, sun: _Sun) -> Plane:
    """One band in its unit, but for the factor that the script's side multiplies with."""
    band, unit = asked.band, asked.unit
    assert band is not None
    if band.origin is Origin.SUN_ZENITH:
        return sun.zenith
    if band.origin is Origin.SUN_AZIMUTH:
        return sun.azimuth
    value = raw[band.name]
    if band.has_offset:
        value = _without_offset(value, item, granule, unit)
    return sun.reflectance(value, unit.irradiance) if unit.irradiance else value


def _without_offset(value: Plane, item: DataItem, granule: Granule, unit: Unit) -> Plane:
    """Counts of which ten thousand are a reflectance of one; those of the file where neither is asked for."""
    is_raw = unit.name == "DN" and not item.is_harmonized
    if granule.processing_baseline >= OFFSET_SINCE and not is_raw:
        value = value - np.float32(OFFSET)
    return np.maximum(value, np.float32(0)) if item.is_harmonized else value


class _Sun:
    """The Sun over one product's pixels, worked out when first needed."""

    def __init__(self, granule: Granule, grid: Grid) -> None:
        self._time = granule.time.timestamp()
        self._grid = grid
        self._angles: tuple[Plane, Plane] | None = None

    def angles(self) -> tuple[Plane, Plane]:
        if self._angles is None:
            longitude, latitude = _degrees(self._grid)
            zenith, azimuth = solar_angles(self._time, longitude, latitude)
            self._angles = zenith.astype(np.float32), azimuth.astype(np.float32)
        return self._angles

    @property
    def zenith(self) -> Plane:
        """[degree]"""
        return np.degrees(self.angles()[0])

    @property
    def azimuth(self) -> Plane:
        """[degree]"""
        return np.degrees(self.angles()[1])

    def reflectance(self, radiance: Plane, irradiance: float) -> Plane:
        """π L d² / (E cos θ); 0 where the Sun is down. NaN passes through."""
        height = np.cos(self.angles()[0])
        distance = float(earth_sun_distance(self._time))
        factor = np.divide(math.pi * distance**2 / irradiance, height, out=np.zeros_like(height), where=height > 0)
        return radiance * factor


def _degrees(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    eastings, northings = np.meshgrid(*pixel_centres(grid))
    if grid.epsg == WGS84:
        return eastings, northings
    longitude, latitude = transformer(grid.epsg, WGS84).transform(eastings, northings)
    return np.asarray(longitude), np.asarray(latitude)


def _read(
    provider: SceneProvider, item: DataItem, granule: Granule, bands: Sequence[Band], grid: Grid
) -> dict[str, Plane]:
    """Numbers of the product on the grid; those of Sentinel-5P with their quality."""
    suffix = "_oblique" if item.view is View.OBLIQUE and item.collection.name == "sentinel-3-slstr" else ""
    read: dict[str, Plane] = {}
    for (method, resolution), names in _by_method(item, bands, grid).items():
        wanted = [f"{name}{suffix}" for name in names]
        if resolution == 0:
            got = _ask(provider, granule, wanted, grid)
        else:
            got = _interpolated(provider, granule, wanted, grid, method, resolution)
        read |= {name: got[f"{name}{suffix}"] for name in names}
    return read


def _by_method(item: DataItem, bands: Iterable[Band], grid: Grid) -> dict[tuple[Interpolation, float], list[str]]:
    """Bands by how they are interpolated and from which pixels [m]; 0 where the nearest of the provider will do."""
    groups: dict[tuple[Interpolation, float], list[str]] = {}
    is_plain = grid.epsg in UTM or grid.epsg == WGS84
    size = metres(grid)
    for band in bands:
        is_up = size <= band.resolution or item.collection.uses_upsampling_only
        method = item.upsampling if is_up else item.downsampling
        if band.origin is not Origin.MEASURED:
            method = Interpolation.NEAREST
        is_nearest = is_plain and method is Interpolation.NEAREST
        # Coarse images are made from overviews, each of twice the pixels of the one before.
        step = band.resolution * 2.0 ** max(0, math.floor(math.log2(size / band.resolution)))
        groups.setdefault((method, 0.0 if is_nearest else step), []).append(band.name)
        if band.product:
            key = (Interpolation.NEAREST, 0.0 if is_plain else step)
            if "qa" not in groups.setdefault(key, []):
                groups[key].append("qa")
    return groups


def _ask(provider: SceneProvider, granule: Granule, names: Sequence[str], grid: Grid) -> dict[str, Plane]:
    try:
        return dict(provider.read(granule, names, grid))
    except KeyError as exc:
        if any(name.endswith("_oblique") for name in names):  # providers need not have the second view
            return {name: np.full(grid.shape, np.nan, dtype=np.float32) for name in names}
        raise renderer_error(f"Of bands {', '.join(names)} not all are available in {granule.granule_id}") from exc


def _interpolated(
    provider: SceneProvider, granule: Granule, names: Sequence[str], grid: Grid, method: Interpolation, step: float
) -> dict[str, Plane]:
    """Bands read on pixels of the product's own system, and interpolated to the grid."""
    epsg = granule.epsg or (grid.epsg if grid.epsg in UTM else _zone(grid))
    eastings, northings = np.meshgrid(*pixel_centres(grid))
    if epsg != grid.epsg:
        eastings, northings = transformer(grid.epsg, epsg).transform(eastings, northings)
    native = _lattice(epsg, np.asarray(eastings), np.asarray(northings), step)
    columns = (np.asarray(eastings) - native.left) / step - 0.5
    rows = (native.top - np.asarray(northings)) / step - 0.5
    source = _ask(provider, granule, names, native)
    return {name: INTERPOLATE[method](np.asarray(source[name], dtype=np.float32), rows, columns) for name in names}


def _lattice(epsg: int, eastings: NDArray[np.float64], northings: NDArray[np.float64], step: float) -> Grid:
    west, east = (math.floor(value / step) for value in (eastings.min(), eastings.max()))
    south, north = (math.floor(value / step) for value in (northings.min(), northings.max()))
    return Grid(
        epsg=epsg,
        left=(west - MARGIN) * step,
        top=(north + 1 + MARGIN) * step,
        pixel_width=step,
        pixel_height=step,
        width=east - west + 1 + 2 * MARGIN,
        height=north - south + 1 + 2 * MARGIN,
    )


def _zone(grid: Grid) -> int:
    """UTM zone in the middle of a grid."""
    east, north = (grid.left + grid.right) / 2, (grid.top + grid.bottom) / 2
    if grid.epsg != WGS84:
        east, north = transformer(grid.epsg, WGS84).transform(east, north)
    return (32600 if north >= 0 else 32700) + min(60, max(1, math.floor((east + 180) / 6) + 1))
