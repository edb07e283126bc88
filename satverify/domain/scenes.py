"""Scenes: what a service has, and what the archive holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from satverify.domain.grids import Grid
from satverify.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One overpass of one satellite as the service's catalogue lists it: one product, or several that join."""

    platform: str
    """In the catalogue's spelling, such as ``sentinel-2a``; several joined by ``-and-`` where a day holds several."""
    start: datetime
    """Time of its first product. UTC"""
    stop: datetime
    """Time of its last product; equal to ``start`` for a single one. UTC"""
    source_ids: tuple[str, ...]
    """The service's ids of the products, sorted."""
    orbit_state: str = ""
    """``ascending``, ``descending`` or empty where the service does not say."""
    relative_orbit: int | None = None
    """Number of the track, where the service says."""
    processing_baseline: str = ""
    """Version of the processor, where the service says; the lowest of several."""
    timeliness: str = ""
    """``NRTI``, ``OFFL`` or ``RPRO`` for Sentinel-5P; the least settled of several. Empty elsewhere."""
    cloud_cover: float | None = None
    """As the service says, mean of the products. [%]"""

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.stop.utcoffset() != timedelta(0):
            raise InputError(f"acquisition from {self.start} to {self.stop}: expected times in UTC")
        if self.stop < self.start:
            raise InputError(f"acquisition: stop {self.stop} is before start {self.start}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One archived image of one sensor over one area, immutable."""

    sensor: str
    """Key into ``SENSORS``."""
    grid: Grid
    """Where its pixels lie."""
    time: datetime
    """Time of acquisition, of the first product. UTC, whole seconds"""
    acquisition: Acquisition
    """What it was made from."""
    site_ids: tuple[str, ...]
    """Sites that it was retrieved for, sorted."""
    request_hash: str
    """SHA-256 of the request that brought it."""
    evalscript_hash: str
    """SHA-256 of the evalscript."""
    valid_share: float
    """Share of pixels with a measurement in the first band. [0, 1]"""
    revision: int = 1
    """1, and one more for each time that the service replaced the products."""
    sha256: str = ""
    """Of the image file; empty before it is archived."""

    @property
    def scene_id(self) -> str:
        """Sensor, time, platform, place and revision in one word."""
        moment = f"{self.time:%Y%m%dT%H%M%S}"
        return f"{self.sensor}_{moment}_{self.acquisition.platform}_{self.grid.name}_r{self.revision}"
