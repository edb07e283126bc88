"""GeoTIFFs and tar archives, packed as a service of scenes packs them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from satverify.domain.grids import Grid


def geotiff(image: NDArray[Any], grid: Grid, **profile: object) -> bytes:
    """A GeoTIFF of ``(bands, height, width)``."""
    count, height, width = image.shape
    shape = {"count": count, "height": height, "width": width, "dtype": image.dtype}
    place = {"crs": f"EPSG:{grid.epsg}", "transform": Affine(*grid.transform)}
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", **shape, **place, **profile) as target:
            target.write(image)
        return bytes(memory.read())


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A tar archive of files by name."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
