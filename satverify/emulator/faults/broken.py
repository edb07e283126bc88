"""Products that the service cannot read: a provider with holes in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Box, Granule, SceneProvider
from satverify.domain.grids import Grid
from satverify.emulator.faults.plan import Fault
from satverify.emulator.ports import Forecasting
from satverify.errors import ProductError


class BrokenProvider:
    """A provider whose broken granules are listed, and fail when they are read."""

    def __init__(self, provider: SceneProvider, faults: Callable[[], Sequence[Fault]]) -> None:
        self._provider = provider
        self._faults = faults
        self._met: ContextVar[list[Granule] | None] = ContextVar("met", default=None)

    def collections(self) -> Sequence[str]:
        """As the provider has them."""
        return self._provider.collections()

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        """As the provider has them, broken or not."""
        return self._provider.granules(collection, box, start, stop)

    def expected(self, collection: str, box: Box, days: float) -> float:
        """As the provider expects them; nothing where it does not say."""
        return self._provider.expected(collection, box, days) if isinstance(self._provider, Forecasting) else 0.0

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        """Bands as the provider has them.

        Raises
        ------
        ProductError
            The granule is broken; the engine makes the service's error 500 of it.
        """
        if any(fault.breaks(granule) for fault in self._faults()):
            met = self._met.get()
            if met is not None:
                met.append(granule)
            path = granule.data_path or f"creo://eodata/{granule.collection}/{granule.granule_id}"
            raise ProductError(f"Illegal request to {path}. HTTP Status: '404'")
        return self._provider.read(granule, bands, grid)

    @contextmanager
    def watched(self) -> Iterator[list[Granule]]:
        """Broken granules that are met within the block, by this thread."""
        met: list[Granule] = []
        token = self._met.set(met)
        try:
            yield met
        finally:
            self._met.reset(token)
