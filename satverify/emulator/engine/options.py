"""What an engine lets through, and how much a script may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

COARSEST = MappingProxyType({"S2L1C": 1500.0, "S2L2A": 1500.0, "LOTL1": 1500.0})
"""Coarsest pixels by collection, those without an entry have no limit. [m]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Limits of the emulated service."""

    largest_side: int = 2500
    """Most pixels along one side of an image."""
    coarsest: Mapping[str, float] = field(default_factory=lambda: COARSEST)
    """Coarsest pixels by the collection's short name, such as ``S2L1C``. [m]"""
    most_polygons: int = 2000
    """Most parts of a multipolygon. The service was seen to refuse 2,562; where it starts to is not published."""
    script_seconds: float = 20.0
    """Time that one request's evalscript may take. [s]"""
    script_memory: int = 1_000_000_000
    """Memory that one request's evalscript may take beside its input and output. [byte]"""
    block_bytes: int = 200_000_000
    """Input and output that cross at once: larger images are worked through in blocks of rows. [byte]"""
    accepts_explicit_bins: bool = False
    """Whether histograms may list their ``bins``, which Copernicus Data Space refuses and Planet documents."""
    service_version: str = "4.263.0"
    """What scripts find in ``inputMetadata``."""
