"""Policies from TOML: a notice as a file that a person can read and edit."""

from __future__ import annotations

from pathlib import Path

from satverify.domain.notices import Policy
from satverify.registry.toml_files import read_toml

SCHEMA = "satverify/policy/1"
"""What the key ``schema`` of a policy file must say."""


def read_policy(path: Path | str) -> Policy:
    """A notice from its file.

    Parameters
    ----------
    path
        A TOML file, UTF-8, whose keys are the fields of ``Policy``; ``docs/policies.md`` describes it.

    Returns
    -------
    The policy.

    Raises
    ------
    InputError
        The file cannot be read, has unknown keys or does not hold a sound policy; with all its problems.
    """
    return read_toml(Path(path), Policy, schema=SCHEMA)
