"""Every error satverify raises on purpose.

    SatverifyError
    ├── InputError          a file, a table or an argument is not what it should be (also a ValueError)
    ├── RetrievalError      a service or a store did not give what was asked
    │   ├── CredentialsError    the service does not know who asks
    │   ├── ProductError        the service cannot make this one thing, now or ever; others it can
    │   └── QuotaExceeded       the budget or the account's quota is spent
    ├── DeliveryError       a notice could not be handed over
    └── ModelError          a model does not fit its card, its features or its data

Missing evidence is no error: cloud, no overpass or a bad pixel makes an order undetermined, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SatverifyError(Exception):
    """The root of the tree: catch this to catch everything satverify says on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one place of one input."""

    file: str
    """Name of the file as the user gave it."""
    where: str
    """Line, feature or key inside the file, such as ``line 12`` or ``feature tangshan-03``."""
    expected: str
    """What would have been right."""
    found: str
    """What stands there, shortened where long."""

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: expected {self.expected}, found {self.found}"


class InputError(SatverifyError, ValueError):
    """A file, a table or an argument is not what it should be.

    ``problems`` holds every problem of the input, where the reader could go on after the first one.
    """

    def __init__(self, message: str, *, problems: Sequence[Problem] = ()) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join([message, *(f"  {problem}" for problem in self.problems)]))


class RetrievalError(SatverifyError):
    """A service or a store did not give what was asked."""


class CredentialsError(RetrievalError):
    """The service refuses who asks: credentials are missing or wrong."""


class ProductError(RetrievalError):
    """The service refuses or cannot make one thing, and asking again would not help; the rest can go on.

    ``may_be_one_of_many`` says that one product of those that the request is about may be at fault, so that the request
    would succeed without it.
    """

    def __init__(self, message: str, *, may_be_one_of_many: bool = False) -> None:
        self.may_be_one_of_many = may_be_one_of_many
        super().__init__(message)


class QuotaExceeded(RetrievalError):
    """The run's budget or the account's quota is spent: what was fetched is kept."""


class DeliveryError(SatverifyError):
    """A notice could not be handed over."""


class ModelError(SatverifyError):
    """A model does not fit its card, its features or its data."""
