from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from satverify.archive import Archive
from satverify.cli import main
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.physics.instruments import spectral_band
from satverify.physics.radiometry import radiance_to_reflectance
from satverify.physics.spectral import band_radiance
from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.physics.utm import project, window_of
from satverify.pipeline.discovery_scenes import find_in_scenes, has_scenes

EAST, NORTH = 118.2, 39.6
SITE = Site(site_id="ts-1", name="Works", outline=shapely.box(EAST - 0.006, NORTH - 0.004, EAST + 0.006, NORTH + 0.004))
SENSOR = SENSORS["sentinel-2-l1c"]
GRID = window_of(SITE.outline, SENSOR)
START = datetime(2021, 10, 1, 3, 1, 11, tzinfo=UTC)
SCENES = 24
FURNACE = (GRID.height // 2, GRID.width // 2)
"""Row and column of its hottest pixel."""


def scene(number: int) -> Scene:
    time = START + timedelta(days=5 * number)
    acquisition = Acquisition(
        platform="sentinel-2a", start=time, stop=time, source_ids=(f"S2A_{number}",), orbit_state="descending",
        relative_orbit=75, processing_baseline="03.01",
    )  # fmt: skip
    return Scene(
        sensor=SENSOR.name, grid=GRID, time=time, acquisition=acquisition, site_ids=(SITE.site_id,),
        request_hash="a" * 64, evalscript_hash="b" * 64, valid_share=1.0,
    )  # fmt: skip


def ground(number: int, grid: Grid = GRID) -> dict[str, NDArray[np.float64]]:
    """Dull ground with the texture that ground has, in reflectance."""
    rng = np.random.default_rng(number)
    texture = np.random.default_rng(0).normal(0, 0.01, grid.shape)
    dull = {"blue": 0.10, "nir08": 0.20, "cirrus": 0.002, "swir16": 0.24, "swir22": 0.19}
    return {name: level * (1 + 3 * texture) + rng.normal(0, 0.001, grid.shape) for name, level in dull.items()}


def pixels(number: int, *, is_tapping: bool) -> NDArray[np.uint16]:
    """Stored numbers of a scene, with 0.1 m² at 1400 K in each of four pixels while the furnace taps."""
    images = ground(number)
    time = (START + timedelta(days=5 * number)).timestamp()
    zenith = float(np.degrees(solar_angles(time, EAST, NORTH)[0]))
    row, column = FURNACE
    for name in ("nir08", "swir16", "swir22"):
        band = spectral_band("sentinel-2a", name)
        heat = float(band_radiance(band, 1400.0)) * 0.1 / 400 * is_tapping
        sun = float(earth_sun_distance(time))
        images[name][row : row + 2, column : column + 2] += float(
            radiance_to_reflectance(heat, band.solar_irradiance, zenith, sun)
        )
    numbers = [np.round((images[band.name] - band.offset) / band.scale) for band in SENSOR.bands]
    return np.clip(np.stack(numbers), 0, 65_534).astype(np.uint16)


def filled(folder: Path) -> Archive:
    """An archive of four months in which the furnace taps in two scenes of three."""
    archive = Archive(folder)
    for number in range(SCENES):
        archive.add(scene(number), pixels(number, is_tapping=number % 3 > 0))
    return archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return filled(tmp_path_factory.mktemp("archive"))


def project_with(folder: Path, archive: Archive, *, firms: bool) -> Path:
    """A project file beside its site list, with this archive."""
    outline = shapely.geometry.mapping(SITE.outline)
    feature = {"type": "Feature", "properties": {"site_id": "ts-1", "name": "Works"}, "geometry": outline}
    (folder / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    header = "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
    (folder / "orders.csv").write_text(header)
    rows = ["latitude,longitude,acq_date,satellite,instrument,frp"]
    rows += [f"{NORTH},{EAST},{(START + timedelta(day)).date()},N,VIIRS,3.5" for day in range(0, 120, 2)]
    (folder / "heat.csv").write_text("\n".join(rows) + "\n")
    text = (
        '[project]\nname = "p"\nsimulated = true\ndays = ["2021-10-01", "2022-02-01"]\n'
        '[sites]\npath = "sites.geojson"\n'
        '[orders]\npath = "orders.csv"\n[[sources]]\nkind = "sentinelhub"\nsensors = ["sentinel-2-l1c"]\n'
        f'service = "emulator"\n[archive]\npath = {json.dumps(archive.root)}\n'
    )
    if firms:
        text += '[[sources]]\nkind = "firms"\npaths = ["heat.csv"]\n'
    file = folder / "satverify.toml"
    file.write_text(text)
    return file


def proposed(text: str) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in json.loads(text)["features"]]


def test_an_archived_furnace_is_found_where_it_stands(archive: Archive) -> None:
    assert has_scenes(archive, SITE)
    finds = find_in_scenes(archive, SITE)
    (unit,) = finds.units
    assert finds.scenes == SCENES
    assert (unit.clear_scenes, unit.hot_scenes) == (SCENES, 16)
    assert unit.traits.temperature == pytest.approx(1400, rel=0.08)
    row, column = FURNACE
    east, north = GRID.left + 20 * (column + 1), GRID.top - 20 * (row + 1)
    found = project(GRID.epsg, *unit.footprint.centroid.coords[0])
    assert np.hypot(found[0] - east, found[1] - north) < 10  # half a pixel


def test_a_site_without_scenes_has_none(archive: Archive, tmp_path: Path) -> None:
    assert not has_scenes(Archive(tmp_path / "nothing"), SITE)
    assert find_in_scenes(Archive(tmp_path / "nothing"), SITE).units == ()


def test_scenes_are_used_where_there_are_some_and_said_to_be(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project_with(tmp_path, archive, firms=True)
    assert main(["sites", "discover-units", str(file)]) == 0
    said = capsys.readouterr()
    (unit,) = proposed(said.out)
    assert "ts-1: 1 place to which heat returns, from 24 scenes" in said.err
    assert (unit["seen_by"], unit["footprint_status"], unit["hot_scenes"]) == ("sentinel-2-l1c", "discovered", 16)
    assert main(["sites", "discover-units", str(file), "--from-scenes"]) == 0
    assert proposed(capsys.readouterr().out) == [unit]


def test_detections_are_used_where_they_are_asked_for(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project_with(tmp_path, archive, firms=True)
    assert main(["sites", "discover-units", str(file), "--from-detections"]) == 0
    said = capsys.readouterr()
    assert "from detections" in said.err
    assert [unit["kind"] for unit in proposed(said.out)] == [None]


def test_an_archive_without_scenes_of_a_site_leaves_detections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project_with(tmp_path, Archive(tmp_path / "empty"), firms=True)
    assert main(["sites", "discover-units", str(file)]) == 0
    assert "from detections" in capsys.readouterr().err


def test_what_scenes_propose_passes_the_check_of_site_lists(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project_with(tmp_path, archive, firms=False)
    assert main(["sites", "discover-units", str(file)]) == 0
    units = json.loads(capsys.readouterr().out)["features"]
    sites = tmp_path / "sites.geojson"
    document = json.loads(sites.read_text())
    document["features"] += units
    sites.write_text(json.dumps(document))
    assert main(["sites", "check", str(sites)]) == 0
    assert "warning" not in capsys.readouterr().err.lower()


def test_evidence_that_a_project_does_not_have_is_an_input_error(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project_with(tmp_path, archive, firms=False)
    assert main(["sites", "discover-units", str(file), "--from-detections"]) == 2
    assert "expected a source of detections" in capsys.readouterr().err
    lists = ["--sites", str(tmp_path / "sites.geojson"), "--detections", str(tmp_path / "heat.csv")]
    assert main(["sites", "discover-units", *lists, "--from-scenes"]) == 2
    assert "expected an archive of scenes" in capsys.readouterr().err
