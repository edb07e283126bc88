"""Rows of a FIRMS file as numbers: what each column can hold, and what a row must hold to be of use.

Column meanings: https://www.earthdata.nasa.gov/data/tools/firms/faq and the attribute tables it links to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from satverify.sources.columns import (
    IMPOSSIBLE,
    Codes,
    Floats,
    codes,
    coordinate,
    day_of,
    days_since_1970,
    not_negative,
    positive,
)
from satverify.sources.tables import Chunk, Column, RowCheck, RowLedger

COLUMNS: Final = (
    Column(name="latitude", also=("lat", "y"), is_required=True),
    Column(name="longitude", also=("lon", "long", "lng", "x"), is_required=True),
    Column(name="acq_date", also=("date", "acquisition_date"), is_required=True),
    Column(name="acq_time", also=("time", "acquisition_time")),
    Column(name="satellite"),
    Column(name="instrument", also=("sensor",)),
    Column(name="confidence"),
    Column(name="version", also=("collection",)),
    Column(name="bright_ti4", also=("brightness_ti4",)),
    Column(name="brightness"),
    Column(name="scan"),
    Column(name="track"),
    Column(name="frp", also=("fire_radiative_power", "power")),
    Column(name="daynight", also=("day_night",)),
)

SATELLITES: Final = {
    "N": ("n", "npp", "snpp", "suominpp", "suomi"),
    "N20": ("1", "n20", "j1", "jpss1", "noaa20"),
    "N21": ("2", "n21", "j2", "jpss2", "noaa21"),
    "Terra": ("t", "terra"),
    "Aqua": ("a", "aqua"),
}
"""Our name of each satellite, and what files call it once case, blanks and hyphens are gone."""
SENSOR_OF: Final = {"N": "viirs", "N20": "viirs", "N21": "viirs", "Terra": "modis", "Aqua": "modis"}
FIRST_DAY: Final = {
    "": date(2000, 2, 24),  # Terra MODIS, first light
    "N": date(2011, 11, 21),  # Suomi NPP VIIRS, first light
    "N20": date(2017, 12, 13),  # NOAA-20 VIIRS, first light
    "N21": date(2022, 12, 5),  # NOAA-21 VIIRS, first light
    "Terra": date(2000, 2, 24),
    "Aqua": date(2002, 6, 24),  # Aqua MODIS, first light
}
"""No detection can be older than its sensor; the empty name is for satellites not told."""
MODIS_NOMINAL, MODIS_HIGH = 30.0, 80.0  # [%] MODIS Collection 6 Active Fire Product User's Guide, section 4.3
DAY_SECONDS: Final = 86_400
UNKNOWN: Final = -1
"""The file does not tell."""
ARCHIVE, VERSION_UNKNOWN, NEAR_REAL_TIME, DATE_ONLY = range(4)
OBLIQUITY = 23.44  # [degree] of the Earth's axis, IAU
WINTER_SOLSTICE = 355.5  # [d] after 1 January 1970: 22 December 1970, 06:36 UTC is 355.3
TROPICAL_YEAR = 365.2422  # [d]

CLOCK_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?", re.ASCII)
COMPACT_TIME: Final = re.compile(r"(\d{1,4})(?:\.0+)?", re.ASCII)

SATELLITE_NAMES: Final = ("", *sorted(SATELLITES))
SENSOR_NAMES: Final = ("modis", "viirs")
CONFIDENCE_NAMES: Final = ("", "low", "nominal", "high")
DAY_NIGHT_NAMES: Final = ("", "D", "N")
CONFIDENCE_LETTERS: Final = "lnh"
CONFIDENCE_WORDS: Final = frozenset({*CONFIDENCE_LETTERS, *CONFIDENCE_NAMES[1:]})
SATELLITE_CODES: Final = {also: SATELLITE_NAMES.index(name) for name, alsos in SATELLITES.items() for also in alsos}
SENSOR_BY_SATELLITE: Final = np.array([UNKNOWN, *(SENSOR_NAMES.index(SENSOR_OF[name]) for name in SATELLITE_NAMES[1:])])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Detections as plain arrays of one length."""

    longitude: Floats
    latitude: Floats
    day: Codes
    """UTC days since 1970-01-01."""
    second: Codes
    """Seconds since UTC midnight, ``UNKNOWN`` where only the date is told."""
    sensor: Codes
    """Place in ``SENSOR_NAMES``."""
    satellite: Codes
    """Place in ``SATELLITE_NAMES``."""
    day_night: Codes
    """Place in ``DAY_NIGHT_NAMES``."""
    confidence: Codes
    """Place in ``CONFIDENCE_NAMES``."""
    scan: Floats
    track: Floats
    power: Floats
    rank: Codes
    """Which row of one detection is believed: ``ARCHIVE`` first, ``DATE_ONLY`` last."""


def reader_of(file: str, last: date) -> Callable[[Chunk, RowLedger], Rows]:
    """How to make rows of the chunks of ``file``; no detection may be later than ``last``."""

    def convert(chunk: Chunk, ledger: RowLedger) -> Rows:
        return _rows(file, chunk, ledger, last)

    return convert


def _rows(file: str, chunk: Chunk, ledger: RowLedger, last: date) -> Rows:
    check = RowCheck(file, chunk)
    latitude = coordinate(check, "latitude", 90.0)
    longitude = coordinate(check, "longitude", 180.0)
    day = codes(chunk, "acq_date", day_of, missing=IMPOSSIBLE)
    check.require(day != IMPOSSIBLE, "an acq_date such as 2023-01-31", "acq_date")
    second = codes(chunk, "acq_time", _second_of, missing=UNKNOWN)
    check.require(second != IMPOSSIBLE, "an acq_time between 0000 and 2359", "acq_time")
    sensor, satellite = _platform(check, ledger)
    first = np.array([days_since_1970(FIRST_DAY[name]) for name in SATELLITE_NAMES])[np.maximum(satellite, 0)]
    check.require(day >= first, "a date after the satellite's launch", "acq_date")
    check.require(day <= days_since_1970(last), "a date that is not in the future", "acq_date")
    confidence = codes(chunk, "confidence", _confidence_of, missing=0)
    if (confidence == IMPOSSIBLE).any():
        ledger.note(file, "confidence", "l, n, h or 0 to 100", "other values, taken as unknown")
    day_night = codes(chunk, "daynight", lambda text: DAY_NIGHT_NAMES.index(text[:1].upper()), missing=0)
    rank = codes(chunk, "version", _rank_of, missing=VERSION_UNKNOWN)
    check.settle(ledger)
    rows = Rows(
        longitude=longitude,
        latitude=latitude,
        day=day.astype(np.int32),
        second=second.astype(np.int32),
        sensor=sensor.astype(np.int8),
        satellite=satellite.astype(np.int8),
        day_night=_filled_day_night(day_night, longitude, latitude, day, second).astype(np.int8),
        confidence=np.maximum(confidence, 0).astype(np.int8),
        scan=positive(chunk, "scan"),
        track=positive(chunk, "track"),
        power=not_negative(chunk, "frp"),
        rank=np.where(second == UNKNOWN, DATE_ONLY, rank).astype(np.int8),
    )
    return rows if check.is_usable.all() else taken(rows, check.is_usable)


def taken(rows: Rows, chosen: npt.NDArray[Any]) -> Rows:
    """The chosen rows, by flags or by places."""
    return Rows(**{name: getattr(rows, name)[chosen] for name in Rows.__slots__})


def joined(parts: list[Rows]) -> Rows:
    """Rows of all parts, in their order; at least one part."""
    return Rows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Rows.__slots__})


def _second_of(text: str) -> int:
    found = CLOCK_TIME.fullmatch(text)
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    else:
        found = COMPACT_TIME.fullmatch(text)
        if not found:
            raise ValueError(text)
        (hour, minute), second = divmod(int(found[1]), 100), 0
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    return hour * 3600 + minute * 60 + second


def _confidence_of(text: str) -> int:
    if text[:1].lower() in CONFIDENCE_LETTERS and text.lower() in CONFIDENCE_WORDS:
        return CONFIDENCE_LETTERS.index(text[0].lower()) + 1
    percent = float(text)
    if not 0 <= percent <= 100:
        raise ValueError(text)
    return 1 + int(percent >= MODIS_NOMINAL) + int(percent >= MODIS_HIGH)


def _rank_of(text: str) -> int:
    return NEAR_REAL_TIME if text.upper().endswith("RT") else ARCHIVE


def _platform(check: RowCheck, ledger: RowLedger) -> tuple[Codes, Codes]:
    """Sensor and satellite of each row, from one another or from the columns where only some are told."""
    chunk = check.chunk
    satellite = codes(chunk, "satellite", _satellite_of, missing=0)
    check.require(satellite != IMPOSSIBLE, "a satellite among " + ", ".join(SATELLITES), "satellite")
    told = codes(chunk, "instrument", lambda text: SENSOR_NAMES.index(_squeezed(text)), missing=UNKNOWN)
    check.require(told != IMPOSSIBLE, "an instrument, VIIRS or MODIS", "instrument")
    carried = SENSOR_BY_SATELLITE[np.maximum(satellite, 0)]
    check.require(
        (told == UNKNOWN) | (carried == UNKNOWN) | (told == carried),
        "the instrument its satellite carries",
        "instrument",
    )
    sensor = np.where(told == UNKNOWN, carried, told)
    if (sensor == UNKNOWN).any():
        guess, why = _guessed_sensor(chunk)
        ledger.note(
            check.file, "instrument", "VIIRS or MODIS, or a satellite", f"neither in some rows; taken as {guess}, {why}"
        )
        sensor = np.where(sensor == UNKNOWN, SENSOR_NAMES.index(guess), sensor)
    return sensor, satellite


def _guessed_sensor(chunk: Chunk) -> tuple[str, str]:
    """Sensor of rows that do not tell: by the name of the brightness column, else VIIRS, which sees far more."""
    if chunk.text("brightness") is not None and chunk.text("bright_ti4") is None:
        return "modis", "which has a column brightness"
    if chunk.text("bright_ti4") is not None:
        return "viirs", "which has a column bright_ti4"
    return "viirs", "the default"


def _satellite_of(text: str) -> int:
    return SATELLITE_CODES.get(_squeezed(text), IMPOSSIBLE)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).lower()


def _filled_day_night(told: Codes, longitude: Floats, latitude: Floats, day: Codes, second: Codes) -> Codes:
    """Day or night as told, else by whether the sun is up, where the time is known."""
    told = np.maximum(told, 0)
    open_ = np.flatnonzero((told == 0) & (second != UNKNOWN))
    if not open_.size:
        return told
    elevation = _solar_elevation(longitude[open_], latitude[open_], day[open_], second[open_])
    filled = told.copy()
    filled[open_] = np.where(elevation > 0, DAY_NIGHT_NAMES.index("D"), DAY_NIGHT_NAMES.index("N"))
    return np.where(np.isfinite(longitude) & np.isfinite(latitude), filled, told)


def _solar_elevation(longitude: Floats, latitude: Floats, day: Codes, second: Codes) -> Floats:
    """Sine of the sun's elevation, to about a degree or four minutes: the equation of time is left out."""
    year_angle = 2 * np.pi * ((day + second / DAY_SECONDS - WINTER_SOLSTICE) / TROPICAL_YEAR)
    declination = -np.radians(OBLIQUITY) * np.cos(year_angle)
    hour_angle = 2 * np.pi * (second / DAY_SECONDS + longitude / 360) - np.pi
    north = np.radians(latitude)
    sine: Floats = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(hour_angle)
    return sine
