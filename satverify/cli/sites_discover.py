"""``satverify sites discover-units``: places to which heat returns, as units for a person to name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from satverify.errors import InputError

ProjectFile = Annotated[
    Path | None, typer.Argument(metavar="[PROJECT.toml]", help="Take sites and detections from a project.")
]
SiteFile = Annotated[Path | None, typer.Option("--sites", metavar="SITES", help="Or: a site list …")]
HeatFiles = Annotated[
    list[Path] | None, typer.Option("--detections", metavar="FIRMS.csv", help="… and its detections; may be repeated.")
]
DatumOption = Annotated[
    Literal["wgs84", "gcj02", "bd09"],
    typer.Option("--datum", help="Coordinates of the site list: gcj02 from Amap or Tencent, bd09 from Baidu."),
]
Chosen = Annotated[list[str] | None, typer.Option("--site", metavar="ID", help="Only this site; may be repeated.")]
FromScenes = Annotated[
    bool | None,
    typer.Option(
        "--from-scenes/--from-detections",
        help="What to propose from; by default scenes where the archive has some of a site, else detections.",
        show_default=False,
    ),
]
OutFile = Annotated[
    Path | None, typer.Option("--out", metavar="UNITS.geojson", help="Write here instead of to stdout.")
]


def discover_units(
    project: ProjectFile = None,
    sites: SiteFile = None,
    detections: HeatFiles = None,
    datum: DatumOption = "wgs84",
    chosen: Chosen = None,
    from_scenes: FromScenes = None,
    out: OutFile = None,
) -> None:
    """Propose units where a works is hot again and again, strongest first, as GeoJSON.

    Heat does not tell for sure what stands there: detections leave each unit's kind to be filled in, scenes guess it.
    Look at every place, then add the features to the site list.
    """
    from satverify.config import read_project
    from satverify.pipeline.discovery import Evidence, bare_project, proposals_bytes
    from satverify.pipeline.discovery import discover_units as discover
    from satverify.progress import progress
    from satverify.registry.files import write_whole

    if project is not None and sites is None and not detections and datum == "wgs84":
        settings = read_project(project)
    elif project is None and sites is not None and detections:
        settings = bare_project(sites, detections, datum)
    else:
        raise InputError("discover-units: expected a project file, or --sites, --detections and --datum, not both")
    evidence = None if from_scenes is None else (Evidence.SCENES if from_scenes else Evidence.DETECTIONS)
    with progress() as shown:
        found = list(discover(settings, shown, chosen or (), evidence))
    for each in found:
        places = "1 place" if len(each.units) == 1 else f"{len(each.units) or 'no'} places"
        seen = f"{each.scenes} scenes" if each.evidence is Evidence.SCENES else each.evidence or "nothing at all"
        typer.echo(f"{each.site_id}: {places} to which heat returns, from {seen}", err=True)
    content = proposals_bytes([unit for each in found for unit in each.units])
    if out is None:
        typer.echo(content.decode(), nl=False)
    else:
        write_whole(out, content)
