"""TOML files that people write, checked against a noun: all problems at once, unknown keys with the nearest known."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model

from satverify.errors import InputError
from satverify.registry.files import decoded, file_bytes, unreadable
from satverify.registry.problems import Ledger, nearest, shown

ROOT = "root"
"""Name of the field that holds the noun in the model made for it."""

Noun = TypeVar("Noun")


def read_toml(path: Path, noun: type[Noun], *, schema: str) -> Noun:
    """A TOML file as a noun, whose fields are the file's keys.

    Parameters
    ----------
    path
        The file, UTF-8.
    noun
        A frozen dataclass that checks itself.
    schema
        What the file's key ``schema`` must say.

    Returns
    -------
    The noun.

    Raises
    ------
    InputError
        The file cannot be read, is no TOML, or does not fit; with all its problems.
    """
    content = _parse(path)
    ledger = Ledger(file=str(path))
    if (named := content.pop("schema", None)) != schema:
        ledger.error("schema", repr(schema), shown(named) if named else "nothing")
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    model = create_model("File", __config__=config, **{ROOT: (noun, ...)})  # type: ignore[call-overload]
    try:
        found: Noun = getattr(model.model_validate_json(json.dumps({ROOT: content}, default=_iso)), ROOT)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            _note(ledger, noun, error)
    except (ValueError, RecursionError) as exc:
        raise unreadable(path, "file", "values of the usual sizes", shown(str(exc))) from exc
    ledger.raise_errors("keys")
    return found


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(decoded(path, file_bytes(path)))
    except (ValueError, RecursionError) as exc:
        if isinstance(exc, InputError):
            raise
        raise unreadable(path, "syntax", "a TOML document", shown(str(exc))) from exc


def _iso(value: object) -> str:
    """TOML's dates and times as JSON can carry them."""
    return value.isoformat() if isinstance(value, date | datetime | time) else repr(value)


def _note(ledger: Ledger, noun: type, error: Mapping[str, Any]) -> None:
    """What one of pydantic's errors means, for the ledger."""
    place, kind = error["loc"][1:], error["type"]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InputError) and cause.problems:
        ledger.errors.extend(replace(problem, file=ledger.file) for problem in cause.problems)
    elif isinstance(cause, InputError):
        ledger.error(_where(place), "values that fit together", str(cause))
    elif kind in ("unexpected_keyword_argument", "extra_forbidden"):
        ledger.error(_where(place), _known(noun, place), "an unknown key")
    elif kind in ("missing", "missing_keyword_only_argument"):
        ledger.error(_where(place), "a value", "nothing")
    else:
        ledger.error(_where(place), error["msg"].removeprefix("Input should be "), shown(error["input"]))


def _where(place: Sequence[str | int]) -> str:
    """``("phases", 1, "start")`` as ``phases[2].start``: people count from one."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{shown(part)[1:-1]}" for part in place)
    return text.removeprefix(".") or "document"


def _known(noun: type, place: Sequence[str | int]) -> str:
    names = sorted(field.name for field in fields(_noun_at(noun, place[:-1])))
    return f"one of {', '.join(names)}{nearest(str(place[-1]), names)}"


def _noun_at(noun: type, place: Sequence[str | int]) -> type:
    """The noun of the table at a place; list positions are no keys."""
    for part in place:
        if isinstance(part, str):
            noun = _noun_in(get_type_hints(noun)[part]) or noun
    return noun


def _noun_in(annotation: object) -> type | None:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _noun_in(inner)) is not None), None)
