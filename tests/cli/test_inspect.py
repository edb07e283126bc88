from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio

from satverify.cli import main
from satverify.cli.exits import Exit
from tests.features.hot_targets.daylight import ground, heated

BANDS = "nir08=1,swir16=2,swir22=3"


@pytest.fixture
def chip(tmp_path: Path) -> Path:
    """Counts of a scene with one source, as Sentinel-2 has them with the offset."""
    path = tmp_path / "chip.tif"
    counts = np.stack([np.round((band + 0.1) * 1e4) for band in heated(ground(), 10, 20, 1300.0, 0.3)])
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=3,
        height=60,
        width=60,
        dtype="uint16",
        crs="EPSG:32650",
        transform=rasterio.Affine(20, 0, 500_000, 0, -20, 4_400_000),
    ) as image:
        image.write(counts.astype(np.uint16))
    return path


def inspect(*words: str) -> int:
    return main(["inspect", "heat", *words])


def test_json_for_a_program_is_all_that_stdout_has(chip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--bands", BANDS, "--scale", "1e-4", "--offset", "-0.1", "--sun-zenith", "64")
    assert inspect(str(chip), *words, "--json") == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    named = {"pixels", "valid", "tai_index", "nhi_swir_index", "nhi_swnir_index", "tai", "nhi", "saturated", "hot"}
    assert named | {"clusters", "warnings"} <= told.keys()
    assert (told["pixels"], told["hot"], told["clusters"][0]["pixels"]) == (3600, 1, 1)
    assert told["clusters"][0]["easting"] == 500_410.0


def test_lines_for_a_person_hold_the_same(chip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect(str(chip), "--bands", BANDS, "--scale", "1e-4", "--offset", "-0.1") == Exit.DONE
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert "hot, our own answer\t1" in lines
    assert lines[-1].startswith("500410.0\t4399790.0\t1\t0\t")
    assert "give --sun-zenith" in said.err


def test_an_offset_left_in_is_told_on_stderr(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fire = shared_data / "s2/wildfire_g90292/G90292_20230514.tif"
    assert inspect(str(fire), "--bands", BANDS, "--scale", "1e-4", "--json") == Exit.DONE
    said = capsys.readouterr()
    assert any("offset" in warning for warning in json.loads(said.out)["warnings"])
    assert "offset" in said.err


def test_a_landsat_scene_is_read_from_its_files_of_one_band_each(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(shared_data / f"landsat/arnhem_fire/band{number}.tif") for number in (5, 6, 7)]
    assert inspect(*files, "--bands", BANDS, "--sun-zenith", "42.4", "--json") == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["tai_index"], told["nhi_swir_index"], told["nhi_swnir_index"]) == (431, 13, 7)
    assert inspect(*files, "--bands", "nir08=1,swir16=2,swir22=4") == Exit.INPUT
    assert "band7.tif: swir22: expected a band from 1 to 3, found 4" in capsys.readouterr().err


def test_a_mask_is_written_and_explained(chip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mask = tmp_path / "mask.tif"
    words = ("--bands", BANDS, "--scale", "1e-4", "--offset", "-0.1", "--mask", str(mask))
    assert inspect(str(chip), *words) == Exit.DONE
    assert "7: saturated by heat" in capsys.readouterr().err
    with rasterio.open(mask) as image:
        assert (image.read(1) >= 4).sum() == 1


def test_a_mask_never_takes_the_place_of_the_image(chip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = chip.read_bytes()
    assert inspect(str(chip), "--bands", BANDS, "--mask", str(chip)) == Exit.INPUT
    said = capsys.readouterr()
    assert "expected another file" in said.err
    assert said.out == ""
    assert chip.read_bytes() == before


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ("nir08=1,swir16=2", "missing swir22"),
        ("nir08=1,swir16=2,swir22=9", "band from 1 to 3, found 9"),
        ("nir08=1,swir16=2,swir2=3", "--bands swir2: expected swir22"),
        ("nir08=1,swir16=2,swir22=2", "expected another band than swir16"),
        ("nir08=1,nir08=2,swir16=2,swir22=3", "expected once, found twice"),
        ("nir08=0,swir16=2,swir22=3", "a band number from 1 on"),
        ("NIR08=1,swir16=2,swir22=3", "--bands NIR08: expected nir08"),
        ("nir08=B8A,swir16=2,swir22=3", "a band number from 1 on"),
        ("", "missing nir08, swir16, swir22"),
    ],
)
def test_wrong_bands_are_usage_errors(chip: Path, bands: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect(str(chip), "--bands", bands) == Exit.INPUT
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_what_is_no_image_and_a_sun_below_the_horizon_are_usage_errors(
    chip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("no image")
    assert inspect(str(tmp_path / "a.txt"), "--bands", BANDS) == Exit.INPUT
    assert inspect(str(tmp_path / "nothing.tif"), "--bands", BANDS) == Exit.INPUT
    assert inspect(str(chip), "--bands", BANDS, "--sun-zenith", "95") == Exit.INPUT
    assert capsys.readouterr().out == ""
