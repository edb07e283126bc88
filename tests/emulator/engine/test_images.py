"""Files against other readers: those that sentinelhub-py uses."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from satverify.domain.grids import Grid
from satverify.emulator.engine.evalscript import Output, SampleType
from satverify.emulator.engine.images import Format, encoded

GRID = Grid(epsg=32650, left=480_000, top=4_390_000, pixel_width=20, pixel_height=20, width=5, height=3)


def _decoded(sample_type: SampleType, bands: int, image_format: Format) -> tuple[np.ndarray, np.ndarray]:
    top = 1000 if sample_type.dtype.itemsize > 1 else 100
    image = np.arange(bands * 15).reshape(bands, 3, 5).astype(sample_type.dtype) * sample_type.dtype.type(1)
    image[0, 0, 0] = top
    output = Output(output_id="default", bands=bands, sample_type=sample_type)
    content = encoded(image, output, image_format, GRID, 90)
    stream = io.BytesIO(content)
    return np.asarray(tifffile.imread(stream) if image_format is Format.TIFF else Image.open(stream)), image


@pytest.mark.parametrize("sample_type", list(SampleType))
@pytest.mark.parametrize("bands", [1, 3, 7])
def test_tiffs_are_read_by_others(sample_type: SampleType, bands: int) -> None:
    found, image = _decoded(sample_type, bands, Format.TIFF)
    assert found.dtype == sample_type.dtype
    np.testing.assert_array_equal(found.reshape(3, 5, bands), image.transpose(1, 2, 0))


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_pngs_are_read_by_others(bands: int) -> None:
    found, image = _decoded(SampleType.UINT8, bands, Format.PNG)
    np.testing.assert_array_equal(found.reshape(3, 5, bands), image.transpose(1, 2, 0))


def test_grey_pngs_of_sixteen_bits_are_read_by_others() -> None:
    found, image = _decoded(SampleType.UINT16, 1, Format.PNG)
    np.testing.assert_array_equal(found, image[0])
