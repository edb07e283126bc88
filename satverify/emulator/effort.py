"""How much one request may have a provider make that makes its granules when it is asked."""

from __future__ import annotations

MOST_EXPECTED = 50_000.0
"""Granules that one request may look through: of Sentinel-2 up to a minute to make, and 100 MB."""


class TooMuch(ValueError):
    """A request for too much ground and time; its text is what the service says."""

    def __init__(self, expected: float) -> None:
        super().__init__(
            f"The request covers too much ground and time: about {expected:,.0f} products would have to be looked "
            f"through, and this emulator looks through {MOST_EXPECTED:,.0f}. Ask for a smaller area or a shorter time "
            f"range."
        )
