"""Files of made-up wind, in every shape that is read, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

from satverify.errors import InputError
from satverify.sources.wind import open_wind

Floats = npt.NDArray[np.float64]
Edit = Callable[[xr.Dataset], xr.Dataset]

START = np.datetime64("2021-12-01T00:00", "us")
LATITUDES = np.arange(42.0, 35.9, -0.25)
LONGITUDES = np.arange(110.0, 120.1, 0.25)
UNITS = {"blh": "m"}
NAMES = ("u10", "v10", "u100", "v100", "blh")


def hours(count: int, step: float = 1) -> npt.NDArray[np.datetime64]:
    return START + (np.arange(count) * step * 3600).astype("timedelta64[s]")


def linear(name: str, longitude: npt.ArrayLike, latitude: npt.ArrayLike, hour: npt.ArrayLike) -> Floats:
    """A field that is linear along every axis, so that interpolation must give it back."""
    number, (x, y, t) = NAMES.index(name), map(np.asarray, (longitude, latitude, hour))
    return np.asarray((0.1 + number / 10) * x - 0.3 * y + (0.05 - number / 50) * t + 500 * (name == "blh"), dtype=float)


def sample(
    *,
    longitude: Floats = LONGITUDES,
    latitude: Floats = LATITUDES,
    time: npt.NDArray[np.datetime64] | None = None,
    names: tuple[str, ...] = NAMES,
    of: Callable[[str, Floats, Floats, Floats], Floats] = linear,
) -> xr.Dataset:
    time = hours(6) if time is None else time
    hour = (time - START) / np.timedelta64(1, "h")
    grid = np.meshgrid(hour, latitude, longitude, indexing="ij")
    dims = ("time", "latitude", "longitude")
    return xr.Dataset(
        {name: (dims, of(name, grid[2], grid[1], grid[0]), {"units": UNITS.get(name, "m s**-1")}) for name in names},
        coords={
            "time": ("time", time, {"standard_name": "time"}),
            "latitude": ("latitude", latitude, {"units": "degrees_north", "standard_name": "latitude"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east", "standard_name": "longitude"}),
        },
    )


def saved(dataset: xr.Dataset, path: Path, **options: object) -> Path:
    dataset.to_netcdf(path, engine="h5netcdf", **options)  # type: ignore[call-overload]
    return path


def write_classic(dataset: xr.Dataset, path: Path, **options: object) -> None:
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_CLASSIC", **options)  # type: ignore[call-overload]


def somewhere(count: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Longitudes, latitudes and hours inside the usual sample."""
    rng = np.random.default_rng(seed)
    return rng.uniform(110, 120, count), rng.uniform(36, 42, count), rng.uniform(0, 5, count)


def at_hour(hour: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    return START + np.round(np.asarray(hour, dtype=np.float64) * 3.6e9).astype("timedelta64[us]")


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_wind(path)
    assert caught.value.problems
    return str(caught.value)


def write_64_bit(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def write_packed(dataset: xr.Dataset, path: Path) -> None:
    packing = {"dtype": "int16", "scale_factor": 0.0037, "add_offset": 12.5, "_FillValue": -32767}
    saved(dataset, path, encoding={name: packing if name != "blh" else {} for name in NAMES})


def write_zarr_2(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_zarr(path, zarr_format=2, consolidated=True)


def write_zarr_3(dataset: xr.Dataset, path: Path) -> None:
    dataset.to_zarr(path, zarr_format=3, consolidated=False, encoding={name: {"chunks": (2, 7, 5)} for name in NAMES})


def write_chunked(dataset: xr.Dataset, path: Path) -> None:
    saved(dataset, path, encoding={name: {"chunksizes": (2, 7, 5), "zlib": True} for name in NAMES})


WRITERS = [saved, write_classic, write_64_bit, write_packed, write_chunked, write_zarr_2, write_zarr_3]
