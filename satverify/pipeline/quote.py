"""What a fetch costs, before it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorQuote:
    """Cost of one sensor."""

    requests: int = 0
    """Requests, searches of the catalogue among them."""
    processing_units: float = 0.0
    """Processing units, those of the searches among them."""
    scenes: int = 0
    """Scenes that would come."""
    archived: int = 0
    """Scenes that are there already."""
    areas: int = 0
    """Boxes that they are cut to."""

    def __add__(self, other: SensorQuote) -> SensorQuote:
        return SensorQuote(
            requests=self.requests + other.requests,
            processing_units=self.processing_units + other.processing_units,
            scenes=self.scenes + other.scenes,
            archived=self.archived + other.archived,
            areas=self.areas + other.areas,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Cost of all sensors."""

    by_sensor: Mapping[str, SensorQuote] = field(default_factory=lambda: MappingProxyType({}))
    is_upper_bound: bool = False
    """True where it follows from the satellites' orbits rather than from the service's catalogue."""

    @property
    def total(self) -> SensorQuote:
        """All sensors together."""
        return sum(self.by_sensor.values(), start=SensorQuote())

    def __add__(self, other: Quote) -> Quote:
        names = [*self.by_sensor, *(name for name in other.by_sensor if name not in self.by_sensor)]
        nothing = SensorQuote()
        joined = {name: self.by_sensor.get(name, nothing) + other.by_sensor.get(name, nothing) for name in names}
        return Quote(by_sensor=joined, is_upper_bound=self.is_upper_bound or other.is_upper_bound)

    def record(self) -> dict[str, Any]:
        """The quote as JSON values."""

        def entry(quote: SensorQuote) -> dict[str, Any]:
            return {
                "requests": quote.requests,
                "processing_units": round(quote.processing_units, 2),
                "scenes": quote.scenes,
                "archived": quote.archived,
                "areas": quote.areas,
            }

        return {
            **{name: value for name, value in entry(self.total).items() if name != "areas"},
            "is_upper_bound": self.is_upper_bound,
            "basis": "orbits of the satellites" if self.is_upper_bound else "catalogue of the service",
            "by_sensor": {name: entry(quote) for name, quote in self.by_sensor.items()},
        }
