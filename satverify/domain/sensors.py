"""The sensors whose scenes are retrieved: what is asked of the service for each, and what its stored numbers mean.

A new sensor on Sentinel Hub is an entry here. Bands carry STAC common names where one exists; the
service's own names stand in this file only. Every band is stored as unsigned 16-bit numbers:
value = number * scale + offset, and ``NODATA`` where nothing was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

NODATA = 65535
"""Stored where a band holds no measurement."""


class Mosaicking(StrEnum):
    """How the service puts a request's scenes together."""

    ORBIT = "ORBIT"
    """One scene per UTC day."""
    TILE = "TILE"
    """One scene per product; those of one overpass are put together by the evalscript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a sensor as it is asked for and stored."""

    name: str
    """STAC common name, or satverify's own where there is none; see TERMS.md."""
    source: str
    """The service's name, such as ``B8A``."""
    source_unit: str
    """Unit asked of the service, such as ``DN`` or ``BRIGHTNESS_TEMPERATURE``."""
    unit: str
    """Unit of the value, in the spelling of UDUNITS, such as ``W m-2 sr-1 um-1``."""
    factor: float = 1.0
    """Value per unit of what the service gives."""
    scale: float = 1.0
    """Value per stored number. Rounding costs at most half of it."""
    offset: float = 0.0
    """Value of the stored number 0."""
    long_name: str = ""
    """What it is, in words."""
    standard_name: str = ""
    """CF standard name, where one exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One kind of scene: a collection of the service, its bands, its pixels, and how a request for it is made."""

    name: str
    """As project files have it, such as ``sentinel-2-l1c``."""
    collection: str
    """The service's name of the collection, such as ``sentinel-5p-l2``."""
    bands: tuple[Band, ...]
    """What is stored, in this order."""
    pixel: float
    """Edge of a pixel. [m]"""
    lattice: float = 0.0
    """Where edges of pixels lie: at whole pixels from this easting and northing. [m]"""
    margin: float
    """How far beyond the outline of a site its scenes reach. [m]"""
    mosaicking: Mosaicking
    satellites: tuple[str, ...]
    """Platforms in the catalogue's spelling, such as ``sentinel-2a``."""
    data_filter: tuple[tuple[str, str], ...] = ()
    """Entries of the request's ``dataFilter``, such as ``orbitDirection``."""
    processing: tuple[tuple[str, str | int | bool], ...] = ()
    """Entries of the request's ``processing``, such as ``minQa``."""
    catalogue_filter: str = ""
    """CQL2 text that the catalogue search gets, such as ``sat:orbit_state = 'ascending'``."""
    is_shared: bool = False
    """Whether neighbouring sites share one box, because pixels are coarse and a request has a least cost."""
    since: date = date(2015, 1, 1)
    """First day of the service's archive."""
    is_ascending: bool = False
    """Half of the orbit on which it looks: northward or southward. Northward is night for Sentinel-3."""
    has_timeliness: bool = False
    """Whether products come in versions of different timeliness, which replace each other for weeks."""


def _reflectance(name: str, source: str, long_name: str) -> Band:
    return Band(
        name=name,
        source=source,
        source_unit="DN",
        unit="1",
        factor=1e-4,
        scale=1e-4,  # counts are kept as they are
        long_name=long_name,
        standard_name="toa_bidirectional_reflectance",
    )


def _landsat(name: str, source: str, long_name: str) -> Band:
    return Band(
        name=name,
        source=source,
        source_unit="REFLECTANCE",
        unit="1",
        scale=1e-4,  # to 6.4: saturated pixels under a low sun lie far above 1
        offset=-0.1,
        long_name=long_name,
        standard_name="toa_bidirectional_reflectance",
    )


def _radiance(name: str, source: str, long_name: str) -> Band:
    return Band(
        name=name,
        source=source,
        source_unit="RADIANCE",
        unit="W m-2 sr-1 um-1",  # the service's mW m-2 sr-1 nm-1 is the same unit
        scale=0.002,
        offset=-1.0,
        long_name=long_name,
        standard_name="toa_outgoing_radiance_per_unit_wavelength",
    )


def _temperature(name: str, source: str, long_name: str) -> Band:
    return Band(
        name=name,
        source=source,
        source_unit="BRIGHTNESS_TEMPERATURE",
        unit="K",
        scale=0.01,
        long_name=long_name,
        standard_name="toa_brightness_temperature",
    )


def _code(name: str, source: str, long_name: str) -> Band:
    return Band(name=name, source=source, source_unit="DN", unit="1", long_name=long_name)


SENTINEL_2 = ("sentinel-2a", "sentinel-2b", "sentinel-2c")
SENTINEL_3 = ("sentinel-3a", "sentinel-3b")
SENTINEL_5P = ("sentinel-5p",)
LANDSAT = ("landsat-8", "landsat-9")

SLSTR_BANDS = (
    _radiance("swir16", "S5", "SLSTR S5, 1.61 um"),
    _radiance("swir22", "S6", "SLSTR S6, 2.25 um"),
    _temperature("mir37", "S7", "SLSTR S7, 3.74 um"),
    _temperature("lwir11", "S8", "SLSTR S8, 10.85 um"),
    _temperature("lwir12", "S9", "SLSTR S9, 12.02 um"),
    _temperature("fire37", "F1", "SLSTR F1, 3.74 um, wide range"),
)

_SLSTR_NIGHT = Sensor(
    name="sentinel-3-slstr",
    collection="sentinel-3-slstr",
    bands=SLSTR_BANDS,
    pixel=500,
    margin=7500,
    mosaicking=Mosaicking.TILE,
    satellites=SENTINEL_3,
    data_filter=(("orbitDirection", "ASCENDING"),),
    processing=(("view", "NADIR"),),
    catalogue_filter="sat:orbit_state = 'ascending'",
    is_shared=True,
    since=date(2016, 4, 19),
    is_ascending=True,
)

_SENSORS = (
    Sensor(
        name="sentinel-2-l1c",
        collection="sentinel-2-l1c",
        bands=(
            _reflectance("blue", "B02", "MSI B2, 0.49 um"),
            _reflectance("nir08", "B8A", "MSI B8A, 0.86 um"),
            _reflectance("cirrus", "B10", "MSI B10, 1.37 um"),
            _reflectance("swir16", "B11", "MSI B11, 1.61 um"),
            _reflectance("swir22", "B12", "MSI B12, 2.19 um"),
        ),
        pixel=20,
        margin=500,
        mosaicking=Mosaicking.ORBIT,
        satellites=SENTINEL_2,
        processing=(("harmonizeValues", True),),
    ),
    Sensor(
        name="sentinel-2-l2a",
        collection="sentinel-2-l2a",
        bands=(_code("scene_classification", "SCL", "Sen2Cor scene classification"),),
        pixel=20,
        margin=500,
        mosaicking=Mosaicking.ORBIT,
        satellites=SENTINEL_2,
    ),
    _SLSTR_NIGHT,
    replace(
        _SLSTR_NIGHT,
        name="sentinel-3-slstr-day",
        data_filter=(("orbitDirection", "DESCENDING"),),
        catalogue_filter="sat:orbit_state = 'descending'",
        is_ascending=False,
    ),
    Sensor(
        name="sentinel-3-slstr-l2",
        collection="sentinel-3-slstr-l2",
        bands=(
            _code("cloud_flags", "CLOUD", "SLSTR L2 cloud_in flags"),
            _code("bayes_flags", "BAYES", "SLSTR L2 bayes_in flags"),
            _code("confidence_flags", "CONFIDENCE", "SLSTR L2 confidence_in flags"),
        ),
        pixel=1000,
        margin=7500,
        mosaicking=Mosaicking.TILE,
        satellites=SENTINEL_3,
        data_filter=(("orbitDirection", "ASCENDING"),),
        catalogue_filter="sat:orbit_state = 'ascending'",
        is_shared=True,
        since=date(2018, 5, 1),
        is_ascending=True,
    ),
    Sensor(
        name="sentinel-5p-no2",
        collection="sentinel-5p-l2",
        bands=(
            Band(
                name="no2_tropospheric_column",
                source="NO2",
                source_unit="MOL_M2",
                unit="mol m-2",
                scale=1e-7,
                offset=-1e-3,
                long_name="TROPOMI tropospheric NO2 column",
                standard_name="troposphere_mole_content_of_nitrogen_dioxide",
            ),
        ),
        pixel=2500,
        margin=75_000,
        mosaicking=Mosaicking.ORBIT,
        satellites=SENTINEL_5P,
        processing=(("minQa", 75),),
        catalogue_filter="s5p:type = 'NO2'",
        is_shared=True,
        since=date(2018, 4, 30),
        is_ascending=True,
        has_timeliness=True,
    ),
    Sensor(
        name="sentinel-5p-cloud",
        collection="sentinel-5p-l2",
        bands=(
            Band(
                name="cloud_fraction",
                source="CLOUD_FRACTION",
                source_unit="FRACTION",
                unit="1",
                scale=1e-4,
                long_name="TROPOMI effective radiometric cloud fraction",
                standard_name="cloud_area_fraction",
            ),
        ),
        pixel=2500,
        margin=75_000,
        mosaicking=Mosaicking.ORBIT,
        satellites=SENTINEL_5P,
        processing=(("minQa", 0),),  # it is to say why there is no NO2
        catalogue_filter="s5p:type = 'CLOUD'",
        is_shared=True,
        since=date(2018, 4, 30),
        is_ascending=True,
        has_timeliness=True,
    ),
    Sensor(
        name="landsat-ot-l1",
        collection="landsat-ot-l1",
        bands=(
            _landsat("nir08", "B05", "OLI B5, 0.86 um"),
            _landsat("swir16", "B06", "OLI B6, 1.61 um"),
            _landsat("swir22", "B07", "OLI B7, 2.20 um"),
            _temperature("lwir11", "B10", "TIRS B10, 10.9 um"),
            _code("quality_flags", "BQA", "Landsat QA_PIXEL flags"),
        ),
        pixel=30,
        lattice=15,  # Collection 2 has the centres of its pixels at whole multiples of 30 m, not their edges
        margin=510,
        mosaicking=Mosaicking.ORBIT,
        satellites=LANDSAT,
        since=date(2021, 1, 1),
    ),
)

SENSORS = MappingProxyType({sensor.name: sensor for sensor in _SENSORS})
"""All sensors by name."""
