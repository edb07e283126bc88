"""What all tests of wind use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from tests.sources.wind.made import sample, write_classic


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, of the kind that is written fastest."""

    def make(dataset: xr.Dataset | None = None, name: str = "era5.nc", **options: object) -> Path:
        write_classic(sample() if dataset is None else dataset, tmp_path / name, **options)
        return tmp_path / name

    return make
