"""What one file holds of the wind, and everything that is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import xarray as xr

from satverify.domain.wind import HEIGHTS
from satverify.errors import Problem
from satverify.sources.tables import shown
from satverify.sources.wind.coordinates import (
    CoordinateError,
    ground_of,
    height_beside,
    height_dim,
    times_of,
    versions_of,
)
from satverify.sources.wind.fields import Part
from satverify.sources.wind.files import absent_chunks
from satverify.sources.wind.names import Meaning, Quantity, is_speed_or_direction, is_unit_of, meaning_of

Kind = tuple[Quantity, float | None]
"""A quantity and its height above ground [m], none for the boundary layer."""


@dataclass(slots=True)
class Contents:
    """What a file holds, and what is wrong with it. Filled while reading, so it changes."""

    path: Path
    parts: dict[Kind, Part] = field(default_factory=dict)
    kinds: set[Kind] = field(default_factory=set)
    """What there is, be it usable or not."""
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """What was assumed of what is used."""
    left_out: list[str] = field(default_factory=list)
    """Winds that cannot be used, and why: of no harm where others can."""

    def blame(self, where: str, expected: str, found: str) -> None:
        """Tell a problem once."""
        problem = Problem(file=self.path.name, where=where, expected=expected, found=found)
        if problem not in self.problems:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A variable, or a level of one, that may be used."""

    name: str
    fixed: Mapping[str, int]
    """Position of the level."""
    is_known_name: bool
    """Whether its name alone would do: ``u10`` wins over another eastward wind at 10 m."""


def contents_of(dataset: xr.Dataset, path: Path) -> Contents:
    """Find the winds of a file.

    Parameters
    ----------
    dataset
        As ``open_file`` gives it.
    path
        Where it is, for messages.

    Returns
    -------
    The contents; whether they suffice is for the caller to say, who may have more files.
    """
    contents = Contents(path)
    for kind, candidates in _candidates(dataset, contents).items():
        contents.kinds.add(kind)
        known = [candidate for candidate in candidates if candidate.is_known_name] or candidates
        if len(known) > 1:
            names = ", ".join(candidate.name for candidate in known)
            contents.blame(f"variables {names}", f"one {called(kind)}", f"{len(known)}")
            continue
        try:
            _add(dataset, contents, kind, known[0])
        except CoordinateError as exc:
            contents.blame(exc.where, exc.expected, exc.found)
    return contents


def called(kind: Kind) -> str:
    """Quantity in words."""
    quantity, height = kind
    return quantity.replace("_", " ") if height is None else f"{quantity.replace('_', ' ')} at {height:g} m"


def _candidates(dataset: xr.Dataset, contents: Contents) -> dict[Kind, list[Candidate]]:
    """Variables of each quantity and height that is kept."""
    found: dict[Kind, list[Candidate]] = defaultdict(list)
    for key, variable in dataset.variables.items():
        name, meaning = str(key), meaning_of(str(key), variable.attrs)
        if meaning is None:
            if is_speed_or_direction(name, variable.attrs):
                contents.left_out.append(f"{name}, which is speed or direction")
            continue
        bare = meaning_of(name, {})
        is_known_name = bare is not None and (bare.height is not None or bare.quantity is Quantity.BOUNDARY_LAYER)
        for height, fixed in _levels(dataset, variable, meaning):
            if meaning.quantity is not Quantity.BOUNDARY_LAYER and height not in HEIGHTS:
                where = "whose height above ground is not said" if height is None else f"which is at {height:g} m"
                contents.left_out.append(f"{name}, {where}")
                continue
            kind = (meaning.quantity, height)
            found[kind].append(Candidate(name=name, fixed=fixed, is_known_name=is_known_name))
    return found


def _levels(dataset: xr.Dataset, variable: xr.Variable, meaning: Meaning) -> list[tuple[float | None, dict[str, int]]]:
    """Heights of a variable, and where each stands: its own dimension says it best, then its name, then the file."""
    if meaning.quantity is Quantity.BOUNDARY_LAYER:
        return [(None, {})]
    along = height_dim(dataset, variable)
    if along is not None:
        coordinate = dataset.variables[along]
        dim = str(coordinate.dims[0])
        return [(float(height), {dim: place}) for place, height in enumerate(coordinate.to_numpy())]
    return [(height_beside(dataset) if meaning.height is None else meaning.height, {})]


def _add(dataset: xr.Dataset, contents: Contents, kind: Kind, candidate: Candidate) -> None:
    """Check a variable and keep it."""
    variable, name, file = dataset.variables[candidate.name], candidate.name, contents.path.name
    _check_unit(contents, kind[0], name, variable)
    latitude, longitude, ground = ground_of(dataset, variable, file)
    times = times_of(dataset, variable, file)
    others = [str(dim) for dim in variable.dims if dim not in {latitude, longitude, times.dim, *candidate.fixed}]
    versions = _versions(dataset, file) if "expver" in others and variable.sizes["expver"] > 1 else None
    _check_values(contents, name, variable, [dim for dim in others if not (versions and dim == "expver")])
    contents.parts[kind] = Part(
        file=file,
        name=name,
        quantity=kind[0],
        variable=variable,
        dims=(times.dim, latitude, longitude),
        fixed={**candidate.fixed, **{dim: 0 for dim in others if variable.sizes[dim] == 1}},
        versions=versions,
        time=times.values,
        rank=times.rank,
        ground=ground,
    )


def _versions(dataset: xr.Dataset, file: str) -> tuple[str, tuple[int, ...]]:
    """The dimension of versions and the positions along it, that of ERA5 before that of ERA5T."""
    coordinate = dataset.variables.get("expver")
    numbers = versions_of(coordinate, file) if coordinate is not None else list(range(dataset.sizes["expver"]))
    return "expver", tuple(sorted(range(len(numbers)), key=numbers.__getitem__))


def _check_values(contents: Contents, name: str, variable: xr.Variable, others: list[str]) -> None:
    """Blame what makes the values of a variable useless; ``others`` are dimensions beside time and place."""
    where = f"variable {name}"
    for dim in others:
        if variable.sizes[dim] != 1:
            expected = "one value a place and time, such as one member and one level"
            contents.blame(where, expected, f"{variable.sizes[dim]} along {dim}")
    if variable.dtype.kind not in "iuf":
        contents.blame(where, "numbers", f"values of type {variable.dtype}")
    absent = absent_chunks(contents.path, name, variable)
    if absent:
        contents.blame(where, "every chunk of the store", f"{absent} absent, as after a copy cut short")


def _check_unit(contents: Contents, quantity: Quantity, name: str, variable: xr.Variable) -> None:
    unit = variable.attrs.get("units")
    if unit is None or not str(unit).strip():
        file, where = contents.path.name, f"variable {name}"
        found = f"none, taken as {quantity.unit}"
        contents.notes.append(Problem(file=file, where=where, expected="a units attribute", found=found))
    elif not is_unit_of(quantity, str(unit)):
        contents.blame(f"variable {name}", f"units {quantity.unit}", repr(shown(str(unit))))
