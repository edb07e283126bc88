"""The script that fetches ERA5: what it asks for, and what it makes of the answer. It never asks here."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import date
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "fetch-era5"
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(100)
AREA = (112.1, 34.5, 119.4, 41.0)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = SourceFileLoader("fetch_era5", str(SCRIPT))
    spec = spec_from_loader("fetch_era5", loader)
    assert spec is not None
    module = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # no cache beside the scripts
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


class Store:
    """Stands in for cdsapi: hands out one answer, and remembers what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def retrieve(self, dataset: str, request: dict[str, Any], target: str) -> None:
        self.asked.append((dataset, request))
        Path(target).write_bytes(self.answer)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    found = Store(HDF5)
    monkeypatch.setitem(sys.modules, "cdsapi", SimpleNamespace(Client=lambda: found))
    return found


def test_a_winter_is_asked_for_by_months_and_a_day_more_at_either_end(script: ModuleType) -> None:
    asked = script.requests((date(2021, 11, 1), date(2022, 4, 1)), AREA)
    assert list(asked) == [
        "era5-2021-10-31-31.nc",
        "era5-2021-11.nc",
        "era5-2021-12.nc",
        "era5-2022-01.nc",
        "era5-2022-02.nc",
        "era5-2022-03.nc",
        "era5-2022-04-01-01.nc",
    ]
    days = sum(len(request["day"]) for request in asked.values())
    assert days == (date(2022, 4, 1) - date(2021, 11, 1)).days + 2
    assert asked["era5-2022-02.nc"]["day"][-1] == "28"


def test_a_request_is_what_the_climate_data_store_takes(script: ModuleType) -> None:
    (request,) = script.requests((date(2021, 11, 5), date(2021, 11, 7)), AREA).values()
    assert request == {
        "product_type": ["reanalysis"],
        "variable": [
            "10m_u_component_of_wind",
            "10m_v_component_of_wind",
            "100m_u_component_of_wind",
            "100m_v_component_of_wind",
            "boundary_layer_height",
        ],
        "year": ["2021"],
        "month": ["11"],
        "day": ["04", "05", "06", "07"],
        "time": [f"{hour:02d}:00" for hour in range(24)],
        "area": [41.0, 112.0, 34.5, 119.5],  # north, west, south, east, widened to the grid
        "data_format": "netcdf",
        "download_format": "unarchived",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["--days", "2021-11-02", "2021-11-02", "--area", "112", "34", "119", "41"],
        ["--days", "2021-11-02", "2021-11-03", "--area", "41", "112", "34", "119"],
        ["--days", "2021-11-02", "2021-11-03", "--area", "119", "34", "112", "41"],
        ["--days", "2.11.2021", "2021-11-03", "--area", "112", "34", "119", "41"],
        ["--days", "2021-11-02", "2021-11-03"],
    ],
)
def test_what_makes_no_sense_is_refused(
    script: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        script.main(arguments)
    assert caught.value.code == 2
    assert "error" in capsys.readouterr().err


def test_a_dry_run_prints_and_asks_nobody(
    script: ModuleType, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "--days",
        "2021-11-02",
        "2021-11-03",
        "--area",
        "112",
        "34",
        "119",
        "41",
        "--out",
        str(tmp_path / "new"),
    ]
    assert script.main([*arguments, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out) == script.requests(
        (date(2021, 11, 2), date(2021, 11, 3)), (112, 34, 119, 41)
    )
    assert store.asked == []
    assert not (tmp_path / "new").exists()


def test_what_is_there_is_not_fetched_again(script: ModuleType, store: Store, tmp_path: Path) -> None:
    asked = script.requests((date(2021, 11, 2), date(2021, 12, 4)), AREA)
    script.fetch(asked, tmp_path)
    assert [dataset for dataset, _ in store.asked] == ["reanalysis-era5-single-levels"] * 2
    (tmp_path / "era5-2021-11.nc").unlink()
    script.fetch(asked, tmp_path)
    assert [request["month"] for _, request in store.asked] == [["11"], ["12"], ["11"]]
    assert sorted(path.name for path in tmp_path.glob("*.nc")) == ["era5-2021-11.nc", "era5-2021-12-01-04.nc"]
    assert not list(tmp_path.glob(".*"))


def test_a_file_of_another_area_is_not_taken_for_this_one(script: ModuleType, store: Store, tmp_path: Path) -> None:
    days = (date(2021, 11, 2), date(2021, 12, 1))
    script.fetch(script.requests(days, AREA), tmp_path)
    with pytest.raises(ValueError, match="for another request"):
        script.fetch(script.requests(days, (10, 50, 12, 52)), tmp_path)


def test_an_answer_that_is_no_netcdf_gets_no_name(script: ModuleType, store: Store, tmp_path: Path) -> None:
    store.answer = b"<html>licence</html>"
    with pytest.raises(ValueError, match="expected netCDF-4"):
        script.fetch(script.requests((date(2021, 11, 2), date(2021, 11, 3)), AREA), tmp_path)
    assert not list(tmp_path.glob("*.nc"))


def test_an_archive_is_unpacked(script: ModuleType, store: Store, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("data_stream-oper_stepType-instant.nc", HDF5 + b"1")
        archive.writestr("data_stream-oper_stepType-max.nc", HDF5 + b"2")
    store.answer = content.getvalue()
    script.fetch(script.requests((date(2021, 11, 2), date(2021, 12, 1)), AREA), tmp_path)
    assert (tmp_path / "era5-2021-11-01-30.nc").exists() or (tmp_path / "era5-2021-11.nc").read_bytes().endswith(b"1")
    assert (tmp_path / "era5-2021-11-2.nc").read_bytes().endswith(b"2")


def test_without_cdsapi_it_says_how_to_get_it(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "cdsapi", None)
    with pytest.raises(SystemExit):
        script.main(["--days", "2021-11-02", "2021-11-03", "--area", "112", "34", "119", "41", "--out", str(tmp_path)])
    assert "pip install cdsapi" in capsys.readouterr().err
