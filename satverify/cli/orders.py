"""``satverify orders``: check order lists, expand policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from satverify.cli.orders_expand import expand
from satverify.cli.sites import AsJson, DatumOption

OrderFile = Annotated[Path, typer.Argument(metavar="ORDERS.csv", help="The order list.", show_default=False)]
OfSites = Annotated[Path, typer.Option("--sites", metavar="SITES", help="The site list that the orders refer to.")]

app = typer.Typer(help="Check orders, or make default ones out of a policy.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Mount ``satverify orders`` on the command."""
    root.add_typer(app, name="orders")


app.command("expand")(expand)


@app.command("check")
def check(file: OrderFile, sites: OfSites, datum: DatumOption = "wgs84", as_json: AsJson = False) -> None:
    """Say everything that is wrong with an order list, or nothing. Leaves with 2 where something is wrong."""
    from satverify.cli.checking import tell
    from satverify.registry.orders import check_orders
    from satverify.registry.sites import read_sites

    checked = check_orders(file, read_sites(sites, datum=datum))
    tell(file, {"orders": len(checked.orders)}, checked.problems, checked.warnings, as_json=as_json)
