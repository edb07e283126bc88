"""Winds of one or many files put together: what belongs to what, what is lacking, and what the whole covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import xarray as xr

from satverify.domain.wind import HEIGHTS, WindCoverage
from satverify.errors import InputError, Problem
from satverify.sources.wind.contents import Contents, Kind, called, contents_of
from satverify.sources.wind.fields import Field, Part, joined
from satverify.sources.wind.files import files_of, open_file, refused
from satverify.sources.wind.names import Quantity
from satverify.sources.wind.times import moment

COMPONENTS = (Quantity.EASTWARD, Quantity.NORTHWARD)
LONG_STEP = 6 * 3600.0
"""Steps of global analyses; over longer ones wind turns in ways that a straight line does not follow. [s]"""

Assembled = tuple[Mapping[Kind, Field], WindCoverage, tuple[Problem, ...], tuple[xr.Dataset, ...]]


def assemble(path: Path) -> Assembled:
    """Open what a path stands for.

    Returns
    -------
    Fields, what they cover, notes, and the open files.

    Raises
    ------
    InputError
        With everything that is wrong; no file stays open.
    """
    with ExitStack() as stack:
        contents, files, problems = _opened(path, stack)
        problems += _lacking(path, contents) if not problems else []  # a file that is not open may have what lacks
        problems += [problem for each in contents for problem in each.problems]
        if problems:
            raise refused(problems)
        fields, notes = _fields(path, contents)
        coverage = _coverage(path, fields)
        notes += [note for each in contents for note in each.notes] + _absent(path, fields, coverage)
        stack.pop_all()
        return fields, coverage, tuple(notes), tuple(files)


def _opened(path: Path, stack: ExitStack) -> tuple[list[Contents], list[xr.Dataset], list[Problem]]:
    """Contents of every file, the files, and why some cannot be opened."""
    contents: list[Contents] = []
    files: list[xr.Dataset] = []
    problems: list[Problem] = []
    for file in files_of(path):
        try:
            dataset = open_file(file)
            stack.callback(dataset.close)
            files.append(dataset)
            contents.append(contents_of(dataset, file))
        except InputError as exc:
            problems += exc.problems
    return contents, files, problems


def _lacking(path: Path, contents: Sequence[Contents]) -> list[Problem]:
    """Wind without one of its components, or none at all."""
    kinds = set().union(*(each.kinds for each in contents))
    halves = [(part, height) for height in HEIGHTS for part in COMPONENTS if (part, height) not in kinds]
    if len(halves) == len(HEIGHTS) * len(COMPONENTS):
        left_out = [text for each in contents for text in each.left_out]
        found = "; ".join(left_out) if left_out else "no wind among its variables"
        return [_problem(path, "eastward and northward wind at 10 m or 100 m, such as u10 and v10", found)]
    return [
        _problem(path, called((part, height)), f"only the other component at {height:g} m")
        for part, height in halves
        if any((other, height) in kinds for other in COMPONENTS)
    ]


def _fields(path: Path, contents: Sequence[Contents]) -> tuple[dict[Kind, Field], list[Problem]]:
    """Parts of all files joined, and notes on them."""
    parts: dict[Kind, list[Part]] = defaultdict(list)
    for each in contents:
        for kind, part in each.parts.items():
            parts[kind].append(part)
    fields, notes, problems = {}, [], []
    for kind in sorted(parts, key=lambda kind: (kind[1] or 0.0, kind[0])):
        strangers = [part for part in parts[kind][1:] if not part.ground.is_same(parts[kind][0].ground)]
        problems += [
            Problem(
                file=part.file,
                where=f"variable {part.name}",
                expected=f"the grid of {parts[kind][0].file}",
                found="another",
            )
            for part in strangers
        ]
        fields[kind], repeated = joined(parts[kind])
        if repeated:
            found = f"{repeated} steps of {called(kind)} that other steps repeat; final ones and earlier files count"
            notes.append(_problem(path, "each time once", found))
        if not strangers and not fields[kind].has_values():
            names = sorted({part.name for part in parts[kind]})
            problems.append(_problem(path, "numbers that can be wind", "none", where=f"variable {', '.join(names)}"))
    if problems:
        raise refused(problems)
    return fields, notes


def _coverage(path: Path, fields: Mapping[Kind, Field]) -> WindCoverage:
    """What all fields cover together."""
    times, grounds = [field.time for field in fields.values()], [field.ground for field in fields.values()]
    start, stop = max(time.values[0] for time in times), min(time.values[-1] for time in times)
    west, east = _span(fields)
    south = max(ground.latitude.values[0] for ground in grounds)
    north = min(ground.latitude.values[-1] for ground in grounds)
    if stop < start or not (west < east and south < north):
        spans = "; ".join(f"{called(kind)} {_spelled(field)}" for kind, field in fields.items())
        raise refused([_problem(path, "quantities of one time and area", spans)])
    gaps = {
        (moment(time.values[place]), moment(time.values[place + 1]))
        for time in times
        for place in time.gaps()
        if time.values[place + 1] > start and time.values[place] < stop
    }
    return WindCoverage(
        start=moment(start),
        stop=moment(stop),
        step=timedelta(seconds=max(time.spacing for time in times)),
        west=west,
        south=float(south),
        east=east,
        north=float(north),
        heights=tuple(height for height in HEIGHTS if (Quantity.EASTWARD, height) in fields),
        has_boundary_layer=(Quantity.BOUNDARY_LAYER, None) in fields,
        gaps=tuple(sorted(gaps)),
    )


def _span(fields: Mapping[Kind, Field]) -> tuple[float, float]:
    """Longitudes that all fields have, the west one in -180 to 180. [degree]"""
    west, east = -180.0, 180.0
    is_first = True
    for field in fields.values():
        if field.ground.goes_round:
            continue
        values = field.ground.longitude.values
        low = (float(values[0]) + 180) % 360 - 180
        high = low + float(values[-1] - values[0])
        west, east = (low, high) if is_first else (max(west, low), min(east, high))
        is_first = False
    return west, east


def _absent(path: Path, fields: Mapping[Kind, Field], coverage: WindCoverage) -> list[Problem]:
    """Notes on what could be there and is not."""
    notes = [
        _problem(path, f"wind at {height:g} m", "none, so it stays unknown")
        for height in HEIGHTS
        if height not in coverage.heights
    ]
    if not coverage.has_boundary_layer:
        notes.append(_problem(path, "a boundary-layer height, such as blh", "none, so it stays unknown"))
    if coverage.step.total_seconds() > LONG_STEP:
        found = f"steps of {coverage.step}, between which wind turns in ways that cannot be told"
        notes.append(_problem(path, "steps of six hours at most", found))
    if len({_spelled(field) for field in fields.values()}) > 1:
        spans = "; ".join(f"{called(kind)} {_spelled(field)}" for kind, field in fields.items())
        notes.append(_problem(path, "one time for all quantities", spans))
    return notes


def _spelled(field: Field) -> str:
    first, last = (moment(field.time.values[place]) for place in (0, -1))
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"


def _problem(path: Path, expected: str, found: str, where: str = "the wind") -> Problem:
    return Problem(file=path.name, where=where, expected=expected, found=found)
