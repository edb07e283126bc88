"""Rows of the benchmark table, and how they are timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    """What was done, and to how much."""
    median: float
    """Over the repeats. [unit]"""
    spread: tuple[float, float]
    """Least and most of a repeat. [unit]"""
    unit: str = "s"
    remark: str = ""
    """Ratio, limit, memory or difference worth telling."""


def measure(tasks: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Time tasks in turns, so that a busy moment of the machine falls on all of them. [s]"""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    return times


def row(what: str, found: list[float], remark: str = "", *, unit: str = "s") -> Row:
    """Median and spread of some repeats."""
    return Row(what=what, median=statistics.median(found), spread=(min(found), max(found)), unit=unit, remark=remark)


def table(title: str, rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = [f"### {title}", "", "| what | median | least - most | |", "|---|---:|---:|---|"]
    for each in rows:
        least, most = (_figure(number) for number in each.spread)
        lines.append(
            f"| {each.what} | {_figure(each.median)} {each.unit} | {least} - {most} {each.unit} | {each.remark} |"
        )
    return "\n".join(lines)


def _figure(number: float) -> str:
    """Thousandths of what is small, tenths of what is not."""
    return f"{number:.3f}" if abs(number) < 100 else f"{number:.1f}"
