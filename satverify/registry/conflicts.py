"""Orders that cannot both be obeyed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import STAYS_HOT, Site
from satverify.registry.problems import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order and the line it stands on."""

    where: str
    order: Order


def check_conflicts(placed: Sequence[PlacedOrder], sites: Iterable[Site], ledger: Ledger) -> None:
    """Note orders that contradict another one over common days.

    Two orders on the same unit, or both on the whole site, contradict each other where one exempts and the other does
    not, or where both ask for a cut by different fractions. An exempt unit contradicts a halt of its whole site, and an
    exempt site a halt of one of its units, save for kinds that are never stopped. A cut or no increase of a whole site
    leaves room for exempt units. Orders that ask the same over overlapping windows do not contradict each other.

    Parameters
    ----------
    placed
        Orders in any number: the time taken grows as n log n.
    sites
        The sites they are on, for the kinds of their units.
    ledger
        Takes one error per contradicted order, at the one that starts later.
    """
    kinds = {unit.unit_id: unit.kind for site in sites for unit in site.units}
    scopes: dict[tuple[str, str], list[PlacedOrder]] = {}
    for item in placed:
        scopes.setdefault((item.order.site_id, item.order.unit_id or ""), []).append(item)
    for (site_id, unit_id), items in sorted(scopes.items()):
        _report_rivals(items, _exempt_or_asked, ledger)
        _report_rivals(_asking(items, Requirement.CUT), _fraction, ledger)
        if unit_id and kinds.get(unit_id) not in STAYS_HOT:
            whole = scopes.get((site_id, ""), [])
            _report_rivals(_asking(whole, _EXEMPT) + _asking(items, _HALT), _exempt_or_asked, ledger)
            _report_rivals(_asking(whole, _HALT) + _asking(items, _EXEMPT), _exempt_or_asked, ledger)


_EXEMPT, _HALT = Requirement.EXEMPT, Requirement.HALT


def _asking(items: Sequence[PlacedOrder], requirement: Requirement) -> list[PlacedOrder]:
    return [item for item in items if item.order.requirement is requirement]


def _exempt_or_asked(order: Order) -> str:
    return "exempt" if order.requirement is Requirement.EXEMPT else "asked"


def _fraction(order: Order) -> str:
    return repr(order.fraction)


def _report_rivals(items: Sequence[PlacedOrder], sense: Callable[[Order], str], ledger: Ledger) -> None:
    """Note each order that shares days with an earlier one of another sense.

    In order of start it is enough to remember, of all orders so far, the one that reaches farthest, and the one that
    reaches farthest among those of any other sense than its.
    """
    farthest: PlacedOrder | None = None
    other: PlacedOrder | None = None
    for item in sorted(items, key=lambda item: (item.order.start, item.order.stop, item.order.order_id)):
        if farthest is None:
            farthest = item
            continue
        is_same = sense(item.order) == sense(farthest.order)
        rival = other if is_same else farthest
        if rival is not None and rival.order.stop > item.order.start:
            ledger.error(item.where, "no order that contradicts another on the same days", _both(item.order, rival))
        if item.order.stop > farthest.order.stop:
            farthest, other = item, other if is_same else farthest
        elif not is_same and (other is None or item.order.stop > other.order.stop):
            other = item


def _both(order: Order, rival: PlacedOrder) -> str:
    start, stop = max(order.start, rival.order.start), min(order.stop, rival.order.stop)
    return f"{_asked(order)} against {_asked(rival.order)} ({rival.where}) from {start} to before {stop}"


def _asked(order: Order) -> str:
    on = f"unit {order.unit_id}" if order.unit_id else "the whole site"
    fraction = f" by {order.fraction:g}" if order.fraction is not None else ""
    return f"{order.requirement}{fraction} on {on}"
