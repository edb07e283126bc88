"""``scripts/evaluate-real``: the score on real works, from a folder of FIRMS detections."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.real_works import RADIUS, make_projects
from satverify.cli import main

TRUTH = Path("tests/data/truth.csv")


def run(arguments: list[str] | None = None) -> int:
    """Make the projects, score them, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/evaluate-real", description=__doc__, allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/firms"), help="folder of the detections")
    parser.add_argument("--out", type=Path, default=Path("build/evaluate-real"), help="where projects and scores go")
    parser.add_argument("--radius", type=float, default=RADIUS, help="of the circle that is each works' outline [m]")
    parser.add_argument("--no-sky", action="store_true", help="leave the cloud cover aside")
    parser.add_argument("--truth", type=Path, default=TRUTH, help="what is known of the works")
    chosen, rest = parser.parse_known_args(arguments)
    if not chosen.data.is_dir():
        print(f"no detections at {chosen.data}: the real data are not part of the project; see --data", file=sys.stderr)
        return 2
    projects = make_projects(chosen.data, chosen.out, radius=chosen.radius, sky=not chosen.no_sky)
    words = [str(file) for file in projects] + ["--truth", str(chosen.truth), "--out", str(chosen.out / "scores.json")]
    return main(["evaluate", *words, *rest])


if __name__ == "__main__":
    sys.exit(run())
