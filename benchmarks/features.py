"""Heat of ten units measured in scenes, beside the time to decode them, and zonal sums beside two other libraries.

Scenes are made here: five bands of 150 x 150 pixels, ground of several materials, a cloud in one of three and heat in
one of two. All times are of one core. The site's row takes its scenes in one call, as the pipeline does; the row of one
scene a call pays for a table each time. Zonal sums are those of one band of one scene over the same polygons, with what
each library does to get there: rasterstats and exactextract take polygons and pixels every time, ours makes the
coverage once for all scenes of a site, and that is counted in.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from rasterio.transform import Affine
from rasterstats import zonal_stats

from benchmarks.timing import Row, measure, row
from satverify.archive.image import decode, encode
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import UnitKind
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.day_block import some_scenes
from satverify.features.hot_targets.footprints import footprints_on
from satverify.features.hot_targets.measure import measure_heat
from satverify.features.hot_targets.zonal import zonal_sum
from satverify.features.units import ImagedUnit
from satverify.physics.utm import unproject

SENSOR = SENSORS["sentinel-2-l1c"]
SIZE, SCENES, UNITS = 150, 60, 10
ALL_SCENES, WORKERS = 30_000, 2
DECODING = 1.5  # times as long as to decode the file: what issue 4 allows for one scene
MINUTES, GIGABYTES = 5.0, 1.0  # likewise for all scenes on two cores, and a worker's memory
GRID = Grid(epsg=32650, left=480_000, top=4_390_000, pixel_width=20, pixel_height=20, width=SIZE, height=SIZE)
MATERIALS = np.array(
    [  # soil, plants, asphalt, coal and metal by band, after the ECOSTRESS spectral library, rounded
        (0.16, 0.27, 0.001, 0.33, 0.28),
        (0.11, 0.38, 0.001, 0.20, 0.10),
        (0.17, 0.15, 0.001, 0.18, 0.17),
        (0.11, 0.06, 0.001, 0.08, 0.09),
        (0.45, 0.46, 0.001, 0.52, 0.52),
    ]
)


def made_up_counts(number: int) -> NDArray[np.uint16]:
    """Stored numbers of one scene, (bands, y, x)."""
    rng = np.random.default_rng(number)
    which = np.kron(rng.integers(0, len(MATERIALS), (22, 22)), np.ones((7, 7), dtype=int))[:SIZE, :SIZE]
    image = np.moveaxis(MATERIALS[which] * (1 + 0.08 * rng.standard_normal((SIZE, SIZE, 1))), 2, 0)
    if number % 3 == 0:
        image[:, :, : 5 * (number % 30)] = np.array([0.65, 0.6, 0.02, 0.47, 0.36])[:, None, None]
    if number % 2 == 0:
        rows, columns = rng.integers(20, 130, (2, 6))
        image[3, rows, columns] += 0.2
        image[4, rows, columns] += 0.6
    counts: NDArray[np.uint16] = np.clip(np.rint(image * 1e4 + 5 * rng.standard_normal(image.shape)), 1, 28_000).astype(
        np.uint16
    )
    return counts


def scene_of(number: int) -> Scene:
    """What its file says of a scene."""
    time = datetime(2021, 11, 1, 3, tzinfo=UTC)
    return Scene(
        sensor=SENSOR.name,
        grid=GRID,
        time=time,
        acquisition=Acquisition(platform="sentinel-2b", start=time, stop=time, source_ids=(f"product-{number}",)),
        site_ids=("works",),
        request_hash="",
        evalscript_hash="",
        valid_share=1.0,
    )


def chips_of(counts: NDArray[np.uint16]) -> Chips:
    """Scenes as features take them."""
    scenes = len(counts)
    bands = {
        band.name: (counts[:, place] * np.float32(band.scale)).astype(np.float32)
        for place, band in enumerate(SENSOR.bands)
    }
    return Chips(
        sensor=SENSOR.name,
        grid=GRID,
        time=np.datetime64("2021-11-01T03:00", "us") + 5 * np.arange(scenes) * np.timedelta64(1, "D"),
        satellite=("sentinel-2b",) * scenes,
        scene_id=("",) * scenes,
        bands=bands,
        solar_zenith_angle=np.full(scenes, 60.0),
        view_zenith_angle=np.full(scenes, 5.0),
        swath_edge_distance=np.full(scenes, 60.0),
    )


def made_up_units() -> tuple[list[shapely.Polygon], list[ImagedUnit]]:
    """Turned rectangles of 60 x 80 m all over the scene, on the grid and as units."""
    rng = np.random.default_rng(1)
    flat, units = [], []
    for number in range(UNITS):
        east, north = GRID.left + rng.uniform(200, 2800), GRID.top - rng.uniform(200, 2800)
        flat.append(shapely.affinity.rotate(shapely.box(east, north, east + 60, north + 80), rng.uniform(0, 90)))
        ground = shapely.transform(flat[-1], lambda each: np.column_stack(unproject(GRID.epsg, each[:, 0], each[:, 1])))
        units.append(
            ImagedUnit(unit_id=f"u{number}", kind=UnitKind.BLAST_FURNACE, ground=ground, observed_as=f"u{number}")
        )
    return flat, units


def run(repeats: int) -> Iterator[Row]:
    """Decoding and features, then zonal sums, then what all scenes would take."""
    counts = np.stack([made_up_counts(number) for number in range(SCENES)])
    files = [encode(scene_of(number), pixels) for number, pixels in enumerate(counts)]
    flat, units = made_up_units()
    chips, footprints = chips_of(counts), footprints_on(GRID, units)
    single = [some_scenes(chips, slice(number, number + 1)) for number in range(SCENES)]
    with rasterio.Env():
        found = measure(
            {
                "decode": lambda: [decode(content) for content in files],
                "features": lambda: measure_heat("works", chips, units, footprints),
                "one by one": lambda: [measure_heat("works", each, units, footprints) for each in single],
            },
            repeats,
        )
    each = {name: [1e3 * seconds / SCENES for seconds in times] for name, times in found.items()}
    ratio = np.median(each["features"]) / np.median(each["decode"])
    yield row(f"file of {SIZE} x {SIZE} x {len(SENSOR.bands)} decoded", each["decode"], "deflate, per scene", unit="ms")
    yield row(
        f"features of {UNITS} units, {SCENES} scenes a call",
        each["features"],
        f"{ratio:.2f} of decoding, per scene (limit {DECODING})",
        unit="ms",
    )
    yield row(f"features of {UNITS} units, one scene a call", each["one by one"], "with a table each", unit="ms")
    yield from _zonal(flat, units, chips.bands["swir22"], repeats)
    seconds = [
        (one + other) / 1e3 * ALL_SCENES / WORKERS for one, other in zip(each["decode"], each["features"], strict=True)
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield row(
        f"{ALL_SCENES:,} scenes decoded and measured by {WORKERS} workers",
        [each_ / 60 for each_ in seconds],
        f"reckoned from the rows above (limit {MINUTES:g}); {peak:.2f} GB at most (limit {GIGABYTES:g})",
        unit="min",
    )


def _zonal(
    flat: list[shapely.Polygon], units: list[ImagedUnit], images: NDArray[np.float32], repeats: int
) -> Iterator[Row]:
    """Sums over the same polygons by three libraries, per scene, polygons included."""
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(each)} for each in flat]
    geometries, affine = [feature["geometry"] for feature in features], Affine(*GRID.transform)
    few = images[:6]

    def by_exactextract() -> list[list[float]]:
        return [
            [
                each["properties"]["sum"]
                for each in exact_extract(NumPyRasterSource(image, *GRID.bounds), JSONFeatureSource(features), ["sum"])
            ]
            for image in few
        ]

    tasks = {
        "ours": lambda: zonal_sum(footprints_on(GRID, units).inside, images),
        "exactextract": by_exactextract,
        "rasterstats": lambda: [
            zonal_stats(geometries, image, affine=affine, stats=["sum"], nodata=-1) for image in few
        ],
    }
    found = measure(tasks, repeats)
    off = np.abs(zonal_sum(footprints_on(GRID, units).inside, few).T - by_exactextract()).max()
    number = {"ours": len(images), "exactextract": len(few), "rasterstats": len(few)}
    remarks = {
        "ours": f"coverage once for {len(images)} scenes; {off:.1e} off exactextract at most",
        "exactextract": "the same coverage",
        "rasterstats": "pixels by their middles",
    }
    for name, times in found.items():
        yield row(
            f"sums over {UNITS} polygons, {name}",
            [1e3 * seconds / number[name] for seconds in times],
            remarks[name],
            unit="ms",
        )
