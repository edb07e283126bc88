"""``satverify archive``: check and list archived scenes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from satverify.cli.exits import Exit
from satverify.errors import InputError

if TYPE_CHECKING:
    from satverify.archive import Archive, Checked

Place = Annotated[
    str,
    typer.Argument(metavar="ARCHIVE", help="A folder, an s3:// prefix, or a project file.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Repair = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="Move what is damaged or does not belong there to quarantine/, so that scenes are fetched again. "
        "Not while a fetch runs.",
    ),
]
OfSensor = Annotated[str | None, typer.Option("--sensor", metavar="NAME", help="Only scenes of this sensor.")]
AllRevisions = Annotated[bool, typer.Option("--all-revisions", help="Also scenes that newer ones took the place of.")]

app = typer.Typer(help="Check and list archived scenes.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Mount ``satverify archive`` on the command."""
    root.add_typer(app, name="archive")


@app.command("check")
def check(archive: Place, repair: Repair = False, as_json: AsJson = False) -> None:
    """Hash and decode everything again; one line for each thing that is not as it was written.

    Leaves with 0 where this run found none, with 3 where it did, repaired or not.
    """
    import json
    from dataclasses import asdict

    place = _opened(archive)
    looked_at, problems, foreign = _looked_through(place, repair=repair, is_told=not as_json)
    if as_json:
        rows = [asdict(problem) for problem in problems]
        told = {"archive": place.root, "checked": looked_at, "problems": rows, "foreign": foreign}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    typer.echo(f"{place.root}: {looked_at} checked, {_counted(problems)}", err=True)
    if problems:
        raise typer.Exit(Exit.PARTLY)


def _looked_through(place: Archive, *, repair: bool, is_told: bool) -> tuple[int, list[Checked], list[str]]:
    """How many things were checked, those with a problem, and paths of what is not the archive's."""
    from satverify.archive import Condition
    from satverify.progress import progress

    looked_at, problems, foreign = 0, [], []
    with progress() as shown:
        shown.start("checking the archive", 0)
        for checked in place.check(repair=repair):
            if checked.condition is Condition.FOREIGN:
                foreign.append(checked.path)
                shown.note(f"{checked.path}: not the archive's, left alone")
                continue
            looked_at += 1
            shown.advance(checked.path)
            if not checked.is_whole:
                problems.append(checked)
                if is_told:
                    typer.echo(_line(checked))
    return looked_at, problems, foreign


def _line(problem: Checked) -> str:
    removed = "; removed" if problem.is_repaired else ""
    done = f"; moved to {problem.moved_to}" if problem.moved_to else removed
    return f"{problem.path}: expected {problem.expected}, found {problem.found}{done}"


def _counted(problems: list[Checked]) -> str:
    counted = f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
    is_all_repaired = problems and all(problem.is_repaired for problem in problems)
    return f"{counted}, repaired: the next check will not find {_them(problems)}" if is_all_repaired else counted


def _them(problems: list[Checked]) -> str:
    return "it" if len(problems) == 1 else "them"


@app.command("list")
def list_scenes(
    archive: Place, sensor: OfSensor = None, all_revisions: AllRevisions = False, as_json: AsJson = False
) -> None:
    """Print the scenes of an archive, one a line, columns separated by tabs."""
    import json
    from difflib import get_close_matches

    from satverify.domain.sensors import SENSORS

    if sensor is not None and sensor not in SENSORS:
        near = get_close_matches(sensor, SENSORS, n=1)
        raise InputError(f"--sensor {sensor}: expected {near[0] if near else 'one of ' + ', '.join(SENSORS)}")
    rows: list[dict[str, object]] = [
        {
            "sensor": entry.sensor,
            "time": f"{entry.time:%Y-%m-%dT%H:%M:%SZ}",
            "platform": entry.platform,
            "revision": entry.revision,
            "grid": entry.grid.name,
            "path": entry.path,
        }
        for entry in _opened(archive).entries(sensor, all_revisions=all_revisions)
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for values in [["sensor", "time", "platform", "revision", "grid", "path"], *(row.values() for row in rows)]:
        typer.echo("\t".join(str(value) for value in values))


def _opened(place: str) -> Archive:
    """The archive that an address or a project file means."""
    from satverify.archive import Archive

    if place.endswith(".toml"):
        from satverify.config import read_project

        project = read_project(Path(place))
        if project.archive is None:
            raise InputError(f"{place}: expected [archive] path, found none")
        return Archive(project.archive.path, storage_options=project.archive.storage_options)
    if "://" not in place and not Path(place).is_dir():
        raise InputError(f"{place}: expected the folder of an archive, an s3:// prefix or a project file, found none")
    return Archive(place)
