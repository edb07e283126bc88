"""``satverify train``: the heat model, made again from nothing but a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from satverify.cli.run import Plain, Workers

Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Folder of the model; its name becomes the model's.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Of all chance; none: that of the shipped model.")]
Sites = Annotated[
    int | None, typer.Option("--sites", min=1, help="Works to simulate; none: as many as for the shipped model.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the card as JSON on stdout instead of its text.")]


def train(
    out: Out = Path("models/heat-1"),
    seed: Seed = None,
    sites: Sites = None,
    workers: Workers = None,
    plain: Plain = False,
    json: Json = False,
) -> None:
    """Train the classifier of heat on simulated works, and write it with its card.

    Without options it makes the model that ships with satverify again, byte for byte, in some ten minutes on two cores.
    """
    from satverify.errors import InputError
    from satverify.inference.classifier.card import card_text
    from satverify.pipeline.run import Workers as Pool
    from satverify.pipeline.training import train as training
    from satverify.progress import progress
    from satverify.registry.models import card_bytes

    if plain and workers is not None:
        raise InputError("give one of --plain and --workers")
    with progress() as shown:
        card = training.train(
            out,
            sites=training.SITES if sites is None else sites,
            seed=training.SEED if seed is None else seed,
            workers=Pool(processes=0 if plain else workers),
            progress=shown,
        )
    typer.echo(card_bytes(card).decode() if json else card_text(card), nl=False)
