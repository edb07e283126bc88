"""Which parts of an item an answer holds: the ``fields`` of a catalogue search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_FIELDS = ("id", "type", "geometry", "bbox", "links", "assets", "properties.datetime")
"""What an empty ``fields`` object asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What to leave in and what to leave out, as paths of JSON names joined by dots."""

    include: tuple[str, ...] = ()
    """Only these, where there are any; they go before ``exclude``."""
    exclude: tuple[str, ...] = ()


def parse_fields(value: object) -> Fields | None:
    """Fields of a request: an object with ``include`` and ``exclude``, or ``id,properties,-geometry``; none: all.

    Raises
    ------
    ValueError
        It is neither.
    """
    if value is None:
        return None
    if isinstance(value, str):
        names = [name.strip() for name in value.split(",") if name.strip()]
        kept, left = [n.lstrip("+") for n in names if n[0] != "-"], [n[1:] for n in names if n[0] == "-"]
        return Fields(include=tuple(kept), exclude=tuple(left))
    if isinstance(value, Mapping):
        return Fields(include=_names(value.get("include")), exclude=_names(value.get("exclude")))
    raise ValueError(value)


def select(item: Mapping[str, Any], fields: Fields | None) -> dict[str, Any]:
    """The part of an item that is asked for.

    Without ``fields`` it is the whole item; with none named, ``DEFAULT_FIELDS``; with names to include, exactly those;
    with names to exclude only, the default ones without them.
    """
    if fields is None:
        return dict(item)
    if fields.include:
        exclude = [path for path in fields.exclude if not _covers_any(path, fields.include)]
        return _without(_only(item, fields.include), exclude)
    return _without(_only(item, DEFAULT_FIELDS), fields.exclude)


def _names(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise ValueError(value)
    return tuple(value)


def _covers_any(path: str, included: Iterable[str]) -> bool:
    """Whether leaving ``path`` out would take away something that is named among those to include."""
    return any(name == path or name.startswith(f"{path}.") for name in included)


def _only(item: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The named parts, in the order of the item."""
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, tail = path.partition(".")
        heads.setdefault(head, []).append(tail)
    kept: dict[str, Any] = {}
    for name, value in item.items():
        if name not in heads:
            continue
        if "" in heads[name] or not isinstance(value, Mapping):
            kept[name] = value
        else:
            kept[name] = _only(value, heads[name])
    return kept


def _without(item: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    kept = dict(item)
    for path in paths:
        head, _, tail = path.partition(".")
        if not tail:
            kept.pop(head, None)
        elif isinstance(kept.get(head), Mapping):
            kept[head] = _without(kept[head], [tail])
    return kept
