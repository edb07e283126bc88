"""``satverify orders expand``: default orders out of a policy and a site list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

PolicyFile = Annotated[
    Path, typer.Option("--policy", metavar="POLICY.toml", help="The notice as data.", show_default=False)
]
SiteFile = Annotated[Path, typer.Option("--sites", metavar="SITES", help="The enterprises.", show_default=False)]
NamedOrders = Annotated[
    Path | None, typer.Option("--orders", metavar="NAMED.csv", help="Named orders: they win over default ones.")
]
RatioFile = Annotated[
    Path | None,
    typer.Option("--ratios", metavar="RATIOS", help="The city's ratios by rating, CSV or TOML. None is invented."),
]
RatingFile = Annotated[
    Path | None,
    typer.Option("--ratings", metavar="RATINGS.csv", help="Ratings of enterprises: site_id, rating, source."),
]
StandingFile = Annotated[
    Path | None,
    typer.Option("--standings", metavar="STANDINGS.csv", help="What aggravates or exempts: site_id, code, source."),
]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE.csv", help="Write here instead of to stdout.")]
DatumOption = Annotated[
    Literal["wgs84", "gcj02", "bd09"],
    typer.Option("--datum", help="Coordinates of the site file: gcj02 from Amap or Tencent, bd09 from Baidu."),
]


def expand(
    policy: PolicyFile,
    sites: SiteFile,
    orders: NamedOrders = None,
    ratios: RatioFile = None,
    ratings: RatingFile = None,
    standings: StandingFile = None,
    out: OutFile = None,
    datum: DatumOption = "wgs84",
) -> None:
    """Print the named and the default orders as CSV; what the policy leaves open goes to stderr."""
    import tempfile

    from satverify.registry.orders import read_orders, write_orders
    from satverify.registry.policies import read_policy
    from satverify.registry.ratios import RatioFile as Ratios
    from satverify.registry.ratios import read_ratings, read_ratios, read_standings
    from satverify.registry.sites import read_sites
    from satverify.verification.expand import expand as expand_orders

    listed = read_sites(sites, datum=datum)
    listed = read_ratings(ratings, listed) if ratings is not None else listed
    given = read_ratios(ratios) if ratios is not None else Ratios(ratios=())
    known = read_standings(standings) if standings is not None else ()
    expansion = expand_orders(
        read_policy(policy),
        listed,
        read_orders(orders, listed) if orders is not None else (),
        given.ratios,
        (*given.standings, *known),
    )
    for gap in expansion.gaps:
        typer.echo(f"note: {gap}", err=True)
    if out is not None:
        write_orders(out, expansion.orders)
        typer.echo(f"{out}: {len(expansion.orders)} orders", err=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "orders.csv"
        write_orders(shown, expansion.orders)
        typer.echo(shown.read_text(encoding="utf-8"), nl=False)
