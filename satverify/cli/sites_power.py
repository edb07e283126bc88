"""``satverify sites power``: before a season, what the looks to come would catch at each site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from satverify.errors import InputError

if TYPE_CHECKING:
    from satverify.pipeline.power import UnitPower

ProjectFile = Annotated[Path, typer.Argument(metavar="PROJECT.toml", help="The project file.", show_default=False)]
DaysOption = Annotated[
    tuple[str, str] | None,
    typer.Option("--days", metavar="START STOP", help="One window for all sites, instead of those of the orders."),
]
Chosen = Annotated[list[str] | None, typer.Option("--site", metavar="ID", help="Only this site; may be repeated.")]
Seasons = Annotated[int, typer.Option("--seasons", min=20, metavar="N", help="How many seasons to draw.")]
Clear = Annotated[
    float | None,
    typer.Option("--clear", metavar="SHARE", help="P(clear sky) in mid-winter; 0.38 on the North China Plain."),
]
Seed = Annotated[int, typer.Option("--seed", help="Of the draws.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]

HEADINGS = ("site", "unit", "window", "clear looks", "caught from", "cleared if halted", "accused if halted")


def power(
    project: ProjectFile,
    days: DaysOption = None,
    chosen: Chosen = None,
    seasons: Seasons = 100,
    clear: Clear = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Say how many days of secret running the looks of a season to come would catch, unit by unit.

    Seasons are drawn: satellites on their orbits, skies, and what a look would show. "Caught from" is the shortest run
    in a row that four seasons in five would find inconsistent with an order to halt.
    """
    import json as json_format
    from datetime import date

    from satverify.config import read_project
    from satverify.pipeline.classifier import read_classifier
    from satverify.pipeline.power import season_power
    from satverify.simulate.weather import Climate

    if clear is not None and not 0 < clear < 1:
        raise InputError(f"--clear: expected a share between 0 and 1, found {clear:g}")
    try:
        window = None if days is None else (date.fromisoformat(days[0]), date.fromisoformat(days[1]))
    except ValueError as exc:
        raise InputError(f"--days: expected two ISO days, found {' '.join(days or ())}") from exc
    if window is not None and window[1] <= window[0]:
        raise InputError(f"--days: stop {window[1]} is not after start {window[0]}")
    settings = read_project(project)
    found = season_power(
        settings,
        read_classifier(settings.classifier).model,
        days=window,
        chosen=chosen,
        seasons=seasons,
        seed=seed,
        climate=Climate(clear_in_winter=clear) if clear is not None else None,
    )
    if json:
        typer.echo(json_format.dumps([_record(each) for each in found], ensure_ascii=False, indent=1))
        return
    typer.echo("\t".join(HEADINGS))
    for each in found:
        typer.echo("\t".join(_cells(each)))


def _cells(each: UnitPower) -> list[str]:
    seen = each.foresight
    shortest = seen.shortest_caught(0.8)
    return [
        each.site_id,
        each.unit_id,
        f"{each.window[0]}..{each.window[1]}",
        ", ".join(f"{sensor} {count:.1f}" for sensor, count in seen.clear_looks.items()),
        f"{shortest} d" if shortest is not None else "never",
        f"{seen.cleared:.0%}",
        f"{seen.accused:.0%}",
    ]


def _record(each: UnitPower) -> dict[str, Any]:
    seen = each.foresight
    return {
        "site_id": each.site_id,
        "unit_id": each.unit_id,
        "kind": each.kind.value,
        "window": [day.isoformat() for day in each.window],
        "clear_looks": {sensor: round(count, 2) for sensor, count in seen.clear_looks.items()},
        "p_detect": {sensor: round(p, 4) for sensor, p in each.p_detect.items()},
        "p_detect_from_history": list(each.from_history),
        "shortest_run_caught_days": seen.shortest_caught(0.8),
        "caught": {str(run): round(share, 3) for run, share in seen.caught.items()},
        "missed": {str(run): round(share, 3) for run, share in seen.missed.items()},
        "cleared_if_halted": round(seen.cleared, 3),
        "accused_if_halted": round(seen.accused, 3),
    }
