"""How a check of a file is told: data on stdout, messages on stderr, 2 where anything is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from satverify.cli.exits import Exit
from satverify.errors import Problem


def tell(
    file: Path,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
    warnings: Sequence[Problem],
    *,
    as_json: bool,
) -> None:
    """Print what a check found and leave with 2 where there are problems.

    Parameters
    ----------
    file
        What was checked.
    counts
        How many of what it holds, such as ``{"sites": 3}``.
    problems, warnings
        What is wrong, and what is only suspicious.
    as_json
        Print all of it as one JSON object on stdout instead of messages on stderr.
    """
    if as_json:
        found = {"problems": [asdict(problem) for problem in problems], "warnings": [asdict(each) for each in warnings]}
        typer.echo(json.dumps({"file": str(file), **counts, **found}, ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            typer.echo(f"error: {problem}", err=True)
        for warning in warnings:
            typer.echo(f"warning: {warning}", err=True)
        held = ", ".join(f"{count} {noun if count != 1 else noun[:-1]}" for noun, count in counts.items())
        tally = f"{_counted(problems, 'problem')}, {_counted(warnings, 'warning')}"
        typer.echo(f"{file}: {tally}" if problems else f"{file}: {held}, {tally}")
    if problems:
        raise typer.Exit(Exit.INPUT)


def _counted(problems: Sequence[Problem], noun: str) -> str:
    return f"{len(problems) or 'no'} {noun}{'' if len(problems) == 1 else 's'}"
