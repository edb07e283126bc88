"""The collections' bands: units, resolution, and what the numbers of a product mean.

What a provider hands out is in the product's own numbers; a unit here says how the service's number follows from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

DATA_MASK = "dataMask"


class Origin(StrEnum):
    """Where the values of a band come from."""

    MEASURED = "measured"
    """Read from the product; may be interpolated."""
    FLAGS = "flags"
    """Read from the product; codes and bits, which are never interpolated."""
    SUN_ZENITH = "sun zenith"
    """Computed from time and place."""
    SUN_AZIMUTH = "sun azimuth"
    """Computed from time and place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit in which a band can be asked for."""

    name: str
    """As evalscripts have it, in capitals."""
    scale: float = 1.0
    """Value per number of the product; multiplied in double precision where the script reads it."""
    irradiance: float = 0.0
    """Solar irradiance of the band, where reflectance is made from radiance. [mW m-2 nm-1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a collection."""

    name: str
    units: tuple[Unit, ...]
    """The first is the default."""
    resolution: float
    """Edge of a pixel of the product. [m]"""
    origin: Origin = Origin.MEASURED
    has_offset: bool = False
    """Whether the counts carry an offset from processing baseline 04.00 on."""
    product: str = ""
    """Sentinel-5P product that it belongs to."""

    def unit(self, name: str | None) -> Unit | None:
        """The unit of that name in any case, the default one for no name, none where the band is not to be had so."""
        if name is None:
            return self.units[0]
        return next((unit for unit in self.units if unit.name == name.upper()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection of the service."""

    name: str
    """As requests have it, such as ``sentinel-2-l1c``."""
    short_name: str
    """As error messages have it, and older requests, such as ``S2L1C``."""
    bands: MappingProxyType[str, Band]
    normalization_factor: float = 1.0
    """What scripts find in ``inputMetadata``: reflectance per count."""
    is_nan_outside: bool = False
    """Whether bands are NaN rather than 0 where there are no data."""
    has_tiles: bool = True
    """Whether scripts may ask for mosaicking ``TILE``."""
    uses_upsampling_only: bool = False
    """Whether ``upsampling`` names the interpolation at every resolution."""
    id_property: str = ""
    """Property of a scene's metadata that holds the product's id, where there is one."""
    aliases: tuple[str, ...] = field(default=())
    """Older names in requests."""

    @property
    def reference_band(self) -> Band:
        """The band that tells where there are data when no other is read."""
        return next(band for band in self.bands.values() if band.origin is Origin.MEASURED)


DN, DEGREES, PERCENT, KELVIN = Unit(name="DN"), Unit(name="DEGREES"), Unit(name="PERCENT"), Unit(name="KELVIN")
REFLECTANCE, INDEX, TEMPERATURE = Unit(name="REFLECTANCE"), Unit(name="INDEX"), Unit(name="BRIGHTNESS_TEMPERATURE")
COUNTS_TO_REFLECTANCE = 0.0001

SLSTR_IRRADIANCE = MappingProxyType(
    {"S1": 1837.39, "S2": 1525.94, "S3": 956.17, "S4": 365.90, "S5": 248.33, "S6": 78.33}
)
"""At one astronomical unit. [mW m-2 nm-1] ESA SNAP, Sentinel-3 toolbox, Rad2ReflConstants SLSTR_SOLAR_FLUXES_DEFAULT"""


def _table(bands: Iterable[Band]) -> MappingProxyType[str, Band]:
    return MappingProxyType({band.name: band for band in bands})


def _sun(zenith: str, azimuth: str, resolution: float) -> list[Band]:
    named = ((zenith, Origin.SUN_ZENITH), (azimuth, Origin.SUN_AZIMUTH))
    return [Band(name=name, units=(DEGREES,), resolution=resolution, origin=origin) for name, origin in named]


def _view(names: Iterable[str], resolution: float) -> list[Band]:
    return [Band(name=name, units=(DEGREES,), resolution=resolution) for name in names]


def _flags(names: Iterable[str], resolution: float) -> list[Band]:
    return [Band(name=name, units=(DN,), resolution=resolution, origin=Origin.FLAGS) for name in names]


MSI_RESOLUTION = MappingProxyType(
    {
        **dict.fromkeys(("B02", "B03", "B04", "B08"), 10.0),
        **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 20.0),
        **dict.fromkeys(("B01", "B09", "B10"), 60.0),
    }
)
MSI_UNITS = (Unit(name="REFLECTANCE", scale=COUNTS_TO_REFLECTANCE), DN)


def _sentinel_2(level: str, without: str, more: Iterable[Band]) -> Collection:
    optical = [
        Band(name=name, units=MSI_UNITS, resolution=resolution, has_offset=True)
        for name, resolution in sorted(MSI_RESOLUTION.items())
        if name != without
    ]
    angles = [
        *_sun("sunZenithAngles", "sunAzimuthAngles", 5000),
        *_view(("viewZenithMean", "viewAzimuthMean"), 5000),
    ]
    return Collection(
        name=f"sentinel-2-{level.lower()}",
        short_name=f"S2{level}",
        bands=_table([*optical, *more, *angles]),
        normalization_factor=COUNTS_TO_REFLECTANCE,
        aliases=(f"S2{level}",),
    )


def _slstr() -> Collection:
    solar = [
        Band(
            name=name,
            units=(Unit(name="REFLECTANCE", irradiance=irradiance), Unit(name="RADIANCE")),
            resolution=500,
        )
        for name, irradiance in SLSTR_IRRADIANCE.items()
    ]
    thermal = [Band(name=name, units=(TEMPERATURE, KELVIN), resolution=1000) for name in ("S7", "S8", "S9", "F1", "F2")]
    return Collection(
        name="sentinel-3-slstr",
        short_name="S3SLSTR",
        bands=_table([*solar, *thermal]),
        uses_upsampling_only=True,
        aliases=("S3SLSTR",),
    )


def _slstr_l2() -> Collection:
    measured = [
        Band(name="LST", units=(KELVIN,), resolution=1000),
        Band(name="LST_uncertainty", units=(KELVIN,), resolution=1000),
        Band(name="NDVI", units=(INDEX,), resolution=1000),
    ]
    return Collection(
        name="sentinel-3-slstr-l2",
        short_name="S3SLSTRL2",
        bands=_table([*measured, *_flags(("CLOUD", "BAYES", "POINTING", "CONFIDENCE"), 1000)]),
        uses_upsampling_only=True,
        id_property="sentinel3ProductId",
        aliases=("S3SLSTRL2",),
    )


S5P_BANDS = (
    ("NO2", "NO2", "MOL_M2"),
    ("CO", "CO", "MOL_M2"),
    ("HCHO", "HCHO", "MOL_M2"),
    ("O3", "O3", "MOL_M2"),
    ("SO2", "SO2", "MOL_M2"),
    ("CH4", "CH4", "PPB"),
    ("AER_AI_340_380", "AER_AI", "INDEX"),
    ("AER_AI_354_388", "AER_AI", "INDEX"),
    ("CLOUD_BASE_PRESSURE", "CLOUD", "PASCALS"),
    ("CLOUD_TOP_PRESSURE", "CLOUD", "PASCALS"),
    ("CLOUD_BASE_HEIGHT", "CLOUD", "METERS"),
    ("CLOUD_TOP_HEIGHT", "CLOUD", "METERS"),
    ("CLOUD_OPTICAL_THICKNESS", "CLOUD", "OPTICAL_DEPTH"),
    ("CLOUD_FRACTION", "CLOUD", "FRACTION"),
)
"""Band, product and unit; sentinelhub-py says ``DN`` instead, which gives the same numbers."""


def _sentinel_5p() -> Collection:
    bands = [
        Band(name=name, units=(Unit(name=unit), DN), resolution=5500, product=product)
        for name, product, unit in S5P_BANDS
    ]
    return Collection(
        name="sentinel-5p-l2",
        short_name="S5PL2",
        bands=_table(bands),
        has_tiles=False,
        uses_upsampling_only=True,
        id_property="sentinel5pProductId",
        aliases=("S5PL2",),
    )


def _landsat() -> Collection:
    optical = [
        Band(name=f"B{number:02d}", units=(REFLECTANCE,), resolution=15.0 if number == 8 else 30.0)
        for number in range(1, 10)
    ]
    thermal = [Band(name=name, units=(TEMPERATURE, KELVIN), resolution=30) for name in ("B10", "B11")]
    angles = [*_sun("SZA", "SAA", 30), *_view(("VZA", "VAA"), 30)]
    return Collection(
        name="landsat-ot-l1",
        short_name="LOTL1",
        bands=_table([*optical, *thermal, *_flags(("BQA", "QA_RADSAT"), 30), *angles]),
        is_nan_outside=True,
        id_property="landsatOliTirsProductId",
        aliases=("LOTL1",),
    )


_L2A = [
    Band(name="AOT", units=(Unit(name="OPTICAL_DEPTH", scale=0.001), DN), resolution=10),
    *_flags(("SCL",), 20),
    Band(name="SNW", units=(PERCENT,), resolution=20),
    Band(name="CLD", units=(PERCENT,), resolution=20),
]
_COLLECTIONS = (
    _sentinel_2("L1C", "", ()),
    _sentinel_2("L2A", "B10", _L2A),
    _slstr(),
    _slstr_l2(),
    _sentinel_5p(),
    _landsat(),
)

COLLECTIONS = MappingProxyType(
    {name: collection for collection in _COLLECTIONS for name in (collection.name, *collection.aliases)}
)
"""Collections by every name that a request may give them."""
