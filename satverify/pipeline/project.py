"""What a run is told: the project file as a value. ``satverify.config`` reads it, the pipeline works from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

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
    """The files, sorted; those that are still to be downloaded are found when the run reads them."""
    coverage: tuple[Days, ...] = ()
    """UTC days on which the files would hold what was detected; empty: from the first to the last detection."""
    outages: tuple[Outage, ...] = ()
    """Declared outages; others are found from the data."""
    area: tuple[float, float, float, float] | None = None
    """West, south, east, north of what the files cover; none: the box round their detections. [degree]"""
    download: tuple[str, ...] = ()
    """Products of the FIRMS area service to download for the coverage and the area, such as ``VIIRS_SNPP_SP``."""
    folder: Path | None = None
    """Where downloads are kept."""
    base_url: str = ""
    """The FIRMS service; empty: NASA's."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The named files, and the downloads that are there by now, sorted."""
        stems = [self.download_stem(product) for product in self.download]
        kept = [path for stem in stems for path in self.folder.glob(f"{stem}_*.csv")] if self.folder else []
        return tuple(sorted({*self.paths, *kept}))

    def download_stem(self, product: str) -> str:
        """How the names of files with downloads of a product begin: with the product and the area."""
        return "_".join([product, *(f"{edge:g}" for edge in self.area or ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCoverSource:
    """Daily cloud cover at points."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WindSource:
    """Wind and boundary-layer height on a grid."""

    path: Path
    """A netCDF file or a Zarr store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelHubSource:
    """Scenes from a Sentinel Hub service."""

    sensors: tuple[str, ...]
    """Keys into ``SENSORS``."""
    base_url: str
    """Where the service is; empty for the embedded emulator."""
    token_url: str
    """Where it gives tokens."""
    days: tuple[Days, ...] = ()
    """UTC days to retrieve; empty: the project's days."""
    site_ids: tuple[str, ...] = ()
    """Sites to retrieve for; empty: all of the project."""
    processing_units: float | None = None
    """Most that the archive may have cost, all runs together; none: no limit of the project's own."""
    requests: int | None = None
    """Most requests, likewise."""
    units_per_minute: float = 300.0
    """What the account may spend in a minute."""
    requests_per_minute: float = 300.0
    connections: int = 4
    """Requests under way at once."""

    @property
    def is_embedded(self) -> bool:
        """Whether the emulator that comes with satverify serves it, in this process."""
        return not self.base_url


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlace:
    """Where scenes are kept."""

    path: str
    """An absolute folder, or an ``s3://`` prefix."""
    endpoint_url: str | None = None
    """The object store, where it is not Amazon's."""

    @property
    def storage_options(self) -> dict[str, Any]:
        """What the file system of the store is told."""
        return {"client_kwargs": {"endpoint_url": self.endpoint_url}} if self.endpoint_url else {}


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
    wind: tuple[WindSource, ...] = ()
    sentinelhub: tuple[SentinelHubSource, ...] = ()
    archive: ArchivePlace | None = None
    """Where the scenes of ``sentinelhub`` are kept; given where there is such a source."""
    classifier: Path | None = None
    """Folder of the model that makes looks of scenes; none: the one that ships with satverify."""
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
        read = [path for source in self.firms for path in source.files] + [source.path for source in self.cloud_cover]
        return tuple(sorted({path for path in [*named, *read] if path is not None}))

    @property
    def needs_fetching(self) -> bool:
        """Whether some source is a service."""
        return bool(self.sentinelhub) or any(source.download for source in self.firms)

    def shown(self, path: Path) -> str:
        """``path`` as outputs name it: relative to the project's folder where it lies there, else its bare name."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else path.name
