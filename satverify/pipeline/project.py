"""What a run is told: the project file as a value. ``satverify.config`` reads it, the pipeline works from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeAlias

from satverify.domain.sites import Rating

Days: TypeAlias = tuple[date, date]
"""Days ``[start, stop)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Days on which a satellite gave nothing, as the user knows."""

    satellite: str
    """Name as in the detections, such as ``N``."""
    days: Days
    """UTC days ``[start, stop)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmsSource:
    """Thermal detections in FIRMS files."""

    paths: tuple[Path, ...]
    """The files, sorted."""
    coverage: tuple[Days, ...] = ()
    """UTC days on which the files would hold what was detected; empty: from the first to the last detection."""
    outages: tuple[Outage, ...] = ()
    """Declared outages; others are found from the data."""
    area: tuple[float, float, float, float] | None = None
    """West, south, east, north of what the files cover; none: the box round their detections. [degree]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCoverSource:
    """Daily cloud cover at points."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A verification: what to judge, on which days, from which sources, and where the answers go."""

    file: Path
    """The project file; every other path is relative to its folder or absolute."""
    name: str
    timezone: str
    """IANA name of the sites' local time."""
    days: Days
    """Local days ``[start, stop)`` to account for."""
    simulated: bool = False
    """True where the detections are made up; every output says so."""
    sites: Path
    datum: str = "wgs84"
    """Datum of the site file: ``wgs84``, ``gcj02`` or ``bd09``."""
    orders: Path | None = None
    policy: Path | None = None
    ratios: Mapping[Rating, float] = field(default_factory=dict)
    """Reduction by rating for the policy's default orders; none is invented. (0, 1]"""
    firms: tuple[FirmsSource, ...] = ()
    cloud_cover: tuple[CloudCoverSource, ...] = ()
    outputs: Path
    """Folder of the answers."""
    verdict: Mapping[str, float] = field(default_factory=dict)
    """Fields of ``VerdictRules`` that this project sets, before its policy and the built-in values."""
    settings_hash: str = ""
    """SHA-256 of what the project file says, however it is laid out."""

    @property
    def folder(self) -> Path:
        """Where the project file lies."""
        return self.file.parent

    @property
    def input_files(self) -> tuple[Path, ...]:
        """Every file the run reads, sorted and each once."""
        named = [self.sites, self.orders, self.policy]
        read = [path for source in self.firms for path in source.paths] + [source.path for source in self.cloud_cover]
        return tuple(sorted({path for path in [*named, *read] if path is not None}))

    def shown(self, path: Path) -> str:
        """``path`` as outputs name it: relative to the project's folder where it lies there, else its bare name."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else path.name
