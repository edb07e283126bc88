"""Order lists: the only reader and writer of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from satverify.domain.policy import Order
from satverify.domain.sites import Site
from satverify.errors import InputError, Problem
from satverify.registry.cells import unprintable
from satverify.registry.conflicts import PlacedOrder, check_conflicts
from satverify.registry.csv_rows import table_bytes, table_rows
from satverify.registry.files import write_whole
from satverify.registry.order_rows import COLUMNS, OPTIONAL, REQUIRED, OrderReader
from satverify.registry.problems import Ledger, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOrders:
    """An order list with all that is wrong with it."""

    orders: tuple[Order, ...]
    """In the order of the file; complete only where there are no problems."""
    problems: tuple[Problem, ...]
    """What makes the file unusable."""
    warnings: tuple[Problem, ...]
    """What is only suspicious."""


def read_orders(path: str | PathLike[str], sites: Sequence[Site]) -> tuple[Order, ...]:
    """Orders, in the order of the file.

    Parameters
    ----------
    path
        CSV in UTF-8 or GB18030 with the columns ``order_id, site_id, unit_id, start, stop, requirement, fraction,
        baseline_start, baseline_stop, source`` in any order, and ``tolerance_days`` if wanted. Days are ISO days;
        ``stop`` is the first day no longer in force.
    sites
        The sites that orders may name.

    Returns
    -------
    The orders.

    Raises
    ------
    InputError
        Where anything is wrong; ``problems`` lists all of it, each with its line. What is only suspicious goes to the
        log.
    """
    ledger = Ledger(file=str(path))
    orders = _orders(Path(path), sites, ledger)
    ledger.raise_errors("orders")
    ledger.log_warnings()
    return orders


def check_orders(path: str | PathLike[str], sites: Sequence[Site]) -> CheckedOrders:
    """Read an order list as ``read_orders`` does, and say all that is wrong or suspicious instead of raising.

    Parameters
    ----------
    path, sites
        As in ``read_orders``.

    Returns
    -------
    Orders, problems and warnings; a file that cannot be opened is one problem.
    """
    ledger = Ledger(file=str(path))
    try:
        orders = _orders(Path(path), sites, ledger)
    except InputError as exc:
        ledger.errors.extend(exc.problems)
        orders = ()
    return CheckedOrders(orders=orders, problems=tuple(ledger.errors), warnings=tuple(ledger.warnings))


def write_orders(path: str | PathLike[str], orders: Sequence[Order]) -> None:
    """Write orders as CSV; ``read_orders`` gives back the same values, and no spreadsheet runs any of them as a
    formula.

    Parameters
    ----------
    path
        Where to.
    orders
        What to write, in this order. The column ``tolerance_days`` is there where any order has one.

    Raises
    ------
    InputError
        Where an id occurs twice, a text holds control characters, or the folder cannot be written to.
    """
    ledger = Ledger(file=str(path))
    seen: set[str] = set()
    for order in orders:
        _check_texts(order, ledger)
        if order.order_id in seen:
            ledger.error(f"order {order.order_id}", "an id that occurs once", f"{order.order_id!r} again")
        seen.add(order.order_id)
    ledger.raise_errors("orders to be written")
    has_tolerance = any(order.tolerance_days is not None for order in orders)
    columns = [*COLUMNS, *OPTIONAL] if has_tolerance else COLUMNS
    write_whole(Path(path), table_bytes(columns, [_texts(order) for order in orders]))


def _orders(path: Path, sites: Sequence[Site], ledger: Ledger) -> tuple[Order, ...]:
    reader = OrderReader.of(sites, ledger)
    rows = table_rows(path, known=(*COLUMNS, *OPTIONAL), required=REQUIRED, ledger=ledger)
    placed = []
    count = 0
    for line, values in rows:
        count += 1
        order = reader.order(line, values)
        if order is not None:
            placed.append(PlacedOrder(where=f"line {line}", order=order))
    if count == 0 and not ledger.errors:
        ledger.error("file", "at least one order below the header", "none")
    check_conflicts(placed, sites, ledger)
    return tuple(item.order for item in placed)


def _texts(order: Order) -> dict[str, str]:
    values = {name: getattr(order, name) for name in (*COLUMNS, *OPTIONAL)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _check_texts(order: Order, ledger: Ledger) -> None:
    ids = {"order_id": order.order_id, "site_id": order.site_id, "unit_id": order.unit_id}
    for name, value in ids.items():
        if value is not None and (not value or unprintable(value) or value != value.strip()):
            ledger.error(
                f"order {order.order_id}, {name}", "an id without control characters or outer blanks", shown(value)
            )
    if unprintable(order.source, one_line=False):
        ledger.error(f"order {order.order_id}, source", "text without control characters", shown(order.source))
