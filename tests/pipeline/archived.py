"""A small works with two furnaces, scenes of it in an archive on disk, and a classifier simple enough to follow."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import special

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA, SENSORS
from satverify.domain.sites import FootprintStatus, Site, Unit, UnitKind
from satverify.inference.classifier.inputs import INPUTS
from satverify.inference.classifier.model import CONDITIONS, Detection, Group, HeatModel, Question
from satverify.inference.classifier.packing import interface_of, pack
from satverify.inference.classifier.trees import Trees
from satverify.inference.visibility import Visibility
from satverify.physics.instruments import spectral_band
from satverify.physics.radiometry import radiance_to_reflectance
from satverify.physics.spectral import band_radiance
from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.physics.utm import project, window_of
from satverify.registry.models import write_model

EAST, NORTH = 118.2, 39.6
L1C, L2A, NIGHT, NIGHT_L2 = "sentinel-2-l1c", "sentinel-2-l2a", "sentinel-3-slstr", "sentinel-3-slstr-l2"
FIRST = datetime(2021, 11, 1, 3, 1, 11, tzinfo=UTC)
"""Of the first scene, late in the morning of the site."""
EVERY = 5
"""Days from scene to scene."""
DAYS = (date(2021, 11, 1), date(2022, 3, 1))
WINDOW = (date(2022, 1, 1), date(2022, 2, 1))
DULL = {"blue": 0.10, "nir08": 0.20, "cirrus": 0.002, "swir16": 0.24, "swir22": 0.19}
"""Reflectance of ground without heat."""


def works(site_id: str = "w", east: float = EAST) -> Site:
    """Two surveyed furnaces half a kilometre apart: images tell them apart, thermal pixels do not."""
    units = tuple(
        Unit(
            unit_id=f"{site_id}:bf{number}",
            site_id=site_id,
            kind=UnitKind.BLAST_FURNACE,
            footprint=_box(east + beside, NORTH, 0.0007, 0.0006),
            footprint_status=FootprintStatus.SURVEYED,
        )
        for number, beside in ((1, -0.003), (2, 0.003))
    )
    return Site(site_id=site_id, name=f"Works {site_id}", outline=_box(east, NORTH, 0.007, 0.005), units=units)


def place_of(site: Site, unit_id: str, grid: Grid) -> tuple[int, int]:
    """Row and column of the pixel in the middle of a unit's footprint."""
    (footprint,) = (unit.footprint for unit in site.units if unit.unit_id == unit_id)
    assert footprint is not None
    east, north = project(grid.epsg, footprint.centroid.x, footprint.centroid.y)
    return int((grid.top - float(north)) / grid.pixel_height), int((float(east) - grid.left) / grid.pixel_width)


def scene_at(
    site: Site, time: datetime, *, sensor: str = L1C, platform: str = "sentinel-2a", grid: Grid | None = None
) -> Scene:
    """A scene of a site's window, without its pixels."""
    acquisition = Acquisition(
        platform=platform, start=time, stop=time, source_ids=(f"{platform}_{time:%Y%m%dT%H%M%S}",),
        orbit_state="descending", relative_orbit=75, processing_baseline="03.01",
    )  # fmt: skip
    return Scene(
        sensor=sensor, grid=grid or window_of(site.outline, SENSORS[sensor]), time=time, acquisition=acquisition,
        site_ids=(site.site_id,), request_hash="a" * 64, evalscript_hash="b" * 64, valid_share=1.0,
    )  # fmt: skip


def pixels_of(site: Site, time: datetime, hot: Collection[str] = (), *, is_cloudy: bool = False) -> NDArray[np.uint16]:
    """Stored numbers of Sentinel-2: dull ground, with 0.3 m² at 1400 K in four pixels of each hot unit."""
    sensor, grid = SENSORS[L1C], window_of(site.outline, SENSORS[L1C])
    rng = np.random.default_rng(int(time.timestamp()))
    texture = np.random.default_rng(0).normal(0, 0.01, grid.shape)
    images = {
        name: level * (1 + 3 * texture) + rng.normal(0, 0.001, grid.shape) + is_cloudy * 0.45
        for name, level in DULL.items()
    }
    for unit_id in hot:
        row, column = place_of(site, unit_id, grid)
        for name in ("nir08", "swir16", "swir22"):
            images[name][row : row + 2, column : column + 2] += _heat(name, time)
    numbers = [np.round((images[band.name] - band.offset) / band.scale) for band in sensor.bands]
    return np.clip(np.stack(numbers), 0, NODATA - 1).astype(np.uint16)


def time_of(number: int) -> datetime:
    """When the scene with this number was taken."""
    return FIRST + timedelta(days=EVERY * number)


def fill(
    archive: Archive, site: Site, scenes: int, hot: Mapping[int, Collection[str]], cloudy: Collection[int] = ()
) -> None:
    """Add scenes with some hot units each, by number."""
    for number in range(scenes):
        time = time_of(number)
        pixels = pixels_of(site, time, hot.get(number, ()), is_cloudy=number in cloudy)
        archive.add(scene_at(site, time), pixels)


def constant_codes(sensor: str, grid: Grid, code: int) -> NDArray[np.uint16]:
    """One number in every band and pixel of a sensor of codes."""
    return np.full((len(SENSORS[sensor].bands), *grid.shape), code, dtype=np.uint16)


def simple_model(name: str = "simple") -> HeatModel:
    """Hot pixels say that a furnace works, none that it stands, both thirty to one."""
    asked = INPUTS.index("hot_pixels")
    trees = Trees(
        roots=np.array([0], dtype=np.int32),
        input_index=np.array([asked, 0, 0], dtype=np.int32),
        threshold=np.array([0.1, 0.0, 0.0]),
        is_left_when_missing=np.array([True, True, True]),
        left=np.array([1, 1, 2], dtype=np.int32),
        right=np.array([2, 1, 2], dtype=np.int32),
        value=np.array([0.0, -np.log(30.0), np.log(30.0)]),
        base=0.0,
    )
    coefficients = np.zeros(len(CONDITIONS) + 1)
    coefficients[-1] = special.logit(0.95)
    group = Group(
        working=Question(trees=trees, slope=1.0, offset=0.0, prior=0.0),
        full=Question(trees=Trees.constant(0.0), slope=1.0, offset=0.0, prior=0.0),
        detection=Detection(coefficients=coefficients, middle=np.zeros(len(CONDITIONS))),
        visibility=Visibility(mean=0.95, strength=20.0),
    )
    return HeatModel(name=name, groups={(L1C, str(UnitKind.BLAST_FURNACE)): group})


def write_simple_model(folder: Path) -> Path:
    """The simple model as files."""
    model = simple_model(folder.name)
    write_model(folder, pack(model), interface_of(model), "simple\n")
    return folder


def write_project(
    folder: Path, sites: Collection[Site], archive: Archive, *, sensors: Collection[str] = (L1C,), orders: str = ""
) -> Path:
    """A project file with these sites, their scenes, the simple model beside it, and orders to halt in ``WINDOW``."""
    folder.mkdir(parents=True, exist_ok=True)
    features = [_site_feature(site) for site in sites] + [_unit_feature(unit) for site in sites for unit in site.units]
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    header = "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
    every = "".join(f"o-{site.site_id},{site.site_id},,{WINDOW[0]},{WINDOW[1]},halt,,,,doc\n" for site in sites)
    (folder / "orders.csv").write_text(header + (orders or every))
    write_simple_model(folder / "model")
    (folder / "satverify.toml").write_text(
        f'[project]\nname = "scenes alone"\nsimulated = true\ndays = ["{DAYS[0]}", "{DAYS[1]}"]\n'
        '[sites]\npath = "sites.geojson"\n[orders]\npath = "orders.csv"\n'
        f'[[sources]]\nkind = "sentinelhub"\nsensors = {json.dumps(list(sensors))}\nservice = "emulator"\n'
        f'[archive]\npath = {json.dumps(archive.root)}\n[classifier]\npath = "model"\n'
    )
    return folder / "satverify.toml"


def _heat(band_name: str, time: datetime) -> float:
    """Reflectance that the heat adds to a pixel of 400 m²."""
    seconds = time.timestamp()
    zenith = float(np.degrees(solar_angles(seconds, EAST, NORTH)[0]))
    band = spectral_band("sentinel-2a", band_name)
    radiance = float(band_radiance(band, 1400.0)) * 0.3 / 400
    return float(radiance_to_reflectance(radiance, band.solar_irradiance, zenith, float(earth_sun_distance(seconds))))


def _box(east: float, north: float, wide: float, high: float) -> shapely.Polygon:
    return shapely.box(east - wide, north - high, east + wide, north + high)


def _site_feature(site: Site) -> object:
    properties = {"site_id": site.site_id, "name": site.name}
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(site.outline)}


def _unit_feature(unit: Unit) -> object:
    properties = {
        "unit_id": unit.unit_id, "site_id": unit.site_id, "kind": str(unit.kind),
        "footprint_status": str(unit.footprint_status),
    }  # fmt: skip
    geometry = None if unit.footprint is None else shapely.geometry.mapping(unit.footprint)
    return {"type": "Feature", "properties": properties, "geometry": geometry}
