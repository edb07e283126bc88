"""Which variable of a file is which wind: by CF standard name first, then by the names that archives are known to use.

Only components along parallels and meridians are taken. Speed and direction are not: ``wind_direction`` means where the
wind comes from in one file, where it goes to in the next, and the angle from east in a third.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Attributes = Mapping[str, object]


class Quantity(StrEnum):
    """What a variable may hold."""

    EASTWARD = "eastward_wind"
    NORTHWARD = "northward_wind"
    BOUNDARY_LAYER = "atmosphere_boundary_layer_thickness"

    @property
    def unit(self) -> str:
        """Unit in the spelling of UDUNITS."""
        return "m" if self is Quantity.BOUNDARY_LAYER else "m s-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What the name and the attributes of a variable say."""

    quantity: Quantity
    height: float | None
    """Height above ground, where they say. [m]"""


STANDARD_NAMES = MappingProxyType(
    {
        "eastward_wind": Quantity.EASTWARD,
        "northward_wind": Quantity.NORTHWARD,
        "x_wind": Quantity.EASTWARD,  # along the grid's axes, which are parallels and meridians where this is asked
        "y_wind": Quantity.NORTHWARD,
        "atmosphere_boundary_layer_thickness": Quantity.BOUNDARY_LAYER,
    }
)
BOUNDARY_LAYER_NAMES = frozenset(
    {
        "blh",  # ERA5
        "boundary_layer_height",  # CDS, ARCO-ERA5
        "hpbl",  # NCEP
        "hpbl_surface",  # NCEP by wgrib2
        "planetary_boundary_layer_height_surface",  # NCEP by THREDDS
        "pblh",  # MERRA-2
    }
)
_COMPONENT = "(?P<component>[uv])"
_HEIGHT = r"(?P<height>\d{1,3})"
COMPONENT_NAMES = (
    rf"{_COMPONENT}_?{_HEIGHT}m?",  # u10: ERA5; U10M: MERRA-2
    rf"{_HEIGHT}m?_?{_COMPONENT}",  # 10u: GRIB short name
    rf"{_HEIGHT}m?_{_COMPONENT}_component_of_wind",  # CDS, ARCO-ERA5
    rf"{_HEIGHT}_(metre|meter)_{_COMPONENT}_wind_component",  # ECMWF's long name as a name
    rf"{_COMPONENT}grd_{_HEIGHT}_?m_?above_?ground",  # NCEP by wgrib2
    rf"{_COMPONENT}(grd)?",  # height said elsewhere
    rf"{_COMPONENT}-?_?(component_of_)?_?wind(_height_above_ground)?",  # u_wind; u-component_of_wind_…: THREDDS
    rf"{_COMPONENT}-component_of_wind_height_above_ground",
)
_NAMES = tuple(re.compile(pattern, re.IGNORECASE) for pattern in COMPONENT_NAMES)
_SAID_HEIGHT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)[\s_-]*(?:m|metres?|meters?)(?![a-z])", re.IGNORECASE)
_NOT_MEANT = re.compile(r"neutral|gust|stress|anomal|tendency|divergent|geostrophic", re.IGNORECASE)
_SPEED_OR_DIRECTION = re.compile(r"wind_?(speed|(from_|to_)?direction)|\b(ws|wd|si)_?\d{1,3}\b", re.IGNORECASE)

_PER_SECOND = frozenset(
    {"ms-1", "ms**-1", "ms^-1", "m/s", "m.s-1", "m.s**-1", "m.s^-1", "ms⁻¹", "msec-1", "m/sec", "mpersecond"}
)


def meaning_of(name: str, attributes: Attributes) -> Meaning | None:
    """What a variable holds, or None where it is none of the quantities.

    Parameters
    ----------
    name
        Of the variable in its file.
    attributes
        Of the variable; ``standard_name``, ``GRIB_shortName``, ``long_name`` and ``level`` are looked at.
    """
    if _NOT_MEANT.search(f"{name} {_text(attributes, 'long_name')}") or re.fullmatch(r"[uv]\d+n", name, re.IGNORECASE):
        return None
    by_name = _meaning_by_name(name) or _meaning_by_name(_text(attributes, "GRIB_shortName"))
    quantity = STANDARD_NAMES.get(_text(attributes, "standard_name")) or (by_name.quantity if by_name else None)
    if quantity is None:
        return None
    if quantity is Quantity.BOUNDARY_LAYER:
        return Meaning(quantity=quantity, height=None)
    height = by_name.height if by_name else None
    return Meaning(quantity=quantity, height=_said_height(attributes) if height is None else height)


def is_speed_or_direction(name: str, attributes: Attributes) -> bool:
    """Whether a variable is wind as speed or direction, which is refused."""
    texts = (name, _text(attributes, "standard_name"), _text(attributes, "long_name").replace(" ", "_"))
    return any(_SPEED_OR_DIRECTION.search(text) for text in texts)


def is_unit_of(quantity: Quantity, unit: str) -> bool:
    """Whether ``unit`` is that of the quantity, in one of its many spellings."""
    plain = re.sub(r"meters?|metres?", "m", unit.strip().lower()).replace("seconds", "second")
    plain = plain.replace("/second", "/s").replace("second-1", "s-1").replace("·", ".")
    if quantity is Quantity.BOUNDARY_LAYER:
        return plain == "m"
    return re.sub(r"\s+", "", plain) in _PER_SECOND


def _meaning_by_name(name: str) -> Meaning | None:
    if name.lower() in BOUNDARY_LAYER_NAMES:
        return Meaning(quantity=Quantity.BOUNDARY_LAYER, height=None)
    match = next((found for pattern in _NAMES if (found := pattern.fullmatch(name))), None)
    if match is None:
        return None
    groups = match.groupdict()
    quantity = Quantity.EASTWARD if groups["component"].lower() == "u" else Quantity.NORTHWARD
    height = groups.get("height")
    return Meaning(quantity=quantity, height=float(height) if height else None)


def _said_height(attributes: Attributes) -> float | None:
    """Height in ``long_name`` or in wgrib2's ``level``, where exactly one is said. [m]"""
    for key in ("level", "long_name"):
        said = set(_SAID_HEIGHT.findall(_text(attributes, key)))
        if len(said) == 1:
            return float(said.pop())
    return None


def _text(attributes: Attributes, key: str) -> str:
    value = attributes.get(key, "")
    return value.strip() if isinstance(value, str) else ""
