"""Heat becomes looks: the classifier's likelihoods, weighed by what each unit's own history says of its visibility."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.evidence import LOOK_COLUMNS, empty_table
from satverify.domain.looks import LOGLIK_COLUMNS, USABLE, Quality
from satverify.errors import InputError
from satverify.inference.classifier.model import SURE, HeatModel, grouped_rows, state_log_likelihood
from satverify.inference.visibility import FOREIGN_HEAT, FOREIGN_HEAT_POOLED, HALTED, Visibility, own_looks

Floats: TypeAlias = NDArray[np.float64]

SUNSET = 90.0  # [degree] zenith angle of a sun on the horizon
ORDER = ["site_id", "unit_id", "time", "sensor", "satellite"]
POOLED = ("sentinel-3-slstr",)
"""Sensors whose pixels hold several pieces of equipment."""
EPOCH = date(1970, 1, 1)


def heat_looks(
    model: HeatModel,
    heat: pd.DataFrame,
    timezone: str,
    *,
    at_work: pd.Series,
    windows: Sequence[tuple[date, date]] = (),
) -> pd.DataFrame:
    """Looks of all units and scenes.

    Parameters
    ----------
    model
        Trained.
    heat
        ``HEAT_COLUMNS``: all of the history there is, since it teaches how well each unit can be seen.
    timezone
        IANA name of the sites' local time.
    at_work
        P(running or reduced) at each row from other sensors, on the index of ``heat``. [0, 1]
    windows
        Ordered windows as local days ``[start, stop)``; looks inside them teach nothing about the unit.

    Returns
    -------
    ``LOOK_COLUMNS``, sorted by site, unit and time. ``cloud_cover`` is over the unit; ``p_detect`` is the probability
    that the look says "works" of this unit at work. A look that the model knows nothing of carries zeros, and is of
    low quality.

    Raises
    ------
    ModelError
        Columns are missing.
    InputError
        Weights that are not on the index of ``heat``, or outside of [0, 1].
    """
    if heat.empty:
        return empty_table(LOOK_COLUMNS)
    if not at_work.index.equals(heat.index) or not at_work.between(0, 1).all():
        raise InputError("weights of looks: expected one in [0, 1] for each row of heat, on the same index")
    local_day = local_days(heat["time"], timezone)
    loglik, p_detect = _weighed(model, heat, local_day, at_work.to_numpy(dtype=np.float64), windows)
    table = _measured(heat, local_day).assign(p_detect=p_detect)
    is_unknown = np.isnan(p_detect) & _is_usable(heat)
    table["quality"] = heat["quality"].mask(is_unknown, str(Quality.LOW_QUALITY))
    table["quality_reason"] = heat["quality_reason"].mask(is_unknown, "no_model")
    table[list(LOGLIK_COLUMNS)] = loglik
    return table[list(LOOK_COLUMNS)].astype(LOOK_COLUMNS).sort_values(ORDER, kind="stable", ignore_index=True)


def local_days(time: pd.Series, timezone: str) -> pd.Series:
    """Local day of each time of acquisition, as tables of looks have it."""
    days: pd.Series = time.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    return days


def has_evidence(looks: pd.DataFrame) -> bool:
    """Whether any look weighs for or against a state."""
    return bool((looks[list(LOGLIK_COLUMNS)] != 0).any(axis=None))


def _weighed(
    model: HeatModel,
    heat: pd.DataFrame,
    local_day: pd.Series,
    at_work: Floats,
    windows: Sequence[tuple[date, date]],
) -> tuple[Floats, Floats]:
    """Log-likelihoods, shape (rows, 3), and P(detect), NaN where nothing is known."""
    loglik, p_detect = state_log_likelihood(model, heat), np.full(len(heat), np.nan)
    day = local_day.to_numpy().astype("datetime64[D]").astype(np.intp)
    spans = [((start - EPOCH).days, (stop - EPOCH).days) for start, stop in windows]
    visibility = _visibilities(model, heat)
    known = np.array([each is not None for each in visibility], dtype=bool)
    foreign = np.where(heat["sensor"].isin(POOLED), FOREIGN_HEAT_POOLED, FOREIGN_HEAT)
    time = heat["time"].to_numpy()
    units = heat.groupby(["site_id", "unit_id"], sort=False).ngroup().to_numpy()
    for unit in np.unique(units[known]):
        rows = np.flatnonzero(known & (units == unit))
        rows = rows[np.argsort(time[rows], kind="stable")]
        usual = [each for row in rows if (each := visibility[row]) is not None]
        own = own_looks(loglik[rows][:, :HALTED], day[rows], at_work[rows], usual, spans, foreign[rows])
        loglik[rows], p_detect[rows] = own.loglik, own.p_detect
    return loglik, p_detect


def _visibilities(model: HeatModel, heat: pd.DataFrame) -> list[Visibility | None]:
    """How visible units of the kind are under the conditions of each look; none where nothing was learned of it."""
    found: list[Visibility | None] = [None] * len(heat)
    for key, rows in grouped_rows(model, heat).items():
        group = model.groups[key]
        # Whole hundredths: looks under like conditions share what is computed once for each visibility.
        means = np.clip(np.round(group.detection.p_seen(heat.iloc[rows]), 2), *SURE)
        kinds = {float(mean): Visibility(mean=float(mean), strength=group.visibility.strength) for mean in set(means)}
        for row, mean in zip(rows, means, strict=True):
            found[row] = kinds[float(mean)]
    return found


def _is_usable(heat: pd.DataFrame) -> NDArray[np.bool_]:
    return heat["quality"].isin([str(each) for each in USABLE]).to_numpy()


def _measured(heat: pd.DataFrame, local_day: pd.Series) -> pd.DataFrame:
    """What looks have of the scene."""
    return pd.DataFrame(
        {
            **{name: heat[name] for name in ("site_id", "unit_id", "sensor", "satellite", "scene_id", "time")},
            "time_known": True,
            "local_day": local_day,
            "day_night": np.where(heat["solar_zenith_angle"] < SUNSET, "D", "N"),
            "view_zenith_angle": heat["view_zenith_angle"],
            "cloud_cover": 100.0 * heat["cloud_share"],
            "p_clear": np.where(_is_usable(heat), 1.0 - heat["cloud_share"], 0.0),
            "hot_pixels": np.ceil(heat["hot_pixels"].fillna(0.0)),
            "hot_sources": heat["hot_sources"].fillna(0.0),
            "elsewhere_pixels": 0,
            "fire_radiative_power": heat["radiant_power"],
        }
    )
