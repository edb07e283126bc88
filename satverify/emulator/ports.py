"""What the service asks of whoever computes the answers to process and statistics requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from satverify.domain.granules import Box


@runtime_checkable
class Forecasting(Protocol):
    """A provider that makes its granules when it is asked, and can tell beforehand how much it would make."""

    def expected(self, collection: str, box: Box, days: float) -> float:
        """About how many granules of a box and so many days there are; rather too many."""
        ...


class EngineReply(Protocol):
    """What one process or statistics request gives."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def content_type(self) -> str:
        """Media type of the content."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...

    @property
    def processing_units(self) -> float:
        """Price, charged on 2xx only."""
        ...


class RequestEngine(Protocol):
    """Computes answers. Calls come from several threads at once."""

    def process(self, body: Mapping[str, Any], accept: str | None) -> EngineReply:
        """Answer a process request; errors come back as replies too."""
        ...

    def statistics(self, body: Mapping[str, Any]) -> EngineReply:
        """Answer a statistics request; errors come back as replies too."""
        ...
