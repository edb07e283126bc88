"""The collections of the service as its catalogue describes them.

What a collection is called, what can be asked of it and how it is summarised; wavelengths are those of the
instruments' published spectral responses [um].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

SCIENTIFIC = "https://stac-extensions.github.io/scientific/v1.0.0/schema.json"
EO = "https://stac-extensions.github.io/eo/v1.0.0/schema.json"
SAT = "https://stac-extensions.github.io/sat/v1.0.0/schema.json"
PROJECTION = "https://stac-extensions.github.io/projection/v1.0.0/schema.json"
S5P = "https://docs.sentinel-hub.com/api/latest/stac/s5p/v1.0.0/schema.json"
LANDSAT = "https://landsat.usgs.gov/stac/landsat-extension/v1.1.1/schema.json"

CLOUD_COVER = MappingProxyType({"eo:cloud_cover": float})
ORBIT_STATE = MappingProxyType({"sat:orbit_state": str})

BandRow = tuple[str, str, float, float]
"""Name, STAC common name, centre and full width at half maximum [um]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What the catalogue says of one collection."""

    name: str
    """The service's name, such as ``sentinel-2-l1c``."""
    title: str
    description: str
    since: str
    """First time in the archive. UTC, RFC 3339"""
    south: float = -85.0
    """Southernmost latitude. [degree]"""
    north: float = 85.0
    """Northernmost latitude. [degree]"""
    instrument: str = ""
    constellation: str = ""
    gsd: int = 0
    """Ground sampling distance, as the catalogue has it. [m]"""
    platforms: tuple[str, ...] = ()
    extensions: tuple[str, ...] = (SCIENTIFIC,)
    """Of the collection's own document."""
    item_extensions: tuple[str, ...] = ()
    bands: tuple[BandRow, ...] = ()
    queryables: Mapping[str, type] = field(default_factory=lambda: MappingProxyType({}))
    """Types of the properties that a filter can ask for."""
    distinct: tuple[str, ...] = ("date",)
    """What ``distinct`` can be asked of."""
    summaries: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Further summaries."""

    def summary(self) -> dict[str, Any]:
        """The ``summaries`` of its document."""
        parts: dict[str, Any] = {
            "platform": list(self.platforms),
            "instrument": [self.instrument] if self.instrument else [],
            "constellation": [self.constellation] if self.constellation else [],
            "gsd": [self.gsd] if self.gsd else [],
            **self.summaries,
            "eo:bands": [_band(*row) for row in self.bands],
        }
        return {name: part for name, part in parts.items() if part}


def _band(name: str, common_name: str, center: float, width: float) -> dict[str, Any]:
    named = {"name": name, "common_name": common_name} if common_name else {"name": name}
    return {**named, "center_wavelength": center, "full_width_half_max": width}


MSI: tuple[BandRow, ...] = (
    ("B01", "coastal", 0.4427, 0.021),
    ("B02", "blue", 0.4924, 0.066),
    ("B03", "green", 0.5598, 0.036),
    ("B04", "red", 0.6646, 0.031),
    ("B05", "", 0.7041, 0.015),
    ("B06", "", 0.7405, 0.015),
    ("B07", "", 0.7828, 0.02),
    ("B08", "nir", 0.8328, 0.106),
    ("B8A", "nir08", 0.8647, 0.021),
    ("B09", "nir09", 0.9451, 0.02),
    ("B10", "cirrus", 1.3735, 0.031),
    ("B11", "swir16", 1.6137, 0.091),
    ("B12", "swir22", 2.2024, 0.175),
)
SLSTR: tuple[BandRow, ...] = (
    ("S01", "", 0.55427, 0.01926),
    ("S02", "", 0.65947, 0.01925),
    ("S03", "", 0.868, 0.0206),
    ("S04", "", 1.3748, 0.0208),
    ("S05", "", 1.6134, 0.06068),
    ("S06", "", 2.2557, 0.05015),
    ("S07", "", 3.742, 0.398),
    ("S08", "", 10.854, 0.776),
    ("S09", "", 12.0225, 0.905),
    ("F01", "", 3.742, 0.398),
    ("F02", "", 10.854, 0.776),
)
OLI_TIRS: tuple[BandRow, ...] = (
    ("B01", "coastal", 0.443, 0.016),
    ("B02", "blue", 0.482, 0.06),
    ("B03", "green", 0.561, 0.057),
    ("B04", "red", 0.655, 0.037),
    ("B05", "nir08", 0.865, 0.028),
    ("B06", "swir16", 1.609, 0.085),
    ("B07", "swir22", 2.201, 0.187),
    ("B08", "pan", 0.59, 0.172),
    ("B09", "cirrus", 1.373, 0.02),
    ("B10", "lwir11", 10.895, 0.588),
    ("B11", "lwir12", 12.005, 1.011),
)
S5P_TYPES = ("O3", "O3_TCL", "O3_PR", "O3_TPR", "NO2", "SO2", "CO", "CH4", "HCHO", "CLOUD", "AER_AI", "AER_LH")
BOTH_ORBIT_STATES = MappingProxyType({"sat:orbit_state": ["ascending", "descending"]})
CLOUD_RANGE = MappingProxyType({"eo:cloud_cover": {"minimum": 0, "maximum": 100}})


def _sentinel_2(level: str, since: str, bands: tuple[BandRow, ...]) -> Collection:
    return Collection(
        name=f"sentinel-2-{level.lower()}",
        title=f"Sentinel 2 {level}",
        description=f"Sentinel 2 imagery processed to level {level[1:]}",
        since=since,
        south=-56.0,
        north=83.0,
        instrument="msi",
        constellation="sentinel-2",
        gsd=10,
        platforms=("sentinel-2a", "sentinel-2b", "sentinel-2c"),
        extensions=(SCIENTIFIC, EO),
        item_extensions=(EO, PROJECTION),
        bands=bands,
        queryables=CLOUD_COVER,
        summaries=CLOUD_RANGE,
    )


def _slstr(name: str, title: str, description: str, since: str, bands: tuple[BandRow, ...]) -> Collection:
    return Collection(
        name=name,
        title=title,
        description=description,
        since=since,
        instrument="slstr",
        gsd=1000,
        platforms=("sentinel-3",),
        extensions=(SCIENTIFIC, SAT, EO),
        item_extensions=(EO, SAT),
        bands=bands,
        queryables=MappingProxyType({**CLOUD_COVER, **ORBIT_STATE}),
        distinct=("date", "sat:orbit_state"),
        summaries=BOTH_ORBIT_STATES,
    )


_COLLECTIONS = (
    _sentinel_2("L1C", "2015-11-01T00:00:00Z", MSI),
    _sentinel_2("L2A", "2016-11-01T00:00:00Z", tuple(row for row in MSI if row[0] != "B10")),
    _slstr(
        "sentinel-3-slstr",
        "Sentinel 3 SLSTR",
        "Sentinel 3 imagery captured by SLSTR sensor",
        "2016-04-17T11:33:13Z",
        SLSTR,
    ),
    _slstr(
        "sentinel-3-slstr-l2",
        "Sentinel 3 SLSTR L2",
        "Sentinel 3 land surface temperature by SLSTR sensor",
        "2018-05-01T00:00:00Z",
        (),
    ),
    Collection(
        name="sentinel-5p-l2",
        title="Sentinel 5 Precursor",
        description="Sentinel 5 Precursor imagery captured by TROPOMI sensor",
        since="2018-04-30T00:18:50Z",
        instrument="tropomi",
        gsd=7000,
        platforms=("sentinel-5p",),
        extensions=(SCIENTIFIC, SAT, S5P),
        item_extensions=(SAT, S5P),
        queryables=MappingProxyType({"sat:absolute_orbit": int, "s5p:timeliness": str, "s5p:type": str}),
        distinct=("date", "s5p:type"),
        summaries=MappingProxyType(
            {**BOTH_ORBIT_STATES, "s5p:type": list(S5P_TYPES), "s5p:timeliness": ["NRTI", "OFFL", "RPRO"]}
        ),
    ),
    Collection(
        name="landsat-ot-l1",
        title="Landsat 8-9 Collection 2 OLI-TIRS L1",
        description="Landsat 8-9 Collection 2 imagery processed to level 1",
        since="2021-01-01T00:00:00Z",
        instrument="oli",
        constellation="landsat",
        gsd=30,
        platforms=("landsat-8", "landsat-9"),
        extensions=(SCIENTIFIC, EO, LANDSAT),
        item_extensions=(EO, PROJECTION, LANDSAT),
        bands=OLI_TIRS,
        queryables=MappingProxyType({**CLOUD_COVER, "landsat:scene_id": str, "landsat:collection_category": str}),
        summaries=CLOUD_RANGE,
    ),
)

COLLECTIONS = MappingProxyType({collection.name: collection for collection in _COLLECTIONS})
"""Known collections by name."""


def collection_of(name: str) -> Collection:
    """What is known of a collection; little of one that is not in the table."""
    known = COLLECTIONS.get(name)
    return known or Collection(
        name=name, title=name, description=name, since="2013-01-01T00:00:00Z", south=-90, north=90
    )
