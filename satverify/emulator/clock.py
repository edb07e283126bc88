"""Emulated time: what the catalogue lists depends on it, what requests cost and when tokens expire does not."""

from __future__ import annotations

from datetime import UTC, datetime

from satverify.errors import InputError

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""At this time everything has been published, and of every product only the last version is left."""


class Calendar:
    """The time at which the archive behind the service is seen. It stands still until it is set."""

    def __init__(self, time: datetime | None = None) -> None:
        self._time = END_OF_TIME
        self.set(time)

    def __call__(self) -> datetime:
        """The time. UTC."""
        return self._time

    @property
    def is_open(self) -> bool:
        """Whether no time is set: everything is published."""
        return self._time == END_OF_TIME

    def set(self, time: datetime | None) -> None:
        """Go to a time; none: everything is published.

        Raises
        ------
        InputError
            The time has no zone.
        """
        if time is not None and time.tzinfo is None:
            raise InputError(f"emulated time {time.isoformat()}: expected a time zone, such as a final Z")
        self._time = END_OF_TIME if time is None else time.astimezone(UTC)


def parsed_time(text: str) -> datetime:
    """Moment of an RFC 3339 text with date, time and zone. UTC.

    Raises
    ------
    ValueError
        It is not such a text; a date alone is none either.
    """
    if "T" not in text.upper():
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)
