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
    seconds: float
    """Median over the repeats. [s]"""
    spread: tuple[float, float]
    """Fastest and slowest repeat. [s]"""
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


def row(what: str, times: list[float], remark: str = "") -> Row:
    """Median and spread of some repeats."""
    return Row(what=what, seconds=statistics.median(times), spread=(min(times), max(times)), remark=remark)


def table(title: str, rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = [f"### {title}", "", "| what | median | fastest - slowest | |", "|---|---:|---:|---|"]
    for each in rows:
        fastest, slowest = each.spread
        lines.append(f"| {each.what} | {each.seconds:.3f} s | {fastest:.3f} - {slowest:.3f} s | {each.remark} |")
    return "\n".join(lines)
