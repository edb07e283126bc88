"""From lines of a table to orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from satverify.domain.policy import NEEDS_BASELINE, Order, Requirement
from satverify.domain.sites import Site
from satverify.registry.cells import Row
from satverify.registry.problems import Ledger, nearest, shown

COLUMNS = (
    "order_id", "site_id", "unit_id", "start", "stop", "requirement", "fraction", "baseline_start", "baseline_stop",
    "source",
)  # fmt: skip
OPTIONAL = ("tolerance_days",)
REQUIRED = ("order_id", "site_id", "start", "stop", "requirement")

FIRST_DETECTIONS = date(2000, 2, 24)  # first MODIS fire product: no order before it can be looked at
LONGEST_WINDOW = timedelta(days=400)  # a season is 121 days; more than a year is suspicious
LONGEST_OF_ALL = timedelta(days=3660)  # every day is judged: more than ten years are a slip of the pen


@dataclass(slots=True, kw_only=True)
class OrderReader:
    """Turns rows into orders, and remembers the ids it has seen."""

    sites: Mapping[str, Site]
    ledger: Ledger
    first_lines: dict[str, int] = field(default_factory=dict)
    """Line on which each order id stands first."""
    owners: dict[str, str] = field(default_factory=dict)
    """Site of each unit."""

    @classmethod
    def of(cls, sites: Sequence[Site], ledger: Ledger) -> OrderReader:
        """A reader of orders on these sites."""
        owners = {unit.unit_id: site.site_id for site in sites for unit in site.units}
        return cls(sites={site.site_id: site for site in sites}, ledger=ledger, owners=owners)

    def order(self, line: int, values: Mapping[str, str]) -> Order | None:
        """The order of one row; none where anything is wrong with it."""
        before = len(self.ledger.errors)
        row = Row(where=f"line {line}", values=dict(values), ledger=self.ledger)
        order_id = self._order_id(row, line)
        site_id, unit_id = self._site_and_unit(row)
        start, stop = _window(row, "start", "stop", is_needed=True)
        row.required("requirement")
        requirement = row.word("requirement", Requirement)
        fraction = _fraction(row, requirement)
        is_compared = requirement in NEEDS_BASELINE
        baseline_start, baseline_stop = _window(row, "baseline_start", "baseline_stop", is_needed=is_compared)
        tolerance = row.number("tolerance_days")
        if tolerance is not None and tolerance < 0:
            row.error("tolerance_days", "0 or more days", shown(tolerance))
        source = row.text("source", strip=False, one_line=False)
        if len(self.ledger.errors) > before or start is None or stop is None or requirement is None:
            return None
        order = Order(
            order_id=order_id, site_id=site_id, unit_id=unit_id or None, start=start, stop=stop,
            requirement=requirement, fraction=fraction, baseline_start=baseline_start, baseline_stop=baseline_stop,
            tolerance_days=tolerance, source=source,
        )  # fmt: skip
        _warn(row, order)
        return order

    def _order_id(self, row: Row, line: int) -> str:
        order_id = row.required("order_id")
        if order_id in self.first_lines:
            row.error(
                "order_id", "an id that occurs once", f"{shown(order_id)}, as on line {self.first_lines[order_id]}"
            )
        elif order_id:
            self.first_lines[order_id] = line
        return order_id

    def _site_and_unit(self, row: Row) -> tuple[str, str]:
        site_id, unit_id = row.required("site_id"), row.text("unit_id")
        site = self.sites.get(site_id)
        if site is None:
            if site_id:
                row.error("site_id", "the id of a listed site", shown(site_id) + nearest(site_id, self.sites))
        elif unit_id and self.owners.get(unit_id) != site_id:
            own = [unit.unit_id for unit in site.units]
            owner = self.owners.get(unit_id)
            hint = f", a unit of site {owner}" if owner else nearest(unit_id, own)
            row.error("unit_id", f"a unit of site {site_id}, or nothing for the whole site", shown(unit_id) + hint)
        return site_id, unit_id


def _window(row: Row, start_name: str, stop_name: str, *, is_needed: bool) -> tuple[date | None, date | None]:
    """First day, and first day no longer; an error where one is missing or they stand the wrong way round."""
    start, stop = row.day(start_name), row.day(stop_name)
    for name in (start_name, stop_name):
        if not row.is_given(name) and (is_needed or row.is_given(start_name) or row.is_given(stop_name)):
            row.error(name, "a day", "nothing")
    if start is not None and stop is not None and stop <= start:
        row.error(stop_name, f"a day after {start_name} {start} (the first day no longer in the window)", f"{stop}")
    elif start is not None and stop is not None and stop - start > LONGEST_OF_ALL:
        row.error(stop_name, f"at most {LONGEST_OF_ALL.days} days after {start_name} {start}", f"{stop}")
    return start, stop


def _fraction(row: Row, requirement: Requirement | None) -> float | None:
    fraction = row.number("fraction")
    if requirement is Requirement.CUT and not row.is_given("fraction"):
        row.error("fraction", "the part cut of the baseline's output, above 0 and up to 1", "nothing")
    elif fraction is not None and not 0 < fraction <= 1:
        hint = f" (for {fraction:g} % write {fraction / 100:g})" if 1 < fraction <= 100 else ""
        row.error("fraction", f"a part above 0 and up to 1{hint}", shown(fraction))
    elif requirement is not None and requirement is not Requirement.CUT and row.is_given("fraction"):
        row.error(
            "fraction", f"nothing, since only a cut has one and this is {requirement}", shown(row.values["fraction"])
        )
    return fraction


def _warn(row: Row, order: Order) -> None:
    """Note what is legal and still looks like a slip."""
    if order.start < FIRST_DETECTIONS:
        row.ledger.warn(
            f"{row.where}, start", f"a day after {FIRST_DETECTIONS}, when detections begin", f"{order.start}"
        )
    if order.stop - order.start > LONGEST_WINDOW:
        row.ledger.warn(f"{row.where}, stop", f"a window of up to {LONGEST_WINDOW.days} days", f"{order.days} days")
    if order.baseline_start is None or order.baseline_stop is None:
        return
    if order.requirement not in NEEDS_BASELINE:
        row.ledger.warn(
            f"{row.where}, baseline_start",
            f"no baseline, since {order.requirement} uses none",
            f"{order.baseline_start}",
        )
    elif order.baseline_start < order.stop and order.start < order.baseline_stop:
        found = f"{order.baseline_start} to before {order.baseline_stop}"
        row.ledger.warn(f"{row.where}, baseline_start", "baseline days outside the window itself", found)
