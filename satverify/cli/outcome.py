"""What a run prints: a table of findings or JSON on stdout, where the files are on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

from satverify.domain.findings import Verdict
from satverify.errors import InputError

if TYPE_CHECKING:
    from satverify.domain.findings import Finding
    from satverify.pipeline.flow import RunResult

COLUMNS = ("verdict", "p_met", "q_value", "site_id", "unit_id", "order_id", "requirement", "start", "stop")


def print_outcome(result: RunResult, *, as_json: bool) -> None:
    """Print the outcome of a run.

    Raises
    ------
    InputError
        stdout takes no data. Where its reader has merely left, as ``head`` does, the rest goes nowhere.
    """
    try:
        _print_data(result, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except OSError as exc:
        _forget_stdout()
        raise InputError(f"stdout cannot be written to: {exc.strerror}; the files are in {result.outputs}") from exc
    counted = Counter(finding.verdict for finding in result.findings)
    said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict)
    print(f"findings: {said}; files in {result.outputs}", file=sys.stderr)
    if result.index is not None:
        print(f"report: {result.index}", file=sys.stderr)
    for failure in result.failed:
        print(f"site {_cell(failure.site_id)} failed and has no findings: {failure.message}", file=sys.stderr)


def _print_data(result: RunResult, *, as_json: bool) -> None:
    if as_json:
        json.dump(_summary(result), sys.stdout, ensure_ascii=False, indent=1, allow_nan=False)
        print()
    else:
        _print_table([list(COLUMNS), *map(_row, result.findings)])


def _forget_stdout() -> None:
    """What is still buffered must not fail once more when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _print_table(rows: list[list[str]]) -> None:
    """Columns apart by tabs; on a terminal one below the other."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(row))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _summary(result: RunResult) -> dict[str, object]:
    counted = Counter(finding.verdict for finding in result.findings)
    return {
        "outputs": str(result.outputs),
        "report": None if result.index is None else str(result.index),
        "findings": {verdict.value: counted[verdict] for verdict in Verdict},
        "flags": sum(flag["data"]["status"] == "raised" for flag in result.flags),
        "failed_sites": [failure.site_id for failure in result.failed],
        "reused_sites": result.reused,
    }


def _row(finding: Finding) -> list[str]:
    q_value = "" if finding.q_value is None else f"{finding.q_value:.3g}"
    named = [finding.site_id, finding.unit_id, finding.order_id, finding.requirement.value]
    days = [finding.start.isoformat(), finding.stop.isoformat()]
    return [finding.verdict.value, f"{finding.p_met:.3g}", q_value, *map(_cell, named), *days]


def _cell(text: str) -> str:
    """A value that stays in its column, sends nothing to the terminal, and is no formula to a spreadsheet."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{shown}" if shown.lstrip()[:1] in tuple("=+-@") else shown
