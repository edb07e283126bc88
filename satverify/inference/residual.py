"""What a halted works still shows: nothing as a rule, now and then foreign heat, and coke ovens that burn on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from satverify.features.detections import Measured
from satverify.inference.detectability import Detectability, log_negative_binomial
from satverify.inference.durations import FloatArray
from satverify.inference.sky_chain import Emission, Slots

REDUCED_LEVELS = (0.25, 0.5, 0.75)
"""Heat of a unit at reduced output as shares of its usual heat, equally likely. A furnace does not run far below 75 %
of capacity; half is one furnace of two; a quarter is one that is working up after a stop, or one of four. [1]"""

CLEAN_PIXELS, CLEAN_SIZE = 0.001, 1.0
"""Mean and size of the count of false alarms on a halted unit's own ground per look: VIIRS 375 m commits about 1 % of
pixels worldwide, nearly all of them elsewhere, Schroeder et al. 2014, doi:10.1016/j.rse.2013.12.008."""

WARM_PIXELS, WARM_SIZE = 0.8, 1.0
"""Mean and size of the count where there is foreign heat: a pixel or two, seldom many."""

P_WARM = 0.01
"""Share of days with foreign heat on a halted unit's ground, before its own history has spoken. [1]"""

P_WARM_LOOKS = 300.0
"""Halted looks that weigh as much as ``P_WARM`` does."""

MOST_WARM = 0.3
"""Foreign heat on more days than this would no longer be foreign. [1]"""

ALARM_DAYS = 7.0
"""Heat in the outline where the works never had any warns of foreign heat this long before and after. [d]"""

ALARM = 0.3
"""How much likelier foreign heat is on the unit's own ground if there was some beside it on every day round. [1]"""

COMPANION_SHARES = (0.1, 0.3, 0.5)
"""Shares of a site's heat that coke batteries or arc furnaces without known ground may have, equally likely. [1]"""

COMPANION_WAYS = tuple((share, level) for share in COMPANION_SHARES for level in REDUCED_LEVELS)
"""Share of the companions and level of a reduced unit beside them. Which pair holds is unknown but stays: were the
level drawn anew at each look, a steady half would look more like burning ovens than like a furnace at half output."""

COMPANIONS_LAST = 60.0
"""Days after which what was seen says little of the companions' share: coking times change with the season, and the
share seems larger while the unit works. [d]"""

SAME_PLACE = 0.6
"""What each further separate source lit on one look says against foreign heat, which burns at one place. [log-ratio]"""

PLACE_PIXELS = 5.0
"""Halted pixels that weigh as much as the prior of where they lie: anywhere, or where the works is usually hot."""

MOST_PLACE = 3.0
"""Places never speak more strongly than this on one look. [log-ratio]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residual:
    """What was learned of a unit's heat while it was halted."""

    p_warm: float
    """Share of days with foreign heat. [0, 1]"""
    cell_pixels: FloatArray
    """Pixels seen while it was halted, by cell, shape (cells,)."""

    @classmethod
    def unknown(cls, cells: int) -> Residual:
        """Before the history has spoken."""
        return cls(p_warm=P_WARM, cell_pixels=np.zeros(cells))


def learn_residual(measured: Measured, halted: FloatArray, warm: FloatArray) -> Residual:
    """What the looks at a surely halted unit showed.

    Parameters
    ----------
    measured
        The unit's looks and own pixels.
    halted
        Weight of each look as one at a halted unit, shape (looks,). [0, 1]
    warm
        P(foreign heat) after each look, shape (looks,). [0, 1]
    """
    share = (P_WARM * P_WARM_LOOKS + float(halted @ warm)) / (P_WARM_LOOKS + float(halted.sum()))
    weight = halted[measured.pixel_look]
    pixels = np.bincount(measured.pixel_cell, weight, minlength=len(measured.hot.share)).astype(np.float64)
    return Residual(p_warm=min(share, MOST_WARM), cell_pixels=pixels)


def emission(counts: FloatArray, working: Detectability, burning: float = 0.0, level: float | None = None) -> Emission:
    """Log-probability of each look's count under an open sky.

    Parameters
    ----------
    counts
        Own hot pixels, shape (looks,).
    working
        What the unit shows when it works.
    burning
        Share of that which other equipment has that burns on and cannot be told from the unit. [0, 1)
    level
        Level of reduced output, where one level is asked about; else any of ``REDUCED_LEVELS``, drawn anew each look.
    """
    mean, size = working.mean_pixels, working.size
    left = burning * mean
    if burning:
        clean = log_negative_binomial(counts, left + CLEAN_PIXELS, size)
        warm = clean  # beside ovens a fire or two is nothing new, and ovens plus fires would pass for a furnace
    else:
        clean = log_negative_binomial(counts, np.full_like(mean, CLEAN_PIXELS), CLEAN_SIZE)
        warm = log_negative_binomial(counts, np.full_like(mean, WARM_PIXELS), WARM_SIZE)
    return Emission(
        running=log_negative_binomial(counts, mean, size),
        reduced=_any_level(counts, left, mean, size, REDUCED_LEVELS if level is None else (level,)),
        clean=clean,
        warm=warm,
    )


def _any_level(
    counts: FloatArray, left: FloatArray, mean: FloatArray, size: float, levels: tuple[float, ...]
) -> FloatArray:
    """Log-probability of the counts at a reduced output of unknown level."""
    each = [log_negative_binomial(counts, left + level * (mean - left), size) for level in levels]
    return np.asarray(special.logsumexp(each, axis=0) - np.log(len(each)))


def p_warm_by_slot(measured: Measured, residual: Residual, where: Slots) -> FloatArray:
    """Share of days with foreign heat round each slot, shape (slots,): more while fires burn beside the unit."""
    odd = measured.looks["elsewhere_pixels"].to_numpy() > 0
    burning = np.unique(np.floor(where.day[where.number[odd]]))
    last = np.searchsorted(burning, where.day + ALARM_DAYS, side="right")
    first = np.searchsorted(burning, where.day - ALARM_DAYS, side="left")
    alarm = (last - first) / (2 * ALARM_DAYS + 1)
    return np.asarray(np.minimum(residual.p_warm + ALARM * alarm, MOST_WARM))


def place_ratio(measured: Measured, residual: Residual) -> FloatArray:
    """Log-ratio of where a look's pixels lie, working against halted, shape (looks,); zero on dark looks.

    A working unit's pixels lie as they always have. A halted one's lie where they lay when it was halted before; as
    long as that is unknown, half of them anywhere and half where the works is usually hot. Beside equipment that burns
    on, which is part of what is usually hot, places say nothing.
    """
    hot = measured.hot
    looks = measured.looks
    if measured.unit.companions:
        return np.zeros(len(looks))
    anywhere = 1.0 / measured.ground_cells
    usual = np.maximum(hot.share, 0.1 * anywhere)
    unlearned = 0.5 * anywhere + 0.5 * usual
    seen = residual.cell_pixels @ hot.kernel() if len(hot.share) else residual.cell_pixels
    halted = (PLACE_PIXELS * unlearned + seen) / (PLACE_PIXELS + seen.sum())
    is_fine = (looks["sensor"] != "modis").to_numpy()[measured.pixel_look]
    each = np.where(is_fine, np.log(usual / halted)[measured.pixel_cell], 0.0)
    total = np.bincount(measured.pixel_look, each, minlength=len(looks))
    further = np.maximum(looks["hot_sources"].to_numpy() - 1, 0)
    return np.asarray(np.clip(total, -MOST_PLACE, MOST_PLACE) + SAME_PLACE * further)
