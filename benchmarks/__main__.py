"""Run sections of the benchmark: ``python -m benchmarks [--repeats N] [section ...]``, all of them by default."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterable

from benchmarks import end_to_end, firms, states
from benchmarks.timing import Row, table

Section = Callable[[int], Iterable[Row]]

SECTIONS: dict[str, Section] = {
    "firms": firms.run,
    "states": states.run,
    "run": end_to_end.run,
}
"""A section takes the number of repeats and gives its rows."""


def main() -> None:
    """Print one table per section."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"one of {', '.join(SECTIONS)}; all by default")
    parser.add_argument("--repeats", type=int, default=5, help="times each task is run; the median is shown")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.sections) - set(SECTIONS))
    if unknown:
        parser.error(f"unknown section {unknown[0]!r}: expected one of {', '.join(SECTIONS)}")
    print(f"One core of {platform.machine()} unless a row says otherwise, Python {platform.python_version()}\n")
    for name in arguments.sections or SECTIONS:
        print(table(name, SECTIONS[name](arguments.repeats)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
