"""The data items of a request: which collection, when, and how its pixels are to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from satverify.emulator.engine.bands import COLLECTIONS, Collection
from satverify.emulator.engine.reply import bad_payload, violated

Choice = TypeVar("Choice", bound=StrEnum)


class Order(StrEnum):
    """Which of overlapping products goes first."""

    MOST_RECENT = "mostRecent"
    LEAST_RECENT = "leastRecent"
    LEAST_CLOUDY = "leastCC"


class Interpolation(StrEnum):
    """How pixels are made from those of the product."""

    NEAREST = "NEAREST"
    BILINEAR = "BILINEAR"
    BICUBIC = "BICUBIC"


class View(StrEnum):
    """Which way SLSTR looks."""

    NADIR = "NADIR"
    OBLIQUE = "OBLIQUE"


class OrbitState(StrEnum):
    """Which way the satellite flies."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"


class Timeliness(StrEnum):
    """How soon after the pass a product of Sentinel-5P was made."""

    NRTI = "NRTI"
    OFFL = "OFFL"
    RPRO = "RPRO"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataItem:
    """One entry of ``input.data``."""

    item_id: str
    """How scripts name it: its ``id``, or its place in the list."""
    collection: Collection
    start: datetime
    """UTC"""
    stop: datetime
    """UTC, in the range itself."""
    order: Order = Order.MOST_RECENT
    max_cloud_cover: float = 100.0
    """[%]"""
    orbit_state: OrbitState | None = None
    timeliness: Timeliness | None = None
    upsampling: Interpolation = Interpolation.NEAREST
    downsampling: Interpolation = Interpolation.NEAREST
    is_harmonized: bool = True
    """Whether offsets of newer baselines are taken off, and what is negative then becomes 0."""
    view: View = View.NADIR
    min_qa: float | None = None
    """Least quality of a Sentinel-5P pixel, none: what is usual for the product. [%]"""

    def during(self, start: datetime, stop: datetime) -> DataItem:
        """The same within other times."""
        return replace(self, start=start, stop=stop)


def parse_data(value: object, during: tuple[datetime, datetime] | None = None) -> tuple[DataItem, ...]:
    """The ``input.data`` of a request.

    Parameters
    ----------
    value
        What stands there.
    during
        First and last time of all items, where the items do not say themselves, as in a statistics request.

    Raises
    ------
    ServiceError
        Something is missing, unknown or out of range.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise violated("input->data", "must not be empty")
    items = tuple(_parse_item(entry, number, during) for number, entry in enumerate(value))
    if len({item.item_id for item in items}) < len(items):
        raise violated("input->data", "ids must be unique")
    return items


def parse_time(value: object, parameter: str) -> datetime:
    """A moment in RFC 3339.

    Raises
    ------
    ServiceError
        It is none.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > len("2020-01-01") else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise violated(parameter, "must be a date and time with a time zone, such as 2020-01-01T00:00:00Z", value)
    return moment.astimezone(UTC)


def parse_time_range(value: object, parameter: str) -> tuple[datetime, datetime]:
    """The two ends of a ``timeRange``.

    Raises
    ------
    ServiceError
        One is missing or none, or they are the wrong way round.
    """
    if not isinstance(value, Mapping):
        raise violated(parameter, "must not be null")
    start, stop = (parse_time(value.get(name), f"{parameter}->{name}") for name in ("from", "to"))
    if stop < start:
        raise violated(parameter, "from must not be after to", [value.get("from"), value.get("to")])
    return start, stop


def _parse_item(value: object, number: int, during: tuple[datetime, datetime] | None) -> DataItem:
    where = f"input->data[{number}]"
    if not isinstance(value, Mapping):
        raise violated(where, "must be an object")
    name = value.get("type")
    collection = COLLECTIONS.get(name) if isinstance(name, str) else None
    if collection is None:
        raise violated(f"{where}->type", "the collection is not known", name)
    chosen, processing = (_object(value.get(part), f"{where}->{part}") for part in ("dataFilter", "processing"))
    start, stop = during or parse_time_range(chosen.get("timeRange"), f"{where}->dataFilter->timeRange")
    return DataItem(
        item_id=str(value.get("id") or number),
        collection=collection,
        start=start,
        stop=stop,
        **_filter(chosen, f"{where}->dataFilter"),
        **_processing({"view": chosen.get("view"), **processing}, f"{where}->processing"),
    )


def _filter(chosen: Mapping[str, Any], where: str) -> dict[str, Any]:
    timeliness = chosen.get("timeliness")
    return {
        "order": _choice(Order, chosen.get("mosaickingOrder"), f"{where}->mosaickingOrder") or Order.MOST_RECENT,
        "max_cloud_cover": _percent(chosen.get("maxCloudCoverage"), f"{where}->maxCloudCoverage", 100.0),
        "orbit_state": _choice(OrbitState, chosen.get("orbitDirection"), f"{where}->orbitDirection"),
        "timeliness": None if timeliness == "AUTO" else _choice(Timeliness, timeliness, f"{where}->timeliness"),
    }


def _processing(chosen: Mapping[str, Any], where: str) -> dict[str, Any]:
    sampling = {
        name: _choice(Interpolation, chosen.get(name), f"{where}->{name}") or Interpolation.NEAREST
        for name in ("upsampling", "downsampling")
    }
    is_harmonized = chosen.get("harmonizeValues")
    if is_harmonized not in (None, True, False):
        raise violated(f"{where}->harmonizeValues", "must be true or false", is_harmonized)
    return {
        **sampling,
        "is_harmonized": is_harmonized is not False,
        "view": _choice(View, chosen.get("view"), f"{where}->view") or View.NADIR,
        "min_qa": _percent(chosen.get("minQa"), f"{where}->minQa", None),
    }


def _object(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise bad_payload(f"{where} must be an object.")
    return value


def _choice(kind: type[Choice], value: object, where: str) -> Choice | None:
    """The member of that name in any case, as the service takes it; none for none."""
    if value is None:
        return None
    found = next((member for member in kind if isinstance(value, str) and member.lower() == value.lower()), None)
    if found is None:
        raise violated(where, f"must be one of {', '.join(kind)}", value)
    return found


def _percent(value: object, where: str, default: float | None) -> float | None:
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100:
        raise violated(where, "must be between 0 and 100", value)
    return float(value)
