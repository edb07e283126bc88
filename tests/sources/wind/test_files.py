"""Files that are not what they should be, and files that are damaged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import h5netcdf  # type: ignore[import-untyped]
import numpy as np
import pytest
import xarray as xr
import zarr

from satverify.domain.wind import NoWind
from satverify.errors import InputError
from satverify.sources.wind import open_wind
from tests.sources.wind.made import (
    NAMES,
    at_hour,
    refusal,
    sample,
    saved,
    write_64_bit,
    write_chunked,
    write_classic,
    write_zarr_3,
)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"GRIB\x00\x01\x02\x02", "GRIB; ask for netCDF"),
        (b"\n<!DOCTYPE html><html>Log in</html>", "a page of HTML"),
        (b'{"message": "licence not accepted"}', "JSON"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x1f\x8b\x08rest", "a gzip file"),
        (b"CDF\x05rest", "CDF-5"),
        (b"time,u10,v10\n", "begins with 'time,u10,v10"),
        (b"CDF\x01\x00", "cannot be read"),
        (b"\x89HDF\r\n\x1a\nrest", "cannot be read"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "era5.nc").write_bytes(content)
    assert found in refusal(tmp_path / "era5.nc")


def test_nothing_is_no_wind(tmp_path: Path) -> None:
    assert "nothing there" in refusal(tmp_path / "era5.nc")
    (tmp_path / "notes.txt").write_text("x")
    assert "a folder of other things: notes.txt" in refusal(tmp_path)
    with pytest.raises(InputError, match=r"notes\.txt"):
        open_wind(str(tmp_path / "notes.txt"))


@pytest.mark.parametrize("write", [saved, write_classic, write_64_bit, write_chunked], ids=lambda write: write.__name__)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_file_cut_short_is_refused(tmp_path: Path, write: Callable[[xr.Dataset, Path], object], share: float) -> None:
    write(sample(), tmp_path / "era5.nc")
    whole = (tmp_path / "era5.nc").read_bytes()
    (tmp_path / "era5.nc").write_bytes(whole[: int(share * len(whole))])
    assert "cannot be read" in refusal(tmp_path / "era5.nc")


def test_a_damaged_chunk_is_told_when_it_is_read(tmp_path: Path) -> None:
    write_chunked(sample(), tmp_path / "era5.nc")
    with h5netcdf.File(tmp_path / "era5.nc") as file:
        chunk = file["u10"]._h5ds.id.get_chunk_info(0)
    content = bytearray((tmp_path / "era5.nc").read_bytes())
    content[chunk.byte_offset + 8 : chunk.byte_offset + chunk.size] = bytes(chunk.size - 8)
    (tmp_path / "era5.nc").write_bytes(content)
    with open_wind(tmp_path / "era5.nc") as wind:
        wind.at(119.9, 36.1, at_hour(4.5))
        with pytest.raises(InputError, match="variable u10: expected a whole file"):
            wind.at(110.1, 41.9, at_hour(0.5))


def test_a_store_cut_short_is_refused_where_holes_would_look_like_wind(tmp_path: Path) -> None:
    packing = {"dtype": "int16", "scale_factor": 0.01, "add_offset": 1.0, "_FillValue": -32767, "chunks": (2, 25, 41)}
    encoding = dict.fromkeys(NAMES[:4], packing) | {"blh": {"chunks": (2, 25, 41)}}
    sample().to_zarr(tmp_path / "era5.zarr", zarr_format=3, consolidated=False, encoding=encoding)
    shutil.rmtree(tmp_path / "era5.zarr" / "u10" / "c" / "1")
    assert "expected every chunk of the store, found 1 absent" in refusal(tmp_path / "era5.zarr")


def test_a_hole_that_reads_as_missing_is_missing(tmp_path: Path) -> None:
    write_zarr_3(sample(), tmp_path / "era5.zarr")
    shutil.rmtree(tmp_path / "era5.zarr" / "u10" / "c" / "1")
    with open_wind(tmp_path / "era5.zarr") as wind:
        found = wind.at(115, 39, at_hour(np.array([0.5, 2.5])))
    assert found["no_wind"].sel(height=10).to_numpy().tolist() == ["", NoWind.NO_VALUE]


def test_hdf5_that_is_no_netcdf_has_no_coordinates(tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "era5.h5", "w") as file:
        for name in ("u10", "v10"):
            file._h5file[name] = np.zeros((3, 4, 5))
    assert "latitude: expected a coordinate along one dimension" in refusal(tmp_path / "era5.h5")


def test_the_folder_where_one_is_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert tmp_path.name in refusal(Path())


def test_an_array_alone_is_no_store(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "u10.zarr", shape=(2, 2, 2), dtype="f4")
    assert "u10.zarr" in refusal(tmp_path / "u10.zarr")
