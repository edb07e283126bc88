"""Searches of the catalogue, and what they cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from satverify.domain.granules import Box
from satverify.domain.sensors import Sensor
from satverify.sources.sentinelhub.cost import search_units

KM_PER_DEGREE = 111.7  # of latitude near the poles, where a degree is longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search of the catalogue: a sensor's products in a box during at most a month."""

    sensor: Sensor
    box: Box
    start: datetime
    stop: datetime

    @property
    def units(self) -> float:
        """Processing units of each of its pages."""
        west, south, east, north = self.box
        shrinks = math.cos(math.radians((south + north) / 2))
        return search_units((east - west) * (north - south) * KM_PER_DEGREE**2 * shrinks, months=1)
