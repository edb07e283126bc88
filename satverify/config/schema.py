"""The project file's schema: which keys stand where, and what each may hold."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Rating

LONGEST = timedelta(days=36_600)
"""Every day is accounted for one by one: more than a hundred years of them are a slip of the pen."""

FIRMS_PRODUCT = re.compile(r"(VIIRS|MODIS|LANDSAT)(_[A-Z0-9]+)?_(NRT|SP)")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _day(value: object) -> object:
    """A TOML date or its text; pydantic alone would take timestamps too."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) == len("2021-11-15"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("a day written as YYYY-MM-DD")


def _ordered(days: tuple[date, date]) -> tuple[date, date]:
    if days[1] <= days[0]:
        raise ValueError("two days [start, stop) with start before stop")
    if days[1] - days[0] > LONGEST:
        raise ValueError(f"two days [start, stop) at most {LONGEST.days} days apart")
    return days


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("text on one line that is not empty")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError("an IANA time zone such as Asia/Shanghai") from exc
    return value


def _area(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("west, south, east, north in degrees")
    return box


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number")  # noqa: TRY004 -- pydantic gathers ValueErrors
    return value


def _filled(value: object) -> object:
    """Checked before the entries, so that a wrong entry is not also called a missing one."""
    if not isinstance(value, list) or not value:
        raise ValueError("a list with at least one entry")
    return value


def _sensor(name: str) -> str:
    if name not in SENSORS:
        near = get_close_matches(name, SENSORS, n=1)
        raise ValueError(f"{near[0]!r}" if near else f"one of {', '.join(SENSORS)}")
    return name


def _firms_product(name: str) -> str:
    if not FIRMS_PRODUCT.fullmatch(name):
        raise ValueError("a product of the FIRMS area service such as VIIRS_SNPP_SP")
    return name


def _service_url(url: str) -> str:
    """HTTPS, for a secret goes there; plain HTTP only to this machine."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("an https:// address without user, query or fragment (http:// only on this machine)")
    return url.rstrip("/")


Day = Annotated[date, BeforeValidator(_day)]
Days = Annotated[tuple[Day, Day], AfterValidator(_ordered)]
Text = Annotated[StrictStr, AfterValidator(_text)]
Number = Annotated[FiniteFloat, BeforeValidator(_number)]
Share = Annotated[Number, Field(gt=0, le=1)]
Probability = Annotated[Number, Field(gt=0, lt=1)]
SensorName = Annotated[StrictStr, AfterValidator(_sensor)]
FirmsProduct = Annotated[StrictStr, AfterValidator(_firms_product)]
ServiceUrl = Annotated[Text, AfterValidator(_service_url)]


class Table(BaseModel):
    """A table of the file: no key but those named, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectTable(Table):
    """``[project]``."""

    name: Text
    timezone: Annotated[Text, AfterValidator(_timezone)] = "Asia/Shanghai"
    days: Days
    simulated: StrictBool = False


class SitesTable(Table):
    """``[sites]``."""

    path: Text
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class OrdersTable(Table):
    """``[orders]``."""

    path: Text


class PolicyTable(Table):
    """``[policy]``."""

    path: Text
    ratios: dict[Rating, Share] = Field(default_factory=dict)


class OutageTable(Table):
    """One outage of a ``firms`` source."""

    satellite: Text
    days: Days


class FirmsTable(Table):
    """``[[sources]] kind = "firms"``."""

    kind: Literal["firms"]
    paths: Annotated[tuple[Text, ...], BeforeValidator(_filled)] = ()
    coverage: tuple[Days, ...] = ()
    outages: tuple[OutageTable, ...] = ()
    area: Annotated[tuple[Number, Number, Number, Number], AfterValidator(_area)] | None = None
    download: tuple[FirmsProduct, ...] = ()
    folder: Text = "firms"
    base_url: ServiceUrl | None = None

    @model_validator(mode="after")
    def _something_to_read(self) -> Self:
        if not self.paths and not self.download:
            raise ValueError("paths of files, or products to download, or both")
        if self.download and not (self.area and self.coverage):
            raise ValueError("area and coverage beside download: they say what to ask for")
        return self


class CloudCoverTable(Table):
    """``[[sources]] kind = "cloud_cover"``."""

    kind: Literal["cloud_cover"]
    path: Text


class WindTable(Table):
    """``[[sources]] kind = "wind"``."""

    kind: Literal["wind"]
    path: Text


class BudgetTable(Table):
    """``budget`` of a ``sentinelhub`` source: what the archive may have cost, all runs together."""

    processing_units: Annotated[Number, Field(gt=0)] | None = None
    requests: Annotated[StrictInt, Field(gt=0)] | None = None


class RateTable(Table):
    """``rate`` of a ``sentinelhub`` source: what the account may use in a minute."""

    processing_units: Annotated[Number, Field(gt=0)] = 300.0  # of a general user of Copernicus Data Space
    requests: Annotated[Number, Field(gt=0)] = 300.0
    connections: Annotated[StrictInt, Field(ge=1, le=32)] = 4


class SentinelHubTable(Table):
    """``[[sources]] kind = "sentinelhub"``."""

    kind: Literal["sentinelhub"]
    sensors: Annotated[tuple[SensorName, ...], BeforeValidator(_filled)]
    service: Literal["copernicus", "planet", "emulator"] | None = None
    base_url: ServiceUrl | None = None
    token_url: ServiceUrl | None = None
    days: tuple[Days, ...] = ()
    sites: tuple[Text, ...] = ()
    budget: BudgetTable = BudgetTable()
    rate: RateTable = RateTable()

    @model_validator(mode="after")
    def _one_service(self) -> Self:
        if self.service and (self.base_url or self.token_url):
            raise ValueError("service, or base_url and token_url, not both")
        if bool(self.base_url) != bool(self.token_url):
            raise ValueError("base_url and token_url together")
        return self


Source: TypeAlias = Annotated[FirmsTable | CloudCoverTable | SentinelHubTable | WindTable, Field(discriminator="kind")]
TABLES: dict[str, type[Table]] = {
    "firms": FirmsTable,
    "cloud_cover": CloudCoverTable,
    "sentinelhub": SentinelHubTable,
    "wind": WindTable,
}
"""Tables of ``[[sources]]`` by kind."""


class ArchiveTable(Table):
    """``[archive]``."""

    path: Text
    endpoint_url: ServiceUrl | None = None


class ClassifierTable(Table):
    """``[classifier]``."""

    path: Text


class OutputsTable(Table):
    """``[outputs]``."""

    path: Text = "out"


class VerdictTable(Table):
    """``[verdict]``: thresholds that differ from the built-in ones and the policy's; see ``VerdictRules``."""

    prior_low: Probability | None = None
    prior_high: Probability | None = None
    consistent_at: Probability | None = None
    inconsistent_at: Probability | None = None
    tolerance_days: Annotated[Number, Field(ge=0)] | None = None
    tolerance_share: Annotated[Number, Field(ge=0, lt=1)] | None = None


class Document(Table):
    """The whole project file."""

    project: ProjectTable
    sites: SitesTable
    orders: OrdersTable | None = None
    policy: PolicyTable | None = None
    sources: Annotated[tuple[Source, ...], BeforeValidator(_filled)]
    archive: ArchiveTable | None = None
    classifier: ClassifierTable | None = None
    outputs: OutputsTable = OutputsTable()
    verdict: VerdictTable = VerdictTable()

    @model_validator(mode="after")
    def _something_to_judge(self) -> Self:
        if self.orders is None and self.policy is None:
            raise ValueError("[orders] path or [policy] path or both")
        return self
