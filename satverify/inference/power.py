"""What the radiative power of a look's pixels adds to their number: weaker pixels speak for less than usual work.

The power of a pixel scatters by a factor of two or so about what the satellite usually reports for the works, by night
or by day. Heat that is not the works' own, or what is kept warm, is weaker as a rule; with fewer sources lit fewer
share a pixel. It is a modest witness beside the count and can never outweigh it.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from satverify.inference.durations import N_STATES, FloatArray, IntArray

LEAST_LOOKS = 20
"""Looks with power from which on a satellite's usual power at a works is known."""

TAILS = 5.0
"""Degrees of freedom of the scatter: a few pixels in a hundred are far off, through smoke, clouds' edges and glint."""

SHIFTS = np.log([1.0, 0.8, 0.5])
"""Where the power of a pixel lies in each state as a share of what is usual: a little less at reduced output, half for
foreign or residual heat. Estimates of ours, right to a factor of 1.5 or so. [log-ratio]"""

WIDTHS = np.array([1.0, 1.1, 1.5])
"""How much wider than usual it scatters in each state: what foreign heat emits is known least. [1]"""

LEAST_SCATTER = 0.3
"""Standard deviation of the log power that no history may undercut. [1]"""

MOST = 0.5
"""Power never speaks more strongly than this on one look. [log-ratio]"""


def power_ratio(pixels: FloatArray, power: FloatArray, stream: IntArray, weights: FloatArray) -> FloatArray:
    """Log-likelihood of each look's power per pixel against usual work.

    Parameters
    ----------
    pixels, power
        Own hot pixels, and their summed radiative power [MW], NaN where not reported, shape (looks,).
    stream
        Number of the satellite and half of the day, shape (looks,).
    weights
        How far each look may be taken for one at a working unit, shape (looks,). [0, 1]

    Returns
    -------
    Shape (looks, 3), the first column zero; zeros where no power is reported or the usual one is not known.
    """
    ratio = np.zeros((len(pixels), N_STATES))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.log(power / pixels)
    known = (pixels > 0) & np.isfinite(each)
    for one in np.unique(stream[known]):
        rows = np.flatnonzero(known & (stream == one))
        taught = each[rows][weights[rows] > 0.5]
        if len(taught) < LEAST_LOOKS:
            continue
        usual = float(np.median(taught))
        scatter = max(LEAST_SCATTER, 1.4826 * float(np.median(np.abs(taught - usual))))
        density = np.asarray(stats.t.logpdf(each[rows, None], TAILS, loc=usual + SHIFTS, scale=scatter * WIDTHS))
        ratio[rows] = np.clip(density - density[:, :1], -MOST, MOST)
    return ratio
