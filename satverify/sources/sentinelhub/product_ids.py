"""What the names of products say, for where a catalogue does not say it.

References
----------
Sentinel-2 Products Specification Document, 3.4; Sentinel-3 PDGS File Naming Convention; Sentinel-5P Level 2 product
user manuals, file name convention; Landsat Collection 2, product identifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

TIME = r"\d{8}T\d{6}"
SENTINEL_2 = re.compile(
    rf"S2(?P<unit>[A-D])_(?P<type>MSIL\w\w)_(?P<time>{TIME})_N(?P<major>\d\d)(?P<minor>\d\d)_R(?P<track>\d{{3}})_"
)
SENTINEL_3 = re.compile(
    rf"S3(?P<unit>[A-D])_(?P<type>\w\w_\d_\w{{3}})_+(?P<time>{TIME})_{TIME}_(?:{TIME}_)?\d{{4}}_\d{{3}}_(?P<track>\d{{3}})"
    r"(?:_.*_(?P<baseline>\d{3})(?:\.SEN3)?$)?"
)
SENTINEL_5P = re.compile(
    rf"S5P_(?P<timeliness>[A-Z0-9]{{4}})_L2__(?P<type>\w{{6}})_(?P<time>{TIME})_{TIME}_(?P<orbit>\d+)_\d\d_(?P<version>\d{{6}})_"
)
LANDSAT = re.compile(r"L[COTEM]0(?P<unit>\d)_(?P<type>L\d\w\w)_\d{6}_(?P<day>\d{8})_\d{8}_(?P<baseline>\d\d)_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a product's name says; empty or none where it does not."""

    platform: str = ""
    time: datetime | None = None
    """UTC; none where the name has only the day."""
    relative_orbit: int | None = None
    absolute_orbit: int | None = None
    product_type: str = ""
    timeliness: str = ""
    processing_baseline: str = ""


def named(product_id: str) -> Named:
    """Read a product's name; nothing is known of a name of another form."""
    if found := SENTINEL_2.match(product_id):
        return Named(
            platform=f"sentinel-2{found['unit'].lower()}",
            time=_time(found["time"]),
            relative_orbit=int(found["track"]),
            product_type=found["type"],
            processing_baseline=f"{found['major']}.{found['minor']}",
        )
    if found := SENTINEL_3.match(product_id):
        return Named(
            platform=f"sentinel-3{found['unit'].lower()}",
            time=_time(found["time"]),
            relative_orbit=int(found["track"]),
            product_type=found["type"],
            processing_baseline=found["baseline"] or "",
        )
    if found := SENTINEL_5P.match(product_id):
        version = found["version"]
        return Named(
            platform="sentinel-5p",
            time=_time(found["time"]),
            absolute_orbit=int(found["orbit"]),
            product_type=found["type"].strip("_"),
            timeliness=found["timeliness"],
            processing_baseline=f"{version[:2]}.{version[2:4]}.{version[4:]}",
        )
    if found := LANDSAT.match(product_id):
        return Named(
            platform=f"landsat-{found['unit']}", product_type=found["type"], processing_baseline=found["baseline"]
        )
    return Named()


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
