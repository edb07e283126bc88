"""``satverify demo``: a simulated winter of works that do not exist, verified as real ones are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from satverify.cli.run import Lang, Language, Workers

if TYPE_CHECKING:
    from satverify.pipeline.demo import Comparison

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the project and its reports.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Of all that is drawn; another one is another winter.")]

Scenes = Annotated[
    bool, typer.Option("--scenes/--no-scenes", help="Fetch the scenes of four works too, through the emulator.")
]


def demo(
    out: Out = Path("satverify-demo"),
    lang: Lang = Language.EN,
    seed: Seed = None,
    workers: Workers = None,
    scenes: Scenes = True,
) -> None:
    """Fetch and verify a simulated winter, offline, and hold the verdicts against what was simulated."""
    from satverify.cli.exits import Exit
    from satverify.cli.fetching import fetch_missing
    from satverify.cli.ledger import print_ledger
    from satverify.config import read_project
    from satverify.pipeline.demo import DEMO_SEED, compare, make_demo_project
    from satverify.pipeline.flow import run
    from satverify.pipeline.run import Workers as Pool
    from satverify.progress import progress

    with progress() as shown:
        shown.note("simulating a winter of works that do not exist")
        made = make_demo_project(out.absolute(), seed=DEMO_SEED if seed is None else seed)
        project = read_project(made.file)
        has_gaps = scenes and fetch_missing(project, shown)
        result = run(project, workers=Pool(processes=workers), lang=lang.value, progress=shown)
    if scenes:
        print("What the scenes would have cost (from an emulator of the service, which asks for no money)")
        print_ledger(project)
        print()
    _print_comparison(compare(result.findings, made.season))
    for failure in result.failed:
        print(f"site {failure.site_id} failed and has no findings: {failure.message}", file=sys.stderr)
    print(f"report: {result.index}")
    if result.failed or has_gaps:
        raise typer.Exit(Exit.PARTLY)


def _print_comparison(comparison: Comparison) -> None:
    """A table of truth by verdict, and every verdict that is wrong."""
    from satverify.domain.findings import Verdict

    print("Simulated works, simulated detections: what the verdicts say of what was simulated")
    print(f"{'':24}" + "".join(f"{verdict.value:>14}" for verdict in Verdict))
    for met, name in ((True, "the order was met"), (False, "the order was not met")):
        print(f"{name:24}" + "".join(f"{comparison.counts.get((met, verdict), 0):14d}" for verdict in Verdict))
    for finding in comparison.wrong:
        print(f"wrong: {finding.order_id} on {finding.unit_id} is called {finding.verdict}, P(met) {finding.p_met:.3g}")
    if comparison.undecidable:
        print(
            f"{comparison.undecidable} further findings that no look could decide, mostly furnaces that look like one"
        )
    if comparison.untold:
        print(f"{comparison.untold} further findings on units that the simulation does not follow")
