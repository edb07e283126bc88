"""Seams between the pipeline and the edges: few methods, one sentence of promise each."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Tells a person how far the work is; never part of the answer."""

    def start(self, what: str, total: int) -> None:
        """Begin a stage of ``total`` steps; a stage before it is over."""
        ...

    def advance(self, name: str = "") -> None:
        """One step is done; ``name`` says which."""
        ...

    def note(self, text: str) -> None:
        """Say one line that a person should not miss."""
        ...
