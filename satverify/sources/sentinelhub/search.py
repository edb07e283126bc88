"""Searches of the catalogue, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from satverify.domain.granules import Box
from satverify.domain.sensors import Sensor
from satverify.sources.sentinelhub.catalogue import search_estimate


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
        return search_estimate(self.box, self.start, self.stop)
