"""``satverify sites``: check, list and import site lists, and discover units."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from satverify.cli.sites_discover import discover_units
from satverify.cli.sites_import import import_
from satverify.cli.sites_power import power

DatumName = Literal["wgs84", "gcj02", "bd09"]

SiteFile = Annotated[
    Path,
    typer.Argument(
        metavar="SITES", help="GeoJSON, GeoPackage, Shapefile (.shp or .zip), KML or GeoParquet.", show_default=False
    ),
]
DatumOption = Annotated[
    DatumName,
    typer.Option(
        "--datum", help="Coordinates of the file: gcj02 from Amap or Tencent, bd09 from Baidu; converted to WGS 84."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]

app = typer.Typer(help="Check, list and import enterprise sites, and discover their units.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Mount ``satverify sites`` on the command."""
    root.add_typer(app, name="sites")


app.command("import")(import_)
app.command("discover-units")(discover_units)
app.command("power")(power)


@app.command("check")
def check(file: SiteFile, datum: DatumOption = "wgs84", as_json: AsJson = False) -> None:
    """Say everything that is wrong with a site list, or nothing. Leaves with 2 where something is wrong."""
    from satverify.cli.checking import tell
    from satverify.registry.sites import check_sites

    checked = check_sites(file, datum=datum)
    counts = {"sites": len(checked.sites), "units": sum(len(site.units) for site in checked.sites)}
    tell(file, counts, checked.problems, checked.warnings, as_json=as_json)


@app.command("list")
def list_sites(file: SiteFile, datum: DatumOption = "wgs84", as_json: AsJson = False) -> None:
    """Print the sites of a list, one a line, columns separated by tabs."""
    import json

    from satverify.registry.geometry import area_km2
    from satverify.registry.sites import read_sites

    rows: list[dict[str, object]] = [
        {
            "site_id": site.site_id,
            "name": site.name,
            "name_zh": site.name_zh,
            "city": site.city,
            "rating": site.rating.value if site.rating else "",
            "units": len(site.units),
            "longitude": round(site.outline.centroid.x, 5),
            "latitude": round(site.outline.centroid.y, 5),
            "outline_km2": round(area_km2(site.outline), 3),
            "outline_status": site.outline_status.value,
        }
        for site in read_sites(file, datum=datum)
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for values in [list(rows[0]), *(row.values() for row in rows)]:
        typer.echo("\t".join(str(value) for value in values))
