"""Axes of gridded wind: where a place or a time lies between steps of a file, round the globe and over the poles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

SLACK = 1e-4
"""Coordinates in single precision are off by up to 1e-5; ten metres beyond the edge are still the edge. [degree]"""
BRIDGED = 1.5
"""Longest spacing across which is interpolated, in usual ones: one that is twice as long has lost a step."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bracket:
    """The two steps of an axis round each of some values."""

    lower: Places
    upper: Places
    share: Floats
    """Weight of ``upper``. [0, 1]"""
    is_inside: Flags
    """Whether the value lies between steps that are neighbours; where not, the rest has no meaning."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """Steps in rising order, and where each stands in the file."""

    values: Floats
    """The steps, each above the one before. [degree], or [s] since 1970-01-01 UTC"""
    places: Places
    """Position of each step in the file."""

    @property
    def spacing(self) -> float:
        """The most frequent distance between steps, the shortest of equally frequent ones; 0 for a single step."""
        if len(self.values) < 2:
            return 0.0
        # Whole thousandths, so that the round-off of single precision does not tell equal spacings apart.
        distances, counts = np.unique(np.round(np.diff(self.values), 3), return_counts=True)
        return float(distances[np.argmax(counts)])

    def gaps(self) -> Places:
        """Positions of the steps after which at least one is missing."""
        return np.flatnonzero(np.diff(self.values) > BRIDGED * self.spacing)

    def bracket(self, wanted: Floats, slack: float = 0.0) -> Bracket:
        """Steps round values; NaN and what lies beyond the ends by more than ``slack`` is not inside."""
        last = len(self.values) - 1
        is_inside = (wanted >= self.values[0] - slack) & (wanted <= self.values[-1] + slack)
        near = np.clip(np.where(is_inside, wanted, self.values[0]), self.values[0], self.values[-1])
        upper = np.clip(np.searchsorted(self.values, near, side="left"), min(1, last), last)
        lower = np.maximum(upper - 1, 0)
        distance = self.values[upper] - self.values[lower]
        share = np.divide(near - self.values[lower], distance, out=np.zeros_like(near), where=distance > 0)
        is_whole = (share == 0) | (share == 1) | (distance <= BRIDGED * self.spacing)
        return Bracket(lower=lower, upper=upper, share=share, is_inside=is_inside & is_whole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corners:
    """Up to four nodes round each of some places, and the weight of each: ``(4, point)``."""

    row: Places
    """Step of latitude."""
    column: Places
    """Step of longitude."""
    weight: Floats
    """[0, 1]; sums to 1 over the corners."""
    sign: Floats
    """-1 where the node lies across a pole, where east is west and north is south; else 1."""
    is_inside: Flags
    """``(point,)``: whether the place lies in the file's area."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The horizontal grid of a file."""

    longitude: Axis
    """Rising eastward, so it may go beyond 180 and 360. [degree]"""
    latitude: Axis
    """[degree]"""

    @property
    def goes_round(self) -> bool:
        """Whether east of the last column comes the first one."""
        values = self.longitude.values
        return float(values[0]) + 360 - float(values[-1]) <= BRIDGED * self.longitude.spacing

    def is_same(self, other: Ground) -> bool:
        """Whether both have the same steps."""
        pairs = ((self.longitude, other.longitude), (self.latitude, other.latitude))
        return all(
            mine.values.shape == theirs.values.shape and np.allclose(mine.values, theirs.values, rtol=0, atol=SLACK)
            for mine, theirs in pairs
        )

    def corners(self, longitude: Floats, latitude: Floats) -> Corners:
        """Nodes round places.

        Parameters
        ----------
        longitude, latitude
            Places, ``(point,)``; longitudes of any round. [degree]

        Returns
        -------
        The corners. Between the outermost parallel of a grid that goes round and the pole, the nodes across the pole
        are two of them.
        """
        rows = self._rows().bracket(latitude, SLACK)
        near, far = self._columns(longitude), self._columns(longitude + 180)
        inside = rows.is_inside & near.is_inside
        parts = [
            self._side(row, weight, near, far)
            for row, weight in ((rows.lower, 1 - rows.share), (rows.upper, rows.share))
        ]
        row, column, weight, sign = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Corners(row=row, column=column, weight=weight, sign=sign, is_inside=inside)

    def _rows(self) -> Axis:
        """Latitudes, with the outermost parallel mirrored beyond each pole where the grid goes round up to there."""
        south, north = float(self.latitude.values[0]), float(self.latitude.values[-1])
        reach = BRIDGED * self.latitude.spacing / 2 if self.goes_round else 0.0
        values, places = list(self.latitude.values), list(range(len(self.latitude.values)))
        if 0 < 90 + south <= reach:
            values, places = [-180 - south, *values], [-1, *places]
        if 0 < 90 - north <= reach:
            values, places = [*values, 180 - north], [*places, len(self.latitude.values)]
        return Axis(values=np.array(values), places=np.array(places, dtype=np.intp))

    def _columns(self, longitude: Floats) -> Bracket:
        """Columns round longitudes, the first one being also the one after the last where the grid goes round."""
        values = self.longitude.values
        wrapped = values[0] - SLACK + (longitude - values[0] + SLACK) % 360
        count = len(values)
        if self.goes_round and values[-1] < values[0] + 360:
            values = np.append(values, values[0] + 360)
        found = Axis(values=values, places=np.arange(len(values))).bracket(wrapped, SLACK)
        return Bracket(
            lower=found.lower % count, upper=found.upper % count, share=found.share, is_inside=found.is_inside
        )

    def _side(
        self, found: Places, weight: Floats, near: Bracket, far: Bracket
    ) -> tuple[Places, Places, Floats, Floats]:
        """The two corners on one parallel, ``(2, point)`` each: row, column, weight and sign."""
        row = self._rows().places[found]
        is_across = (row < 0) | (row >= len(self.latitude.values))
        row = np.clip(row, 0, len(self.latitude.values) - 1)
        column = np.where(is_across, [far.lower, far.upper], [near.lower, near.upper])
        share = np.where(is_across, far.share, near.share)
        sign = np.where(is_across, -1.0, 1.0)
        return np.stack([row, row]), column, np.stack([weight * (1 - share), weight * share]), np.stack([sign, sign])
