"""``satverify sites import``: a site list out of Global Energy Monitor's tracker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from satverify.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from satverify.domain.notices import Policy
    from satverify.domain.sites import UnitKind

Tables = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", help="Plant and unit tables of the tracker, as CSV.", show_default=False),
]
OutFile = Annotated[
    Path, typer.Option("--out", metavar="SITES.geojson", help="Where to write the sites.", show_default=False)
]
Units = Annotated[list[Path] | None, typer.Option("--units", metavar="FILE", help="A further unit table.")]
Outlines = Annotated[
    Path | None,
    typer.Option("--outlines", metavar="POLYGONS", help="Polygons to take outlines from where one matches a works."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="Day of service, such as 2021-11-15; default: the policy's season."),
]
CitiesOf = Annotated[
    Path | None, typer.Option("--cities-of", metavar="POLICY.toml", help="Only works in the cities of this notice.")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="List units of this kind only; may be repeated.")
]
MustHave = Annotated[
    list[str] | None,
    typer.Option("--must-have", metavar="KIND", help="Only works with a unit of this kind; may be repeated."),
]
Cities = Annotated[
    list[str] | None,
    typer.Option("--city", metavar="ID=CITY", help="City of a plant where the table has it wrong; may be repeated."),
]


def import_(
    files: Tables,
    out: OutFile,
    units: Units = None,
    outlines: Outlines = None,
    as_of: AsOf = None,
    cities_of: CitiesOf = None,
    kinds: Kinds = None,
    must_have: MustHave = None,
    cities: Cities = None,
) -> None:
    """Turn tables of the Global Iron and Steel Tracker into a site list; what was left out is told on stderr.

    Works without a matching polygon get an assumed circle sized by capacity. Plants and units retired since are kept
    where they may have run on the day; what is not certain is said in the column ``note``.
    """
    from satverify.domain.sites import UnitKind
    from satverify.registry.gem import Wanted, import_gem, write_imported
    from satverify.registry.policies import read_policy

    policy = read_policy(cities_of) if cities_of is not None else None
    wanted = Wanted(
        period=_period(as_of, policy),
        policy=policy,
        kinds=_kinds("--kind", kinds) or frozenset(UnitKind),
        must_have=_kinds("--must-have", must_have),
        cities=dict(_city(text) for text in cities or ()),
    )
    found = import_gem([*files, *(units or ())], wanted, outlines=outlines)
    if not found.sites:
        raise InputError(f"no works are left of {', '.join(file.name for file in files)}: nothing is written")
    write_imported(out, found)
    for item in found.left_out:
        typer.echo(f"left out: {item.name}: {item.why}", err=True)
    count = sum(len(site.units) for site in found.sites)
    typer.echo(f"{out}: {len(found.sites)} sites, {count} units, {len(found.left_out)} left out", err=True)


def _period(as_of: str | None, policy: Policy | None) -> tuple[date, date]:
    """The day asked for, else the season of the policy."""
    from datetime import date, timedelta

    if as_of is None and policy is not None:
        return policy.start, policy.stop
    try:
        day = date.fromisoformat(as_of or "")
        return day, day + timedelta(days=1)
    except (ValueError, OverflowError) as exc:
        raise InputError(f"--as-of: expected a day such as 2021-11-15, found {as_of!r}") from exc


def _kinds(option: str, names: list[str] | None) -> frozenset[UnitKind]:
    from satverify.domain.sites import UnitKind
    from satverify.registry.problems import nearest

    known = [kind.value for kind in UnitKind]
    for name in names or ():
        if name not in known:
            raise InputError(f"{option}: expected one of {', '.join(known)}, found {name!r}{nearest(name, known)}")
    return frozenset(UnitKind(name) for name in names or ())


def _city(text: str) -> tuple[str, str]:
    plant_id, sign, city = text.partition("=")
    if not (plant_id.strip() and sign and city.strip()):
        raise InputError(f"--city: expected a plant id, = and a city, found {text!r}")
    return plant_id.strip(), city.strip()
