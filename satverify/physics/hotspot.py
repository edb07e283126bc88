"""Indices that tell heat from sunlight in three bands near 0.86, 1.6 and 2.2 µm, and two published methods, whole.

A flame, hot slag or hot metal radiates most at 2.2 µm, less at 1.6 and next to nothing at 0.86; the Sun gives least at
2.2. Reflectances here are those at the top of the atmosphere, corrected for the Sun's height.

References
----------
Y. Liu et al., ISPRS Journal of Photogrammetry and Remote Sensing 177, 174, 2021. doi:10.1016/j.isprsjprs.2021.05.008
F. Marchese et al., Remote Sensing 11(23), 2876, 2019. doi:10.3390/rs11232876
N. Genzano et al., Remote Sensing 12(19), 3232, 2020. doi:10.3390/rs12193232
M. Faruolo et al., Remote Sensing 14(24), 6319, 2022. doi:10.3390/rs14246319
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FloatArray: TypeAlias = NDArray[np.floating]
Booleans: TypeAlias = NDArray[np.bool_]

TAI_LEAST = 0.45  # Liu et al. 2021
TAI_WINDOW = 15  # pixels across, of the mean that is taken off and of the surroundings; Liu et al. 2021
TAI_LEAST_SWIR22 = 0.15  # reflectance; Liu et al. 2021, as the open re-implementations have it
TAI_LEAST_SWIR16 = 0.05  # reflectance at which shadow and water begin; likewise
TAI_LEAST_NIR08 = 0.01  # reflectance; likewise
TAI_SATURATED = 1.0  # reflectance of both bands beside a hot pixel; likewise
SUNLIT = 2.0  # radiance at 0.86 over that at 1.6 µm; any cold surface that bright has over 3: own choice
PERSISTENT_SHARE = 0.10  # of clear scenes; Faruolo et al. 2022


def normalised_hotspot_index(longer: FloatArray, shorter: FloatArray) -> FloatArray:
    """Contrast of two bands, rising with sub-pixel heat.

    Parameters
    ----------
    longer, shorter
        Top-of-atmosphere radiance at the longer and the shorter wavelength, one shape. [W m⁻² sr⁻¹ µm⁻¹]

    Returns
    -------
    (longer - shorter) / (longer + shorter), NaN where the sum is not positive. [1]

    References
    ----------
    F. Marchese et al., Remote Sensing 11(23), 2876, 2019. doi:10.3390/rs11232876
    """
    total = longer + shorter
    blank = np.full_like(total, np.nan)
    return np.divide(longer - shorter, total, out=blank, where=total > 0)


def thermal_anomaly_index(nir08: FloatArray, swir16: FloatArray, swir22: FloatArray) -> FloatArray:
    """Rise of reflectance from 1.6 to 2.2 µm against that at 0.86 µm, to which heat adds next to nothing.

    Parameters
    ----------
    nir08, swir16, swir22
        Top-of-atmosphere reflectance, one shape. [1]

    Returns
    -------
    (swir22 - swir16) / nir08, NaN where ``nir08`` is not positive; exactly 0 where both others are saturated. [1]

    References
    ----------
    Y. Liu et al., ISPRS J. Photogramm. Remote Sens. 177, 174, 2021. doi:10.1016/j.isprsjprs.2021.05.008
    """
    rise = swir22 - swir16
    return np.divide(rise, nir08, out=np.full_like(rise, np.nan), where=nir08 > 0)


def is_thermal_anomaly(nir08: FloatArray, swir16: FloatArray, swir22: FloatArray) -> Booleans:
    """High-temperature anomalies by the thermal anomaly index, with all that is published round the index.

    Seeds exceed the mean index of their surroundings, negative values counted as 0, by the threshold; every pixel of
    a seed's surroundings with the index over the threshold is an anomaly, where reflectance rises more from 1.6 to
    2.2 µm than from 0.86 to 1.6 and is not dark; so are pixels beside one that both short-wave bands are saturated
    in. The threshold, the rise and the index are in the abstract of the paper; the window, the floors and the rule for
    saturated pixels are taken from open re-implementations of it.

    Parameters
    ----------
    nir08, swir16, swir22
        Top-of-atmosphere reflectance, shape (y, x), or (time, y, x), where each scene stands for itself. [1]

    Returns
    -------
    True where an anomaly is, of the same shape; False where a band is NaN.

    References
    ----------
    Y. Liu et al., ISPRS J. Photogramm. Remote Sens. 177, 174, 2021. doi:10.1016/j.isprsjprs.2021.05.008
    """
    index = thermal_anomaly_index(nir08, swir16, swir22)
    over = index >= TAI_LEAST
    found = np.zeros(over.shape, dtype=np.bool_)
    scenes = [()] if over.ndim == 2 else [(scene,) for scene in np.flatnonzero(over.any(axis=(1, 2)))]
    for scene in scenes:
        if over[scene].any():
            part = (*scene, *_extent(over[scene]))
            found[part] = _anomalies(index[part], over[part], nir08[part], swir16[part], swir22[part])
    return found


def _extent(over: Booleans) -> tuple[slice, slice]:
    """Rows and columns that hold all pixels over the threshold and everything that their windows meet."""
    rows, columns = np.nonzero(over)
    room = TAI_WINDOW // 2 + 1
    down, across = (slice(max(int(axis.min()) - room, 0), int(axis.max()) + room + 1) for axis in (rows, columns))
    return down, across


def _anomalies(
    index: FloatArray, over: Booleans, nir08: FloatArray, swir16: FloatArray, swir22: FloatArray
) -> Booleans:
    positive = np.where(index > 0, index, 0)
    seeds = positive - ndimage.uniform_filter(positive, TAI_WINDOW, mode="nearest") > TAI_LEAST
    near: Booleans = ndimage.maximum_filter(seeds, TAI_WINDOW)
    risen = (swir22 - swir16 >= swir16 - nir08) & (swir22 > TAI_LEAST_SWIR22)
    anomalies = over & near & risen
    beside: Booleans = ndimage.maximum_filter(anomalies, 3)
    anomalies |= beside & (swir22 >= TAI_SATURATED) & (swir16 >= TAI_SATURATED)
    return anomalies & (swir16 > TAI_LEAST_SWIR16) & (nir08 > TAI_LEAST_NIR08)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotspotRules:
    """Thresholds of the normalised hotspot indices for one instrument. Radiances in [W m⁻² sr⁻¹ µm⁻¹]."""

    least_swir22: float
    """Radiance at 2.2 µm that a hot pixel exceeds."""
    least_nir08: float
    """Radiance at 0.86 µm that a pixel hot by the shorter pair of bands exceeds."""
    extreme_swir16: float
    """Radiance at 1.6 µm from which a pixel is extreme: near saturation."""
    largest_visible: tuple[float, float, float]
    """Visible radiance below which a pixel can be of middle or low intensity, of high intensity, and extreme; brighter
    ones are cloud, snow or glint."""
    least_shift: float
    """Contrast of 2.2 with 0.86 µm that a pixel hot by the longer pair exceeds: bands that do not lie on each other."""
    least_shift_high: float
    """Likewise of pixels hot by the shorter pair."""


MSI_RULES = (
    HotspotRules(  # Marchese et al. 2019 with the numbers of the authors' tool, version 1.5 (Genzano et al. 2020)
        least_swir22=2.0,
        least_nir08=10.0,
        extreme_swir16=70.0,
        largest_visible=(90.0, 70.0, 70.0),
        least_shift=-0.6,
        least_shift_high=-0.3,
    )
)
"""For Sentinel-2 MSI. The visible band is that at 0.70 µm."""
OLI_RULES = HotspotRules(  # likewise; OLI's bands are registered to each other, so there is no test of that
    least_swir22=2.0,
    least_nir08=-np.inf,
    extreme_swir16=74.0,
    largest_visible=(np.inf, np.inf, 70.0),
    least_shift=-np.inf,
    least_shift_high=-np.inf,
)
"""For Landsat 8 and 9 OLI. The visible band is that at 0.44 µm."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hotspots:
    """Hot pixels by the normalised hotspot indices, each in one class at most; one shape."""

    is_mid_low: Booleans
    """Of middle or low intensity: hot by 2.2 over 1.6 µm only."""
    is_high: Booleans
    """Of high intensity: hot by 1.6 over 0.86 µm."""
    is_extreme: Booleans
    """So bright that the contrasts fail: near saturation, and dark in the visible."""

    @property
    def is_hot(self) -> Booleans:
        """Of any class."""
        return self.is_mid_low | self.is_high | self.is_extreme


def hotspots(
    nir08: FloatArray,
    swir16: FloatArray,
    swir22: FloatArray,
    *,
    rules: HotspotRules,
    visible: FloatArray | None = None,
) -> Hotspots:
    """Hot pixels by the normalised hotspot indices, with floors, the filter against mis-registration, and classes.

    Parameters
    ----------
    nir08, swir16, swir22
        Top-of-atmosphere radiance, one shape. [W m⁻² sr⁻¹ µm⁻¹]
    rules
        Of the instrument.
    visible
        Likewise at 0.70 µm for MSI, 0.44 µm for OLI; a blue band may stand in. Without it no pixel fails
        the tests of the visible, but what sunlight explains at 0.86 µm is not extreme.

    Returns
    -------
    Classes of every pixel; none where a band is NaN.

    References
    ----------
    F. Marchese et al., Remote Sensing 11(23), 2876, 2019. doi:10.3390/rs11232876
    N. Genzano et al., Remote Sensing 12(19), 3232, 2020. doi:10.3390/rs12193232
    """
    is_high = (swir22 > rules.least_swir22) & (swir16 > nir08) & (nir08 > rules.least_nir08)
    is_longer = (swir22 > rules.least_swir22) & (swir22 > swir16)
    is_extreme = (swir16 >= rules.extreme_swir16) & np.isfinite(swir22)
    if np.isfinite(rules.least_shift):
        shift = normalised_hotspot_index(swir22, nir08)
        is_high &= shift > rules.least_shift_high
        is_longer &= shift > rules.least_shift
    if visible is None:
        is_extreme &= nir08 < SUNLIT * swir16
    else:
        longer, high, extreme = rules.largest_visible
        is_longer &= visible < longer
        is_high &= visible < high
        is_extreme &= visible < extreme
    return Hotspots(is_mid_low=is_longer & ~is_high, is_high=is_high, is_extreme=is_extreme & ~is_high & ~is_longer)


def is_persistent(is_hot: Booleans, is_clear: Booleans, share: float = PERSISTENT_SHARE) -> Booleans:
    """Places that are hot in at least a share of the scenes that saw them: the persistence test of DAFI.

    Parameters
    ----------
    is_hot, is_clear
        Shape (time, y, x).
    share
        Least share of clear scenes. (0, 1]

    Returns
    -------
    Shape (y, x); False where no scene was clear.

    References
    ----------
    M. Faruolo et al., Remote Sensing 14(24), 6319, 2022. doi:10.3390/rs14246319
    """
    clear = is_clear.sum(axis=0)
    hot = (is_hot & is_clear).sum(axis=0)
    persistent: Booleans = (clear > 0) & (hot >= share * clear)
    return persistent
