"""``satverify fetch``: what it costs, and then the scenes."""

from __future__ import annotations

import json as json_
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from satverify.cli.exits import Exit
from satverify.cli.fetching import fetch_all, tell_refused
from satverify.cli.ledger import print_figures, print_ledger
from satverify.cli.run import Json, ProjectFile
from satverify.errors import InputError

if TYPE_CHECKING:
    from satverify.pipeline.fetch import Fetched
    from satverify.pipeline.project import Project
    from satverify.pipeline.quote import Quote

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print requests and processing units by sensor, and fetch nothing.")
]
Units = Annotated[
    float | None,
    typer.Option("--max-units", min=0, metavar="N", help="Most processing units of the archive, all runs together."),
]
Requests = Annotated[
    int | None, typer.Option("--max-requests", min=0, metavar="N", help="Most requests of the archive, likewise.")
]


def fetch(
    project: ProjectFile,
    dry_run: DryRun = False,
    max_units: Units = None,
    max_requests: Requests = None,
    json: Json = False,
) -> None:
    """Fetch what a project's sites and days need into its archive; what is there already is not bought again.

    Credentials come from the environment: SH_CLIENT_ID and SH_CLIENT_SECRET, and FIRMS_MAP_KEY for detections.
    """
    from satverify.config import read_project
    from satverify.progress import progress

    settings = with_limits(read_project(project), max_units, max_requests)
    if not settings.needs_fetching:
        raise InputError(
            f'{settings.file.name}: nothing to fetch: expected a source with kind = "sentinelhub" or download'
        )
    try:
        with progress() as shown:
            fetched = fetch_all(settings, shown, dry_run=dry_run)
    except KeyboardInterrupt:
        typer.echo("interrupted: what was fetched is kept, the same command continues", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    if json:
        typer.echo(json_.dumps(_record(settings, fetched, dry_run=dry_run), ensure_ascii=False, indent=1))
    elif dry_run:
        _print_quote(fetched.quote)
    else:
        print_ledger(settings)
    if dry_run and fetched.quote.is_upper_bound:
        typer.echo(
            "an upper bound, from the satellites' orbits: without credentials the catalogue was not asked, and nothing "
            "is taken off for what is archived",
            err=True,
        )
    if fetched.refused:
        tell_refused(fetched)
        raise typer.Exit(Exit.PARTLY)


def with_limits(project: Project, units: float | None, requests: int | None) -> Project:
    """The project with the limits of the command line in the place of its own."""
    sources = tuple(
        replace(
            source,
            processing_units=source.processing_units if units is None else units,
            requests=source.requests if requests is None else requests,
        )
        for source in project.sentinelhub
    )
    return replace(project, sentinelhub=sources)


def _print_quote(quote: Quote) -> None:
    rows: list[tuple[str, ...]] = [("sensor", "areas", "scenes", "archived", "requests", "processing units")]
    lines = [*quote.by_sensor.items(), ("total", quote.total)]
    for name, line in lines:
        numbers = ("" if name == "total" else line.areas, line.scenes, line.archived, line.requests)
        rows.append((name, *map(str, numbers), f"{line.processing_units:.1f}"))
    print_figures(rows)


def _record(project: Project, fetched: Fetched, *, dry_run: bool) -> dict[str, object]:
    from satverify.pipeline.ledger import ledger_record

    if dry_run:
        return fetched.quote.record()
    refused = [
        {"sensor": one.sensor, "time": one.time.isoformat(), "site_ids": list(one.site_ids), "reason": one.reason}
        for one in fetched.refused
    ]
    return {"scenes": dict(fetched.scenes), "refused": refused, "ledger": ledger_record(project)}
