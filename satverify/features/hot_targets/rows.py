"""Measurements of units in scenes as rows of ``HEAT_COLUMNS``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.heat import HEAT_COLUMNS
from satverify.features.hot_targets.chips import Chips
from satverify.features.units import ImagedUnit

Columns: TypeAlias = Mapping[str, NDArray[Any]]


def heat_rows(site_id: str, chips: Chips, units: Sequence[ImagedUnit], columns: Columns) -> pd.DataFrame:
    """A row per unit and scene, by unit as given and by time.

    Parameters
    ----------
    site_id
        Whose units they are.
    chips
        The scenes.
    units
        The units.
    columns
        Measurements by column, each of shape (units, time) or one that broadcasts to it. Numbers that are not given
        are NaN, words empty.

    Returns
    -------
    ``HEAT_COLUMNS``.
    """
    shape = (len(units), len(chips))
    given: dict[str, NDArray[Any]] = {
        "site_id": np.array(site_id, dtype=object),
        "unit_id": np.array([unit.unit_id for unit in units], dtype=object).reshape(-1, 1),
        "kind": np.array([unit.kind.value for unit in units], dtype=object).reshape(-1, 1),
        "sensor": np.array(chips.sensor, dtype=object),
        "satellite": np.array(chips.satellite, dtype=object),
        "scene_id": np.array(chips.scene_id, dtype=object),
        "time": chips.time.astype("datetime64[us]"),
        "solar_zenith_angle": chips.solar_zenith_angle,
        "view_zenith_angle": chips.view_zenith_angle,
        "swath_edge_distance": chips.swath_edge_distance,
        **columns,
    }
    # Column by column in its final type: a table of one scene would else take longer to convert than to measure.
    return pd.DataFrame(
        {name: _column(given.get(name), kind, shape) for name, kind in HEAT_COLUMNS.items()}, copy=False
    )


def _column(
    values: NDArray[Any] | None, kind: str, shape: tuple[int, int]
) -> pd.Series[Any] | pd.DatetimeIndex | NDArray[Any]:
    """One column in the type that the table has it in; blank where nothing is given."""
    blank: NDArray[Any] = np.array("", dtype=object) if kind == "str" else np.array(np.nan)
    flat = np.broadcast_to(blank if values is None else values, shape).ravel()
    if kind == "str":
        return pd.Series(flat, dtype="str")
    return flat.astype(np.float64) if kind == "float64" else pd.DatetimeIndex(flat).tz_localize("UTC")
