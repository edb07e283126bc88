"""Exit codes of the command."""

from __future__ import annotations

from enum import IntEnum

from satverify.errors import CredentialsError, QuotaExceeded, RetrievalError, SatverifyError


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FINDINGS = 1
    """Something is inconsistent with its order, and ``--exit-code`` was given."""
    INPUT = 2
    PARTLY = 3
    CREDENTIALS = 4
    QUOTA = 5
    UNAVAILABLE = 6
    FAULT = 70
    """A fault of satverify itself (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl-C; what was finished is kept for the next run."""


def exit_code_of(error: SatverifyError) -> Exit:
    """The exit code that an error of the project stands for."""
    if isinstance(error, CredentialsError):
        return Exit.CREDENTIALS
    if isinstance(error, QuotaExceeded):
        return Exit.QUOTA
    if isinstance(error, RetrievalError):
        return Exit.UNAVAILABLE
    return Exit.INPUT
