"""What machines truly did at any moment of a simulated season, and on any day: what looks are held against.

The table of a season knows the iron makers by the day; here every unit is known by the second, so that a strand that
runs by night only is at rest at noon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.errors import InputError
from satverify.simulate.history import Span, is_banked_at, level_at
from satverify.simulate.ledger import machinery_truth, state_of
from satverify.simulate.machines import Machinery
from satverify.simulate.season import SeasonDraw

__all__ = ["banked_at", "daily_truth", "levels_at", "state_of", "unit_ids_of"]

Floats: TypeAlias = NDArray[np.float64]


def unit_ids_of(draw: SeasonDraw, site_id: str) -> tuple[str, ...]:
    """Every unit of a site that is simulated, in the order of its machines, without ``<site_id>:ironmaking``."""
    return tuple(dict.fromkeys(machine.unit_id for machine in _equipment(draw, site_id).machines))


def levels_at(draw: SeasonDraw, site_id: str, unit_ids: Sequence[str], times: NDArray[np.datetime64]) -> Floats:
    """Output of units at some moments.

    Parameters
    ----------
    draw
        The season.
    site_id
        One of its sites.
    unit_ids
        Units of the site; ``<site_id>:ironmaking`` is all its iron makers together.
    times
        UTC, shape (times,). Before the season its first moment counts, after it the last.

    Returns
    -------
    Output against full output, shape (units, times). [0, 1]

    Raises
    ------
    InputError
        The season has no such site, or the site no such unit.
    """
    machinery, seconds = _equipment(draw, site_id), _seconds(times)
    levels = [machinery.mean(unit_id, lambda history: level_at(history, seconds)) for unit_id in unit_ids]
    return np.stack(levels) if levels else np.zeros((0, seconds.size))


def banked_at(draw: SeasonDraw, site_id: str, unit_ids: Sequence[str], times: NDArray[np.datetime64]) -> Floats:
    """Share of units' capacity that stands and is kept warm at some moments, shape (units, times). [0, 1]

    Arguments and errors as in ``levels_at``.
    """
    machinery, seconds = _equipment(draw, site_id), _seconds(times)
    shares = [
        machinery.mean(unit_id, lambda history: is_banked_at(history, seconds).astype(np.float64))
        for unit_id in unit_ids
    ]
    return np.stack(shares) if shares else np.zeros((0, seconds.size))


def daily_truth(draw: SeasonDraw, site_id: str, unit_ids: Sequence[str] | None = None) -> pd.DataFrame:
    """``TRUTH_COLUMNS`` of units of a site, sorted by unit and day; of all its units where none are named.

    A day counts by its mean output: one on which a unit ran by night only is reduced.
    """
    named = unit_ids_of(draw, site_id) if unit_ids is None else unit_ids
    span = Span(days=draw.scenario.days, timezone=draw.scenario.timezone)
    return machinery_truth(_equipment(draw, site_id), named, span)


def _equipment(draw: SeasonDraw, site_id: str) -> Machinery:
    for machinery in draw.machinery:
        if machinery.site_id == site_id:
            return machinery
    raise InputError(f"simulated season: no site {site_id}")


def _seconds(times: NDArray[np.datetime64]) -> Floats:
    return times.astype("datetime64[ms]").astype(np.float64) / 1000
