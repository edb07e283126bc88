"""The project file's schema: which keys stand where, and what each may hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    StrictStr,
    model_validator,
)

from satverify.domain.sites import Rating

LONGEST = timedelta(days=36_600)
"""Every day is accounted for one by one: more than a hundred years of them are a slip of the pen."""


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


Day = Annotated[date, BeforeValidator(_day)]
Days = Annotated[tuple[Day, Day], AfterValidator(_ordered)]
Text = Annotated[StrictStr, AfterValidator(_text)]
Number = Annotated[FiniteFloat, BeforeValidator(_number)]
Share = Annotated[Number, Field(gt=0, le=1)]
Probability = Annotated[Number, Field(gt=0, lt=1)]


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
    paths: Annotated[tuple[Text, ...], BeforeValidator(_filled)]
    coverage: tuple[Days, ...] = ()
    outages: tuple[OutageTable, ...] = ()
    area: Annotated[tuple[Number, Number, Number, Number], AfterValidator(_area)] | None = None


class CloudCoverTable(Table):
    """``[[sources]] kind = "cloud_cover"``."""

    kind: Literal["cloud_cover"]
    path: Text


class LaterTable(Table):
    """A source the design knows and this version does not read."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Literal["sentinelhub", "wind"]


Source: TypeAlias = Annotated[FirmsTable | CloudCoverTable | LaterTable, Field(discriminator="kind")]
TABLES: dict[str, type[Table]] = {
    "firms": FirmsTable,
    "cloud_cover": CloudCoverTable,
    "sentinelhub": LaterTable,
    "wind": LaterTable,
}
"""Tables of ``[[sources]]`` by kind."""


class ArchiveTable(Table):
    """``[archive]``: read by the sources that fetch scenes; none of them is built yet."""

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
    outputs: OutputsTable = OutputsTable()
    verdict: VerdictTable = VerdictTable()

    @model_validator(mode="after")
    def _something_to_judge(self) -> Self:
        if self.orders is None and self.policy is None:
            raise ValueError("[orders] path or [policy] path or both")
        return self
