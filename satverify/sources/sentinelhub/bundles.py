"""Bundles: the scenes that one request brings, which is a month of one area, and what it will cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from satverify.sources.sentinelhub.acquisitions import Listed
from satverify.sources.sentinelhub.areas import Area, parts_of
from satverify.sources.sentinelhub.bodies import body_hash, process_body
from satverify.sources.sentinelhub.cost import request_units

LARGEST_ANSWER = 150_000_000
"""Most bytes of one image, before compression: fine grids bring fewer dates at a time. [byte]"""
MOST_BANDS = 1000
"""Of one image. What the service draws at most is not documented; a month of two satellites needs some 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What is asked for together."""

    area: Area
    scenes: tuple[Listed, ...]
    """By time, all of one month, at least one."""

    @property
    def units(self) -> float:
        """Processing units that it will cost."""
        samples = sum(listed.samples for listed in self.scenes)
        return sum(request_units(self.area.sensor, part, samples) for part in parts_of(self.area.grid))

    @property
    def requests(self) -> int:
        """Requests that it takes: more than one where the image is larger than the service draws."""
        return len(parts_of(self.area.grid))

    @property
    def key(self) -> str:
        """SHA-256 of the request for the whole of it."""
        acquisitions = [listed.acquisition for listed in self.scenes]
        return body_hash(process_body(self.area.sensor, self.area.grid, acquisitions))

    def halves(self) -> tuple[Bundle, Bundle]:
        """Two bundles with half of the scenes each; it must have two at least."""
        middle = len(self.scenes) // 2
        return replace(self, scenes=self.scenes[:middle]), replace(self, scenes=self.scenes[middle:])


def bundles_of(area: Area, scenes: Sequence[Listed]) -> tuple[Bundle, ...]:
    """The bundles that bring these scenes: one for each month, more where the answer would be too large."""
    ordered = sorted(scenes, key=lambda listed: (listed.acquisition.start, listed.acquisition.platform))
    bundles = []
    for _, group in groupby(ordered, key=lambda listed: listed.acquisition.start.strftime("%Y-%m")):
        month = list(group)
        most = scenes_in_answer(area)
        bundles += [
            Bundle(area=area, scenes=tuple(month[first : first + most])) for first in range(0, len(month), most)
        ]
    return tuple(bundles)


def scenes_in_answer(area: Area) -> int:
    """Most scenes of an area that one answer holds."""
    largest = max(part.width * part.height for part in parts_of(area.grid))
    bands = len(area.sensor.bands) + 1
    return max(1, min(LARGEST_ANSWER // (2 * largest), MOST_BANDS) // bands)
