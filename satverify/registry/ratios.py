"""What a city adds to a notice: ratios by rating, and the ratings and standings of single enterprises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TypeVar

from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating, Site
from satverify.errors import InputError
from satverify.registry.cells import Row
from satverify.registry.csv_rows import table_rows
from satverify.registry.problems import Ledger, nearest, shown
from satverify.registry.toml_files import read_toml

SCHEMA = "satverify/ratios/1"
"""What the key ``schema`` of a ratio file in TOML must say."""

RATIO_COLUMNS = ("rating", "fraction", "phase_id", "circumstance", "source")
STANDING_COLUMNS = ("site_id", "code", "source")
RATING_COLUMNS = ("site_id", "rating", "source")

Noun = TypeVar("Noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioFile:
    """A ratio file in TOML."""

    ratios: tuple[Ratio, ...]
    """One table ``[[ratios]]`` each."""
    standings: tuple[Standing, ...] = ()
    """One table ``[[standings]]`` each."""


def read_ratios(path: str | PathLike[str]) -> RatioFile:
    """Ratios by rating, and the standings beside them where the file is TOML.

    Parameters
    ----------
    path
        CSV with the columns ``rating, fraction`` and, where wanted, ``phase_id, circumstance, source``; or TOML with
        tables ``[[ratios]]`` and ``[[standings]]``.

    Returns
    -------
    Ratios and standings in the order of the file.

    Raises
    ------
    InputError
        Where anything is wrong; ``problems`` lists all of it.
    """
    if Path(path).suffix.lower() == ".toml":
        return read_toml(Path(path), RatioFile, schema=SCHEMA)
    ledger = Ledger(file=str(path))
    rows = _rows(Path(path), RATIO_COLUMNS, RATIO_COLUMNS[:2], ledger)
    ratios = tuple(ratio for row in rows if (ratio := _ratio(row)) is not None)
    ledger.raise_errors("ratios")
    return RatioFile(ratios=ratios)


def read_standings(path: str | PathLike[str]) -> tuple[Standing, ...]:
    """What is known of single enterprises, from a CSV with the columns ``site_id, code, source``.

    Raises
    ------
    InputError
        Where anything is wrong; ``problems`` lists all of it.
    """
    ledger = Ledger(file=str(path))
    rows = _rows(Path(path), STANDING_COLUMNS, STANDING_COLUMNS[:2], ledger)
    standings = tuple(standing for row in rows if (standing := _standing(row)) is not None)
    ledger.raise_errors("standings")
    return standings


def read_ratings(path: str | PathLike[str], sites: Sequence[Site]) -> tuple[Site, ...]:
    """The sites with their environmental ratings out of a CSV with the columns ``site_id, rating, source``.

    Sites that the file does not name keep the rating they have.

    Raises
    ------
    InputError
        Where anything is wrong, or a site is named that is not listed, or twice; ``problems`` lists all of it.
    """
    ledger = Ledger(file=str(path))
    known = {site.site_id for site in sites}
    ratings: dict[str, Rating] = {}
    for row in _rows(Path(path), RATING_COLUMNS, RATING_COLUMNS[:2], ledger):
        site_id, rating = row.required("site_id"), row.word("rating", Rating)
        row.required("rating")
        if site_id and site_id not in known:
            row.error("site_id", "the id of a listed site", shown(site_id) + nearest(site_id, known))
        if site_id in ratings:
            row.error("site_id", "each site once", f"{shown(site_id)} again")
        if rating is not None:
            ratings[site_id] = rating
    ledger.raise_errors("ratings")
    return tuple(replace(site, rating=ratings.get(site.site_id, site.rating)) for site in sites)


def _rows(path: Path, known: tuple[str, ...], required: tuple[str, ...], ledger: Ledger) -> Iterator[Row]:
    for line, values in table_rows(path, known=known, required=required, ledger=ledger):
        yield Row(where=f"line {line}", values=dict(values), ledger=ledger)


def _ratio(row: Row) -> Ratio | None:
    row.required("rating")
    row.required("fraction")
    rating, fraction = row.word("rating", Rating), row.number("fraction")
    phase_id, circumstance, source = (row.text(name) for name in ("phase_id", "circumstance", "source"))
    if rating is None or fraction is None:
        return None
    return _sound(
        row,
        lambda: Ratio(
            rating=rating,
            fraction=fraction,
            phase_id=phase_id or None,
            circumstance=circumstance or None,
            source=source,
        ),
    )


def _standing(row: Row) -> Standing | None:
    site_id, code, source = row.required("site_id"), row.required("code"), row.text("source")
    return _sound(row, lambda: Standing(site_id=site_id, code=code, source=source)) if site_id and code else None


def _sound(row: Row, make: Callable[[], Noun]) -> Noun | None:
    try:
        return make()
    except InputError as exc:
        row.error("values", "values that fit together", shown(str(exc)))
        return None
