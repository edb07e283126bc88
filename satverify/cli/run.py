"""``satverify run``, ``verify`` and ``report``."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from satverify.cli.exits import Exit
from satverify.errors import InputError

if TYPE_CHECKING:
    from satverify.pipeline.project import Project


class Language(StrEnum):
    """Language of the reports."""

    EN = "en"
    ZH = "zh"


ProjectFile = Annotated[Path, typer.Argument(metavar="PROJECT.toml", help="The project file.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", help="Processes of a local cluster; default: one per core."),
]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="tcp://…", help="Use this running Dask scheduler instead.")
]
Plain = Annotated[bool, typer.Option("--plain", help="One site after the other in this process, without a cluster.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the reports.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Write here instead of the project's [outputs] path.")
]
ExitCode = Annotated[
    bool, typer.Option("--exit-code", help="Leave with 1 where a finding is inconsistent with its order.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON on stdout.")]


def run(
    project: ProjectFile,
    workers: Workers = None,
    scheduler: Scheduler = None,
    plain: Plain = False,
    lang: Lang = Language.EN,
    out: Out = None,
    exit_code: ExitCode = False,
    json: Json = False,
) -> None:
    """Fetch what is missing, verify every order and write findings, flags and reports; resumes where it stopped."""
    _run(project, workers, scheduler, plain=plain, out=out, lang=lang, exit_code=exit_code, json=json, fetch=True)


def verify(
    project: ProjectFile,
    workers: Workers = None,
    scheduler: Scheduler = None,
    plain: Plain = False,
    out: Out = None,
    exit_code: ExitCode = False,
    json: Json = False,
) -> None:
    """Verify every order of a project from what is there, without fetching anything and without writing reports."""
    _run(project, workers, scheduler, plain=plain, out=out, lang=None, exit_code=exit_code, json=json, fetch=False)


def report(project: ProjectFile, lang: Lang = Language.EN, out: Out = None) -> None:
    """Write the reports again from what an earlier run left."""
    from satverify.pipeline.reports import write_reports

    typer.echo(f"report: {write_reports(_project(project, out), lang=lang.value)}", err=True)


def _project(file: Path, out: Path | None) -> Project:
    from satverify.config import read_project

    project = read_project(file)
    return project if out is None else replace(project, outputs=out.absolute())


def _run(
    file: Path,
    workers: int | None,
    scheduler: str | None,
    *,
    plain: bool,
    out: Path | None,
    lang: Language | None,
    exit_code: bool,
    json: bool,
    fetch: bool,
) -> None:
    from satverify.cli.clock import utc_today
    from satverify.cli.fetching import fetch_missing
    from satverify.cli.outcome import print_outcome
    from satverify.pipeline.flow import run as run_project
    from satverify.pipeline.run import Workers as Pool
    from satverify.progress import progress

    if plain + (workers is not None) + (scheduler is not None) > 1:
        raise InputError("give one of --plain, --workers and --scheduler")
    pool = Pool(processes=0 if plain else workers, scheduler=scheduler)
    settings = _project(file, out)
    has_gaps = False
    try:
        with progress() as shown:
            if fetch and settings.needs_fetching:
                has_gaps = fetch_missing(settings, shown)
            outcome = run_project(
                settings,
                workers=pool,
                lang=lang.value if lang else None,
                progress=shown,
                today=None if settings.simulated else utc_today(),
            )
    except KeyboardInterrupt:
        typer.echo("interrupted: finished sites are kept, the same command continues", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    print_outcome(outcome, as_json=json)
    if outcome.failed or has_gaps:
        raise typer.Exit(Exit.PARTLY)
    if exit_code and outcome.inconsistent:
        raise typer.Exit(Exit.FINDINGS)
