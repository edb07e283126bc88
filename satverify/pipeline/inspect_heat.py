"""What each method says of the heat in one image, without a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from satverify.domain.grids import Grid
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.clusters import HotCluster, hot_clusters
from satverify.features.hot_targets.false_targets import FALSE_TARGETS
from satverify.features.hot_targets.faults import Fault, faults_of
from satverify.features.hot_targets.pixels import BANDS, HeatPixels, heat_pixels
from satverify.features.hot_targets.sky import sky_of
from satverify.physics.hotspot import TAI_LEAST
from satverify.registry.files import write_whole
from satverify.sources.image_file import ImageFile, Values

Codes: TypeAlias = NDArray[np.uint8]

PLATFORMS = {"sentinel-2-l1c": "sentinel-2b", "landsat-ot-l1": "landsat-8"}
"""Whose solar irradiances are taken: those of one sensor's platforms differ by 3 % at the most."""
OPTIONAL = ("blue", "cirrus", "lwir11")
COARSE = 25.0  # [m] pixels larger than this are Landsat's
ASSUMED_ZENITH = 45.0  # [degree] of the Sun, where nobody says
ONE_AU = np.datetime64("2021-04-04T12:00:00", "us")  # Earth is as far from the Sun as it is on average
SMALLEST_PIXEL, LARGEST_PIXEL = 4.0, 125.0  # [m] half of Sentinel-2's finest, twice its coarsest and some
COLDEST_HOTTEST = (180.0, 350.0)  # [K] highest cloud tops; desert by day
USUAL_PIXEL = {"sentinel-2-l1c": 20.0, "landsat-ot-l1": 30.0}  # [m]
HIGHEST_ZENITH = 90.0

WARNINGS = {
    Fault.NO_DATA: "no pixel is measured in all of nir08, swir16 and swir22",
    Fault.BANDS_MISSING: "one of the bands holds no measurement at all",
    Fault.LOW_SUN: "the Sun is so low that reflectance means little",
    Fault.CONSTANT: "a band holds one and the same number everywhere",
    Fault.BANDS_ALIKE: "two bands are the same: the same band was given twice",
    Fault.NOT_SCALED: "the numbers are counts, not reflectance: give --scale, 1e-4 for Sentinel-2",
    Fault.SCALED_TWICE: "the numbers are too small for reflectance: they have been scaled before, give --scale 1",
    Fault.OFFSET_LEFT_IN: "all bands are too high by about 0.1: an offset was left in, give --offset -0.1",
    Fault.OFFSET_TAKEN_TWICE: "dark ground lies far below 0: an offset was taken off that was not there",
    Fault.SATURATED: "most of the image is saturated at 1.6 and 2.2 µm",
    Fault.BANDS_SWAPPED: "most of the ground is brighter at a band than ground is: bands are swapped",
}
CLASSES = {
    0: "neither hot nor taken for hot",
    1: "not hot: another bright or dark target, by name in the JSON",
    2: "over a bare index only (TAI >= 0.45 or NHI > 0)",
    3: "hot by a published method, whole, and not by our own answer",
    4: "hot by our own answer only",
    5: "hot by our own answer and by one published method",
    6: "hot by our own answer and by both published methods",
    7: "saturated by heat",
    255: "no measurement",
}
"""What the numbers of a mask mean; where several hold the last one does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What the methods say of one image."""

    chips: Chips
    """The image as one scene, on a made-up grid of its pixel size."""
    found: HeatPixels
    """Of that scene."""
    clusters: tuple[HotCluster, ...]
    """Sources, most powerful first."""
    warnings: tuple[str, ...]
    """What may be wrong with the image, each a sentence."""
    is_sun_assumed: bool
    """Whether nobody said how high the Sun stands."""


def inspect_heat(image: ImageFile, *, sensor: str | None = None, solar_zenith_angle: float | None = None) -> Inspection:
    """Ask every method about one image.

    Parameters
    ----------
    image
        With bands ``nir08``, ``swir16`` and ``swir22`` as top-of-atmosphere reflectance; ``blue``, ``cirrus`` and
        ``lwir11`` are used where present.
    sensor
        ``sentinel-2-l1c`` or ``landsat-ot-l1``; None: by the size of the pixels.
    solar_zenith_angle
        None: 45 is assumed, on which radiances and powers depend, but no index. [degree]

    Raises
    ------
    InputError
        A needed band is missing, the sensor is another one, or the Sun is not above the horizon.
    """
    missing = [name for name in BANDS if name not in image.bands]
    if missing:
        raise InputError(f"bands: expected nir08, swir16 and swir22, missing {', '.join(missing)}")
    if sensor is not None and sensor not in PLATFORMS:
        raise InputError(f"sensor {sensor}: expected {' or '.join(PLATFORMS)}")
    zenith = ASSUMED_ZENITH if solar_zenith_angle is None else solar_zenith_angle
    if not 0 <= zenith < HIGHEST_ZENITH:
        raise InputError(f"solar zenith angle: expected 0 to below {HIGHEST_ZENITH:g} degrees, found {zenith:g}")
    is_kelvin = _is_temperature(image.bands.get("lwir11"))
    if not is_kelvin:
        image = replace(image, bands={name: band for name, band in image.bands.items() if name != "lwir11"})
    chips = _chips(image, sensor or _sensor_of(image), zenith)
    found = heat_pixels(chips, sky_of(chips))
    (fault,) = faults_of(chips)
    if fault is Fault.NONE and not found.is_valid.any():
        fault = Fault.NO_DATA  # each band is measured somewhere, but nowhere all of them
    said = [WARNINGS[fault]] if fault in WARNINGS else []
    said += _doubts(image, chips)
    if not is_kelvin:
        said.append("lwir11 holds no temperatures in kelvin, and is not used")
    return Inspection(
        chips=chips,
        found=found,
        clusters=hot_clusters(chips, found, 0),
        warnings=tuple(said),
        is_sun_assumed=solar_zenith_angle is None,
    )


def _is_temperature(band: Values | None) -> bool:
    """Whether most of a thermal band is what the Earth can be; so is a band that is not there, or all empty."""
    if band is None or not np.isfinite(band).any():
        return True
    coldest, hottest = COLDEST_HOTTEST
    return coldest < float(np.nanmedian(band)) < hottest


def _doubts(image: ImageFile, chips: Chips) -> list[str]:
    """What was guessed of an image, and what its coordinates make unlikely."""
    said = []
    if image.is_fill.any():
        said.append(
            f"{int(image.is_fill.sum())} pixels hold 0 or {np.iinfo(np.uint16).max} in every band, or a number that is "
            "no measurement: taken as not measured"
        )
    if image.pixel is None:
        where = "the coordinates of the file lie nowhere on Earth" if image.crs else "the file has no coordinates"
        said.append(f"{where}: pixels are taken to be {chips.grid.pixel_width:g} m wide")
    elif min(image.pixel) < SMALLEST_PIXEL or max(image.pixel) > LARGEST_PIXEL:
        width, height = image.pixel
        said.append(
            f"pixels are {width:.3g} x {height:.3g} m on the ground, which those of Sentinel-2 and Landsat are not: "
            "the coordinate system may be wrong"
        )
    return said


def _sensor_of(image: ImageFile) -> str:
    is_coarse = image.pixel is not None and max(image.pixel) > COARSE
    return "landsat-ot-l1" if is_coarse else "sentinel-2-l1c"


def _chips(image: ImageFile, sensor: str, zenith: float) -> Chips:
    """One scene on a grid of the same pixel size, whose place does not matter."""
    width, height = image.pixel or (USUAL_PIXEL[sensor],) * 2
    shape = image.bands["nir08"].shape
    grid = Grid(
        epsg=32631,
        left=500_000,
        top=5_000_000,
        pixel_width=width,
        pixel_height=height,
        width=shape[1],
        height=shape[0],
    )
    return Chips(
        sensor=sensor,
        grid=grid,
        time=np.array([ONE_AU]),
        satellite=(PLATFORMS[sensor],),
        scene_id=("",),
        bands={name: band[None] for name, band in image.bands.items()},
        solar_zenith_angle=np.array([zenith]),
        view_zenith_angle=np.array([np.nan]),
        swath_edge_distance=np.array([np.nan]),
    )


def summary(image: ImageFile, seen: Inspection) -> dict[str, object]:
    """An inspection as a program reads it.

    Parameters
    ----------
    image
        The image.
    seen
        What the methods say of it.

    Returns
    -------
    Counts of pixels over each bare index, by each published method whole and by our own answer, the sources, and what
    the counts depend on; numbers that are not known are None.
    """
    found = seen.found
    codes, counts = np.unique(found.false_target, return_counts=True)
    return {
        "pixels": int(found.is_valid.size),
        "valid": int(found.is_valid.sum()),
        "tai_index": int((found.tai >= TAI_LEAST).sum()),
        "nhi_swir_index": int((found.nhi_swir > 0).sum()),
        "nhi_swnir_index": int((found.nhi_swnir > 0).sum()),
        "tai": int(found.is_tai.sum()),
        "nhi": int(found.is_nhi.sum()),
        "saturated": int(found.is_saturated.sum()),
        "hot": int(found.is_hot.sum()),
        "clusters": [_told(image, cluster) for cluster in seen.clusters],
        "false_targets": {
            FALSE_TARGETS[code - 1].value: int(count) for code, count in zip(codes, counts, strict=True) if code
        },
        "sensor": seen.chips.sensor,
        "sun_zenith": float(seen.chips.solar_zenith_angle[0]),
        "sun_zenith_assumed": seen.is_sun_assumed,
        "crs": image.crs or None,
        "warnings": list(seen.warnings),
    }


def _told(image: ImageFile, cluster: HotCluster) -> dict[str, object]:
    place = image.place(cluster.row, cluster.column)
    east, north = place or (None, None)
    longitude, latitude = image.longitude_latitude(*place) if place else (None, None)
    return {
        "easting": _rounded(east, 6 if longitude == east else 1),
        "northing": _rounded(north, 6 if latitude == north else 1),
        "longitude": _rounded(longitude, 6),
        "latitude": _rounded(latitude, 6),
        "row": round(cluster.row, 2),
        "column": round(cluster.column, 2),
        "pixels": cluster.pixels,
        "saturated": cluster.saturated,
        "swir22_peak": _rounded(cluster.peak, 3),
        "power_mw": _rounded(cluster.power, 3),
        "power_uncertainty_mw": _rounded(cluster.power_uncertainty, 3),
        "temperature_k": _rounded(cluster.temperature, 0),
    }


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None or not np.isfinite(number) else round(number, digits)


def mask_of(found: HeatPixels) -> Codes:
    """Class of every pixel of the one scene, as ``CLASSES`` has them, shape (y, x)."""
    over = (found.tai >= TAI_LEAST) | (found.nhi_swir > 0) | (found.nhi_swnir > 0)
    by_both, by_one = found.is_tai & found.is_nhi, found.is_tai | found.is_nhi
    codes: Codes = np.select(
        [
            ~found.is_valid,
            found.is_saturated,
            found.is_hot & by_both,
            found.is_hot & by_one,
            found.is_hot,
            by_one,
            over,
            found.false_target > 0,
        ],
        [255, 7, 6, 5, 4, 3, 2, 1],
        default=0,
    )[0].astype(np.uint8)
    return codes


def write_mask(path: Path, image: ImageFile, seen: Inspection, classes: Mapping[int, str] = CLASSES) -> None:
    """Write the classes of an image as a GeoTIFF that lies on the image and says what they mean.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    codes = mask_of(seen.found)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            compress="deflate",
            width=codes.shape[1],
            height=codes.shape[0],
            count=1,
            dtype="uint8",
            nodata=255,
            crs=rasterio.crs.CRS.from_user_input(image.crs) if image.crs else None,
            transform=Affine(*image.transform),
        ) as mask:
            mask.write(codes, 1)
            mask.set_band_description(1, "heat")
            mask.update_tags(1, **{f"CLASS_{number}": meaning for number, meaning in classes.items()})
        write_whole(path, memory.read())
