"""How many pixels of heat a working unit shows on a look: learned from its own history, with what is usual as prior.

The count is zero-inflated negative binomial: either the sky hides the unit and the count is zero, or it is open and the
count scatters round a mean. The sky depends on the season, the reported cloud, what lit the surroundings, and the
slant of the view; the mean on the satellite, night or day, and the same slant. This is an occupancy model's detection
layer (MacKenzie et al. 2002, doi:10.1890/0012-9658(2002)083[2248:ESORWD]2.0.CO;2) with counts for hits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from satverify.inference.durations import FloatArray, IntArray
from satverify.inference.sky_chain import same_sky

CLOUD_HALF = 50.0  # [%] cloud cover at which its effect on the sky is zero
CLOUD_SCALE = 35.0  # [%] about the standard deviation of daily cloud cover in the mid-latitudes
OVERCAST = 80.0  # [%] cloud cover above which holes close faster
CLEAREST_DAY = 198  # day of year: mid-July, the sky and the sun of the northern mid-latitudes
SNOW = 1.0  # [cm] from which on the ground counts as white
STEADY_NOISE = 0.3  # expected sources' weight below which their silence is chance
MOST_LIT, LEAST_LIT = 3.0, -2.0

SKY_TERMS = ("base", "season_cos", "season_sin", "cloud", "overcast", "surroundings", "day", "slant", "snow")
SKY_MEAN = np.array([0.8, 0.8, 0.0, -0.8, -0.8, 0.5, 0.0, -0.3, 0.0])
SKY_SPREAD = np.array([1.0, 0.7, 0.4, 0.7, 0.8, 0.5, 1.0, 0.5, 0.5])
"""Prior of the sky's coefficients: clear-sky shares of 0.3-0.45 in winter and 0.7 in summer, falling with cloud. Broad:
a season of looks outweighs it."""

LEVEL_TERMS = ("cloud", "slant")
LEVEL_MEAN = np.array([-0.3, -0.5])
LEVEL_SPREAD = np.array([0.3, 0.5])
"""Prior of what thins the count under an open sky: thin cloud, and pixels that grow with the slant."""

STREAM_MEAN, STREAM_SPREAD = 0.5, 1.5
"""Prior of the log mean count of a satellite by night or day: one or two pixels, give or take a factor of five."""

SIZE_MEAN, SIZE_SPREAD = 0.2, 0.7
"""Prior of the log size of the negative binomial: a little less scatter than a geometric count has."""

MOST_PIXELS = 6.0  # log of more pixels than any works has
ITERATIONS = 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covariates:
    """What is known of each look but its count."""

    sky: FloatArray
    """``SKY_TERMS``, shape (looks, 9)."""
    level: FloatArray
    """``LEVEL_TERMS``, shape (looks, 2)."""
    stream: IntArray
    """Number of the satellite and half of the day, shape (looks,)."""
    streams: tuple[str, ...]
    """Their names."""
    slot: IntArray
    """Number of the sky that the look shares with those of the same hours, shape (looks,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detectability:
    """What a working unit shows, fitted."""

    sky_logit: FloatArray
    """Log-odds that the sky is open, shape (looks,)."""
    mean_pixels: FloatArray
    """Expected count under an open sky, shape (looks,)."""
    size: float
    """Size of the negative binomial: the smaller, the more the count scatters."""
    parameters: FloatArray
    """Everything that was fitted, to start the next fit from."""

    @property
    def p_open(self) -> FloatArray:
        """P(sky open), shape (looks,). [0, 1]"""
        return np.asarray(special.expit(self.sky_logit))

    @property
    def p_detect(self) -> FloatArray:
        """P(at least one pixel | working), shape (looks,). [0, 1]"""
        dark = np.exp(self.size * np.log(self.size / (self.size + self.mean_pixels)))
        return np.asarray(self.p_open * (1.0 - dark))


def covariates(looks: pd.DataFrame) -> Covariates:
    """What is known of each look but its count; an unknown cloud cover, view or snow depth has no effect."""
    date = looks["time"].dt.day_of_year.to_numpy(dtype=np.float64)
    season = 2 * np.pi * (date - CLEAREST_DAY) / 365.25
    cover = looks["cloud_cover"].to_numpy(dtype=np.float64)
    cloud = np.nan_to_num((cover - CLOUD_HALF) / CLOUD_SCALE)
    overcast = np.nan_to_num(np.maximum(cover - OVERCAST, 0.0) / (100.0 - OVERCAST))
    lit, steady = looks["lit"].to_numpy(), looks["steady"].to_numpy()
    surroundings = np.clip((lit - steady) / np.sqrt(steady + STEADY_NOISE), LEAST_LIT, MOST_LIT)
    slant = np.nan_to_num(1.0 / np.cos(np.radians(looks["view_zenith_angle"].to_numpy(dtype=np.float64))) - 1.0)
    snow = (np.nan_to_num(looks["snow_depth"].to_numpy(dtype=np.float64)) >= SNOW).astype(np.float64)
    is_day = (looks["day_night"] == "D").to_numpy().astype(np.float64)
    one = np.ones(len(looks))
    columns = [one, np.cos(season), np.sin(season), cloud, overcast, surroundings, is_day, slant, snow]
    names = looks["sensor"] + ":" + looks["satellite"] + ":" + looks["day_night"]
    stream, streams = pd.factorize(names, sort=True)
    return Covariates(
        sky=np.column_stack(columns),
        level=np.column_stack([cloud, slant]),
        stream=np.asarray(stream, dtype=np.intp),
        streams=tuple(streams),
        slot=same_sky(looks)[0],
    )


def fit_detectability(
    counts: FloatArray, weights: FloatArray, known: Covariates, start: FloatArray | None = None
) -> Detectability:
    """Most probable parameters given the counts of looks at which the unit worked.

    Parameters
    ----------
    counts
        Own hot pixels of each look, shape (looks,).
    weights
        How far each look may be taken for one at a working unit, shape (looks,). [0, 1]
    known
        Covariates of the looks.
    start
        Parameters of an earlier fit.
    """
    streams = len(known.streams)
    mean = np.concatenate([SKY_MEAN, LEVEL_MEAN, np.full(streams, STREAM_MEAN), [SIZE_MEAN]])
    spread = np.concatenate([SKY_SPREAD, LEVEL_SPREAD, np.full(streams, STREAM_SPREAD), [SIZE_SPREAD]])

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _log_likelihood(parameters, counts, weights, known)
        off = (parameters - mean) / spread
        return -value + 0.5 * float(off @ off), -slope + off / spread

    begin = start if start is not None else mean
    found = optimize.minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    best = np.asarray(found.x, dtype=np.float64)
    sky, level, stream, log_size = _split(best, streams)
    return Detectability(
        sky_logit=known.sky @ sky,
        mean_pixels=_mean(known, level, stream),
        size=float(np.exp(log_size)),
        parameters=best,
    )


def _split(parameters: FloatArray, streams: int) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    sky, level = len(SKY_TERMS), len(LEVEL_TERMS)
    return (
        parameters[:sky],
        parameters[sky : sky + level],
        parameters[sky + level : sky + level + streams],
        float(parameters[-1]),
    )


def _mean(known: Covariates, level: FloatArray, stream: FloatArray) -> FloatArray:
    return np.asarray(np.exp(np.clip(stream[known.stream] + known.level @ level, -12.0, MOST_PIXELS)))


def _log_likelihood(
    parameters: FloatArray, counts: FloatArray, weights: FloatArray, known: Covariates
) -> tuple[float, FloatArray]:
    """Weighted log-likelihood of the zero-inflated negative binomial, and its gradient.

    Looks of one slot share their sky: a dark look beside a lit one is dark for the unit's own sake.
    """
    sky, level, stream, log_size = _split(parameters, len(known.streams))
    size = np.exp(log_size)
    mean = _mean(known, level, stream)
    is_in = weights > 0
    number = int(known.slot.max(initial=-1)) + 1
    members = np.maximum(np.bincount(known.slot, is_in, minlength=number), 1.0)
    weight = np.bincount(known.slot, weights, minlength=number) / members
    logit = np.bincount(known.slot, is_in * (known.sky @ sky), minlength=number) / members
    under_open = np.bincount(known.slot, is_in * log_negative_binomial(counts, mean, size), minlength=number)
    is_dark = np.bincount(known.slot, is_in * counts, minlength=number) == 0
    lit = special.log_expit(logit) + under_open
    total = np.where(is_dark, np.logaddexp(lit, special.log_expit(-logit)), lit)
    value = float(weight @ total)
    p_open = np.exp(lit - total)
    by_logit = is_in * (weight * (p_open - special.expit(logit)) / members)[known.slot]
    share = is_in * (weight * p_open)[known.slot]
    by_mean = share * (counts - mean) * size / (size + mean)
    by_size = (
        share
        * size
        * (
            special.digamma(counts + size)
            - special.digamma(size)
            + np.log(size / (size + mean))
            + 1.0
            - (size + counts) / (size + mean)
        )
    )
    slope = np.concatenate(
        [
            known.sky.T @ by_logit,
            known.level.T @ by_mean,
            np.bincount(known.stream, by_mean, minlength=len(known.streams)),
            [float(by_size.sum())],
        ]
    )
    return value, slope


def log_negative_binomial(counts: FloatArray, mean: FloatArray, size: float) -> FloatArray:
    """Log-probability of a count with the given mean and size, elementwise."""
    ways = special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1.0)
    lit = np.log(np.maximum(mean, np.finfo(float).tiny) / (size + mean))
    return np.asarray(ways + size * np.log(size / (size + mean)) + counts * lit)
