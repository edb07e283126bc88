"""Run sections of the benchmark: ``python -m benchmarks [--repeats N] [section ...]``, all of them by default.

Three tables that count instead of timing, and take minutes, come only by name and alone, with options of their own:
``image-verdicts``, ``kills`` and ``reliability``.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Sequence

from benchmarks import archive, client, end_to_end, features, firms, image_verdicts, kills, reliability, states
from benchmarks.timing import Row, table

Section = Callable[[int], Iterable[Row]]

SECTIONS: dict[str, Section] = {
    "firms": firms.run,
    "states": states.run,
    "run": end_to_end.run,
    "archive": archive.run,
    "client": client.run,
    "features": features.run,
}
"""A section takes the number of repeats and gives its rows."""

COUNTS: dict[str, Callable[[Sequence[str]], None]] = {
    "image-verdicts": image_verdicts.main,
    "kills": kills.main,
    "reliability": reliability.main,
}
"""Each takes the rest of the command line and prints its own table."""


def main() -> None:
    """Print one table per section."""
    if sys.argv[1:] and sys.argv[1] in COUNTS:
        COUNTS[sys.argv[1]](sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="section",
        help=f"of {', '.join(SECTIONS)}; all by default. Alone: {' or '.join(COUNTS)}",
    )
    parser.add_argument("--repeats", type=int, default=5, help="times each task is run; the median is shown")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.sections) - set(SECTIONS))
    if unknown:
        parser.error(f"unknown section {unknown[0]!r}: expected one of {', '.join(SECTIONS)}")
    print(f"Medians over {arguments.repeats} repeats unless a row says otherwise.")
    print(f"One core of {platform.machine()} unless a row says otherwise, Python {platform.python_version()}\n")
    for name in arguments.sections or SECTIONS:
        print(table(name, SECTIONS[name](arguments.repeats)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
