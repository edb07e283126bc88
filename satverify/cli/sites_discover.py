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
OutFile = Annotated[
    Path | None, typer.Option("--out", metavar="UNITS.geojson", help="Write here instead of to stdout.")
]


def discover_units(
    project: ProjectFile = None,
    sites: SiteFile = None,
    detections: HeatFiles = None,
    datum: DatumOption = "wgs84",
    chosen: Chosen = None,
    out: OutFile = None,
) -> None:
    """Propose units where a works is hot again and again, strongest first, as GeoJSON.

    Heat does not tell what stands there: fill in each unit's kind, then add the features to the site list.
    """
    from satverify.config import read_project
    from satverify.pipeline.discovery import bare_project, proposals_bytes
    from satverify.pipeline.discovery import discover_units as discover
    from satverify.progress import progress
    from satverify.registry.files import write_whole

    if project is not None and sites is None and not detections and datum == "wgs84":
        settings = read_project(project)
    elif project is None and sites is not None and detections:
        settings = bare_project(sites, detections, datum)
    else:
        raise InputError("discover-units: expected a project file, or --sites, --detections and --datum, not both")
    with progress() as shown:
        found = list(discover(settings, shown, chosen or ()))
    for site_id, sources in found:
        places = "1 place" if len(sources) == 1 else f"{len(sources) or 'no'} places"
        typer.echo(f"{site_id}: {places} to which heat returns", err=True)
    content = proposals_bytes([source for _, sources in found for source in sources])
    if out is None:
        typer.echo(content.decode(), nl=False)
    else:
        write_whole(out, content)
