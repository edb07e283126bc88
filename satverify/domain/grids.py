"""Rasters: where the pixels of an image lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

from satverify.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A north-up raster in one coordinate system.

    What satverify retrieves lies in the UTM zone of its site, with edges at whole pixels from one place for each
    sensor, so that every two grids of one sensor and zone share their pixels.
    """

    epsg: int
    """Code of the coordinate system: 32601-32660 and 32701-32760 for UTM on WGS 84; 4326 means longitude first."""
    left: float
    """Easting of the west edge. [m], or [degree] for 4326"""
    top: float
    """Northing of the north edge. [m], or [degree] for 4326"""
    pixel_width: float
    """Extent of a pixel eastward, positive. [m], or [degree] for 4326"""
    pixel_height: float
    """Extent of a pixel southward, positive. [m], or [degree] for 4326"""
    width: int
    """Pixels from west to east, at least 1."""
    height: int
    """Pixels from north to south, at least 1."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise InputError(f"grid of {self.width} x {self.height} pixels: both must be at least 1")
        if not (self.pixel_width > 0 and self.pixel_height > 0):
            raise InputError(f"grid with pixels of {self.pixel_width} x {self.pixel_height}: both must be positive")
        if not all(math.isfinite(edge) for edge in self.bounds):
            raise InputError(f"grid with edges {self.bounds}: all must be finite")

    @property
    def right(self) -> float:
        """Easting of the east edge. [m], or [degree] for 4326."""
        return self.left + self.width * self.pixel_width

    @property
    def bottom(self) -> float:
        """Northing of the south edge. [m], or [degree] for 4326."""
        return self.top - self.height * self.pixel_height

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge."""
        return self.left, self.bottom, self.right, self.top

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients a to f, as in GeoTIFF readers: x = a·column + b·row + c, y = d·column + e·row + f."""
        return self.pixel_width, 0.0, self.left, 0.0, -self.pixel_height, self.top

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as arrays have them."""
        return self.height, self.width

    @property
    def name(self) -> str:
        """The grid in one word that is safe in paths: ``32650-20m-478020-4392000-150x150``."""
        size = f"{self.pixel_width:g}"
        if self.pixel_height != self.pixel_width:
            size += f"x{self.pixel_height:g}"
        return f"{self.epsg}-{size}m-{self.left:.12g}-{self.top:.12g}-{self.width}x{self.height}"

    def shares_pixels(self, other: Grid) -> bool:
        """Whether the pixels of both lie on one lattice."""
        alike = (self.epsg, self.pixel_width, self.pixel_height) == (other.epsg, other.pixel_width, other.pixel_height)
        columns, rows = (other.left - self.left) / self.pixel_width, (self.top - other.top) / self.pixel_height
        return alike and columns == round(columns) and rows == round(rows)

    def contains(self, other: Grid) -> bool:
        """Whether every pixel of ``other`` is a pixel of this grid too."""
        west, south, east, north = other.bounds
        inside = self.left <= west and self.bottom <= south and east <= self.right and north <= self.top
        return inside and self.shares_pixels(other)

    def window(self, other: Grid) -> tuple[slice, slice]:
        """Rows and columns at which ``other``, which this grid contains, lies in it.

        Raises
        ------
        InputError
            This grid does not contain the other.
        """
        if not self.contains(other):
            raise InputError(f"grid {self.name} does not contain {other.name}")
        row = round((self.top - other.top) / self.pixel_height)
        column = round((other.left - self.left) / self.pixel_width)
        return slice(row, row + other.height), slice(column, column + other.width)
