"""What an archive has cost, added up."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from satverify.archive import Archive
from satverify.pipeline.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """What one sensor has cost, all runs together."""

    sensor: str
    """Name of the sensor, or ``total``."""
    scenes: int
    """Scenes in the archive, newest versions only."""
    requests: int
    """Requests, those that failed among them."""
    estimated: float
    """Processing units as they were estimated."""
    spent: float
    """Processing units as the service counted them."""


def open_archive(project: Project) -> Archive:
    """The project's archive; it must have one."""
    assert project.archive is not None
    return Archive(project.archive.path, storage_options=project.archive.storage_options)


def cost_spent(project: Project) -> float:
    """What the project's archive has cost so far, all runs together. [processing unit]"""
    return round(ledger_of(project)[-1].spent, 4) if project.archive is not None else 0.0


def ledger_of(project: Project) -> tuple[LedgerLine, ...]:
    """A line for each sensor that was asked for, and one for all of them."""
    archive = open_archive(project)
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in archive.ledger():
        if "spent_units" in record:
            records[record["label"]].append(record)
    lines = [_line(name, records[name], len(archive.entries(name))) for name in sorted(records)]
    total = [record for entries in records.values() for record in entries]
    return (*lines, _line("total", total, sum(line.scenes for line in lines)))


def ledger_record(project: Project) -> list[dict[str, Any]]:
    """The ledger as JSON values."""
    return [
        {
            "sensor": line.sensor,
            "scenes": line.scenes,
            "requests": line.requests,
            "estimated_processing_units": round(line.estimated, 4),
            "processing_units": round(line.spent, 4),
        }
        for line in ledger_of(project)
    ]


def _line(name: str, records: list[dict[str, Any]], scenes: int) -> LedgerLine:
    return LedgerLine(
        sensor=name,
        scenes=scenes,
        requests=sum(record["requests"] for record in records),
        estimated=math.fsum(record["estimated_units"] for record in records),
        spent=math.fsum(record["spent_units"] for record in records),
    )
