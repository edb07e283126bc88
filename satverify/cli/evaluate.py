"""``satverify evaluate``: verdicts, dates and probabilities held against what is publicly known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from satverify.cli.exits import Exit
from satverify.cli.run import Plain, Workers

ProjectFiles = Annotated[
    list[Path], typer.Argument(metavar="PROJECT.toml…", help="Project files of the works.", show_default=False)
]
TruthFile = Annotated[
    Path, typer.Option("--truth", metavar="TRUTH.csv", help="What is known of the works; see docs/evaluate.md.")
]
Windows = Annotated[str, typer.Option("--windows", metavar="DAYS,DAYS", help="Lengths of the windows.")]
Step = Annotated[int, typer.Option("--step", min=1, metavar="DAYS", help="From one window's first day to the next.")]
Json = Annotated[bool, typer.Option("--json", help="Print every score as JSON on stdout instead of tables.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the JSON here as well.")]


def evaluate(
    projects: ProjectFiles,
    truth: TruthFile,
    windows: Windows = "10,30",
    step: Step = 5,
    workers: Workers = None,
    plain: Plain = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Score orders to halt, slid over days on which the works are known to have run or stood still."""
    from satverify.cli.scorecard import print_card
    from satverify.config import read_project
    from satverify.errors import InputError
    from satverify.pipeline.evaluate import evaluate as score
    from satverify.pipeline.run import Workers as Pool
    from satverify.pipeline.score_files import score_text, write_scores
    from satverify.progress import progress
    from satverify.registry.truth import read_truth

    if plain and workers is not None:
        raise InputError("give one of --plain and --workers")
    lengths = _lengths(windows)
    known = read_truth(truth)
    read = [read_project(file) for file in projects]
    with progress() as shown:
        pool = Pool(processes=0 if plain else workers)
        found = score(read, known, lengths=lengths, step=step, workers=pool, progress=shown)
    if out is not None:
        write_scores(out, found)
    if json:
        typer.echo(score_text(found), nl=False)
    else:
        print_card(found.scores)
    if found.failed:
        raise typer.Exit(Exit.PARTLY)


def _lengths(text: str) -> list[int]:
    """Whole days, separated by commas."""
    from satverify.errors import InputError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and 1 <= int(part[:6]) <= 1000 and len(part) <= 4 for part in parts):
        raise InputError(f"--windows: expected days from 1 to 1000 separated by commas, such as 10,30, found {text!r}")
    return [int(part) for part in parts]
