"""Tables of figures: what an archive has cost, what a fetch will cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from satverify.pipeline.project import Project


def print_ledger(project: Project) -> None:
    """A table of what the archive has cost so far, by sensor."""
    from satverify.pipeline.ledger import ledger_of

    lines = [
        (line.sensor, f"{line.scenes}", f"{line.requests}", f"{line.estimated:.2f}", f"{line.spent:.2f}")
        for line in ledger_of(project)
    ]
    print_figures([("sensor", "scenes", "requests", "estimated units", "spent units"), *lines])


def print_figures(rows: Sequence[tuple[str, ...]]) -> None:
    """Names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        typer.echo("  ".join([name.ljust(widths[0]), *cells]))
