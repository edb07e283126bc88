"""Files of wind: what kind a path is, told by its first bytes, and its content opened without being read."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from satverify.errors import InputError, Problem
from satverify.sources.tables import shown

HEAD = 512
"""Bytes looked at to tell what a file is."""
EXPECTED = "netCDF (classic, 64-bit offset or netCDF-4) or a Zarr store"
SUFFIXES = (".nc", ".nc4", ".cdf", ".netcdf", ".h5", ".zarr")
"""What is picked out of a folder."""
ZARR_GROUP = (".zgroup", ".zmetadata", "zarr.json")
READERS = {b"\x89HDF\r\n\x1a\n": "h5netcdf", b"CDF\x01": "scipy", b"CDF\x02": "scipy"}
"""First bytes of a file, and xarray's name of what reads it."""
OPTIONS: Mapping[str, dict[str, object]] = {
    "zarr": {"consolidated": False},  # the arrays themselves are near, and never out of date
    "h5netcdf": {"phony_dims": "sort"},  # HDF5 without named dimensions is refused for lack of coordinates, not here
}
STRANGERS = {
    b"CDF\x05": "netCDF in the 64-bit data format (CDF-5); convert it: nccopy -k nc4 IN OUT",
    b"GRIB": "GRIB; ask for netCDF, as scripts/fetch-era5 does, or convert it: grib_to_netcdf -k 4 -o OUT.nc IN",
    b"PK\x03\x04": "a ZIP archive, which the CDS sends for some requests; unpack it and name the netCDF files in it",
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"<": "a page of HTML or XML, as a service shows instead of data; download again",
    b"{": "JSON, as a service answers when it refuses; download again",
}
"""First bytes of what is mistaken for a file of wind, and what to do."""
# What the readers raise on damaged files: there is no common error.
DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError, EOFError)


def files_of(path: Path) -> tuple[Path, ...]:
    """Files and stores a path stands for: itself, or all those in a folder that is no Zarr store, by name.

    Raises
    ------
    InputError
        There is nothing, or a folder without such files.
    """
    if not path.exists():
        raise refusal(path, "the path", EXPECTED, "nothing there")
    if not path.is_dir() or any((path / name).exists() for name in ZARR_GROUP):
        return (path,)
    found = tuple(sorted(inner for inner in path.iterdir() if inner.suffix.lower() in SUFFIXES))
    if not found:
        inside = ", ".join(sorted(inner.name for inner in path.iterdir())[:5]) or "nothing in it"
        expected = f"a Zarr store ({', '.join(ZARR_GROUP)}), or files in it that end in {', '.join(SUFFIXES)}"
        raise refusal(path, "the folder", expected, f"a folder of other things: {inside}")
    return found


def open_file(path: Path) -> xr.Dataset:
    """Open one file or Zarr store; values stay where they are, packed numbers are unpacked when read, times are not.

    Raises
    ------
    InputError
        The path is something else, empty, damaged or cannot be read.
    """
    engine = "zarr" if path.is_dir() else _reader_of(path)
    options = OPTIONS.get(engine, {})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)  # of two fill values both are honoured
            return xr.open_dataset(
                path, engine=engine, decode_times=False, cache=False, chunks=None, backend_kwargs=options
            )
    except ImportError as exc:
        raise refusal(path, "the file", "a reader for it", f"{engine} is not installed: {exc}") from exc
    except DAMAGE as exc:
        expected = "a whole Zarr group" if engine == "zarr" else "a whole netCDF file"
        raise refusal(path, "the file", expected, f"{_size(path)} that cannot be read: {_reason(exc)}") from exc


def refusal(path: Path, where: str, expected: str, found: str) -> InputError:
    """Error about one thing of one file."""
    return refused([Problem(file=path.name, where=where, expected=expected, found=found)])


def refused(problems: Sequence[Problem]) -> InputError:
    """Error about several things."""
    return InputError("wind cannot be read", problems=problems)


def damaged(file: str, variable: str, exc: Exception) -> InputError:
    """Error about values that turn out to be unreadable when they are asked for."""
    found = f"values that cannot be read: {_reason(exc)}"
    return refused([Problem(file=file, where=f"variable {variable}", expected="a whole file", found=found)])


def _reader_of(path: Path) -> str:
    """Xarray's name of what reads the file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as exc:
        raise refusal(path, "the file", EXPECTED, f"a file that cannot be read: {exc.strerror or exc}") from exc
    if not head:
        raise refusal(path, "the file", EXPECTED, "an empty file")
    for start, reader in READERS.items():
        if head.startswith(start):
            return reader
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, what in STRANGERS.items():
        if head.startswith(start) or text.startswith(start):
            raise refusal(path, "the file", EXPECTED, what)
    begins = shown(head[:24].decode("utf-8", "backslashreplace"))
    raise refusal(path, "the file", EXPECTED, f"a file that begins with {begins!r}")


def _size(path: Path) -> str:
    return "a folder" if path.is_dir() else f"{path.stat().st_size} bytes"


def _reason(exc: Exception) -> str:
    """First line of what a reader says."""
    text = str(exc).strip() or type(exc).__name__
    return shown(text.splitlines()[0])


def absent_chunks(path: Path, name: str, variable: xr.Variable) -> int:
    """Chunks a Zarr array lacks that would be read as if they held a value; 0 for other files.

    A chunk that is absent reads as the array's fill value. Where that is also what stands for missing, no harm is done.
    """
    if not path.is_dir():
        return 0
    array = zarr.open_group(path, mode="r", use_consolidated=False)[name]
    if not isinstance(array, zarr.Array):
        return 0
    fill, missing = array.fill_value, variable.encoding.get("_FillValue")
    if np.isnan(fill) or (missing is not None and fill == missing):
        return 0
    return int(array.nchunks - array.nchunks_initialized)
