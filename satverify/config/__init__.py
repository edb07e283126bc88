"""The project file: the only place where ``satverify.toml`` is read.

Every problem of the file is reported at once, with its key, what was expected and what was found.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from satverify.config.schema import (
    TABLES,
    ArchiveTable,
    CloudCoverTable,
    Document,
    FirmsTable,
    SentinelHubTable,
    WindTable,
)
from satverify.domain.rules import VerdictRules
from satverify.errors import InputError, Problem
from satverify.pipeline.project import (
    ArchivePlace,
    CloudCoverSource,
    FirmsSource,
    Outage,
    Project,
    SentinelHubSource,
    WindSource,
)
from satverify.resources import resource_path
from satverify.sources.sentinelhub.endpoint import COPERNICUS, PLANET

SERVICES = {"copernicus": COPERNICUS, "planet": PLANET, "emulator": ("", "")}
"""Base and token address of the services that have a name; the emulator is in this process."""

USER_INFO = re.compile(r"//[^/@\s]+@")
"""A name and perhaps a password in an address: no message repeats them."""


def read_project(path: Path | str) -> Project:
    """The project that a file describes.

    Parameters
    ----------
    path
        The project file, in TOML (UTF-8).

    Returns
    -------
    The project, with every path resolved against the file's folder and every glob filled in.

    Raises
    ------
    InputError
        The file cannot be read or is no TOML; or, all at once: unknown and wrong keys, or files that are not there.
    """
    file = Path(os.path.abspath(path))  # noqa: PTH100 -- Path.resolve would follow links out of the project's folder
    document = _check(_parse(file), file.name)
    problems = [
        *_missing_files(document, file),
        *_misplaced(document, file.name),
        *_contradictions(document, file.name),
    ]
    if problems:
        raise InputError(f"{file.name} cannot be run", problems=problems)
    return _project(document, file)


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as exc:
        raise InputError(f"{file.name}: cannot be read: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        found = Problem(
            file=file.name, where=f"byte {exc.start}", expected="UTF-8 text", found=repr(exc.object[exc.start])
        )
        raise InputError(f"{file.name} is not a project file", problems=[found]) from exc
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        found = Problem(file=file.name, where="TOML syntax", expected="a TOML document", found=str(exc))
        raise InputError(f"{file.name} is not a project file", problems=[found]) from exc


def _check(raw: dict[str, Any], name: str) -> Document:
    try:
        return Document.model_validate(raw)
    except ValidationError as exc:
        problems = sorted((_problem(error, name) for error in exc.errors()), key=lambda problem: problem.where)
        raise InputError(f"{name} is not a valid project file", problems=problems) from exc


def _problem(error: ErrorDetails, name: str) -> Problem:
    location, found = error["loc"], _shorten(error.get("input"))
    expected = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ").replace("tuple", "list")
    if error["type"] == "extra_forbidden":
        expected, found = _known_keys(location), "an unknown key"
    elif error["type"] == "missing":
        expected, found = "a value", "nothing"
    elif error["type"].startswith("union_tag"):
        expected, found = f"kind to be one of {', '.join(TABLES)}", _shorten(_kind(error.get("input")))
    return Problem(file=name, where=_where(location), expected=expected, found=found)


def _kind(table: object) -> object:
    return table.get("kind", "no kind") if isinstance(table, dict) else table


def _known_keys(location: tuple[Any, ...]) -> str:
    known = sorted(_model_at(location[:-1]).model_fields)
    near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    return f"{near[0]!r}" if near else f"one of {', '.join(known)}"


def _model_at(location: tuple[Any, ...]) -> type[BaseModel]:
    """The table a key stands in; list positions are no keys."""
    model: type[BaseModel] = Document
    for part in location:
        if part in TABLES:
            model = TABLES[part]
        elif isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            arguments = [inner, *getattr(inner, "__args__", ())]
            model = next((kind for kind in arguments if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
    return model


def _where(location: tuple[Any, ...]) -> str:
    """``('sources', 1, 'firms', 'paths')`` as ``[[sources]] 2 (firms) paths``; people count from one."""
    if not location:
        return "document"
    first, rest = str(location[0]), list(location[1:])
    if first == "sources" and rest and isinstance(rest[0], int):
        kind = f" ({rest[1]})" if len(rest) > 1 and rest[1] in TABLES else ""
        return " ".join([f"[[sources]] {rest[0] + 1}{kind}", _key(rest[2 if kind else 1 :])]).strip()
    if first in Document.model_fields and rest:
        return f"[{first}] {_key(rest)}"
    return f"[{_shorten(first, 40)}]"


def _key(parts: list[Any]) -> str:
    named = [f"[{part + 1}]" if isinstance(part, int) else f".{_shorten(part, 40)}" for part in parts]
    return "".join(named).removeprefix(".")


def _shorten(value: object, length: int = 60) -> str:
    text = USER_INFO.sub("//***@", " ".join(_plain(value).split())) or "nothing"
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_plain(item) for item in value)}]"
    return repr(value) if isinstance(value, datetime) else str(value)


def _missing_files(document: Document, file: Path) -> Iterator[Problem]:
    named = [("[sites] path", _beside_or_shipped(file, document.sites.path, "sites"), document.sites.path)]
    if document.orders:
        named.append(("[orders] path", _beside(file, document.orders.path), document.orders.path))
    if document.policy:
        policy = document.policy.path
        named.append(("[policy] path", _beside_or_shipped(file, policy, "policies"), policy))
    for number, source in enumerate(document.sources, start=1):
        where = f"[[sources]] {number} ({source.kind})"
        if isinstance(source, FirmsTable):
            for pattern in source.paths:
                if not _matches(pattern, file):
                    yield Problem(file=file.name, where=f"{where} paths", expected="a file that matches", found=pattern)
        elif isinstance(source, CloudCoverTable):
            named.append((f"{where} path", _beside(file, source.path), source.path))
        elif isinstance(source, WindTable) and not _beside(file, source.path).exists():
            yield Problem(file=file.name, where=f"{where} path", expected="a file or a Zarr store", found=source.path)
    for where, path, said in named:
        if not os.path.isfile(path):  # noqa: PTH113 -- Path.is_file raises on names too long for the disk
            yield Problem(file=file.name, where=where, expected="an existing file", found=said)


def _misplaced(document: Document, name: str) -> Iterator[Problem]:
    """Simulated scenes must not be taken for observed ones, and scenes need a place."""
    for number, source in enumerate(document.sources, start=1):
        if isinstance(source, SentinelHubTable) and source.service == "emulator" and not document.project.simulated:
            where = f"[[sources]] {number} (sentinelhub) service"
            yield Problem(file=name, where=where, expected="simulated = true in [project]", found="emulator")
    if document.archive is None and any(isinstance(source, SentinelHubTable) for source in document.sources):
        expected = "a folder or an s3:// prefix, where the scenes of sentinelhub are kept"
        yield Problem(file=name, where="[archive] path", expected=expected, found="nothing")


def _contradictions(document: Document, name: str) -> Iterator[Problem]:
    try:
        VerdictRules(**document.verdict.model_dump(exclude_none=True))
    except InputError as exc:
        yield Problem(file=name, where="[verdict]", expected="rules that agree with each other", found=str(exc))


def _matches(pattern: str, file: Path) -> list[Path]:
    found = glob.glob(pattern, root_dir=file.parent, recursive=True)  # noqa: PTH207 -- takes absolute patterns too
    return [path for name in sorted(found) if (path := _beside(file, name)).is_file()]


def _project(document: Document, file: Path) -> Project:
    head = document.project
    return Project(
        file=file,
        name=head.name,
        timezone=head.timezone,
        days=head.days,
        simulated=head.simulated,
        sites=_beside_or_shipped(file, document.sites.path, "sites"),
        datum=document.sites.datum,
        orders=_beside(file, document.orders.path) if document.orders else None,
        policy=_beside_or_shipped(file, document.policy.path, "policies") if document.policy else None,
        ratios=document.policy.ratios if document.policy else {},
        firms=tuple(_firms(source, file) for source in document.sources if isinstance(source, FirmsTable)),
        cloud_cover=tuple(
            CloudCoverSource(path=_beside(file, source.path))
            for source in document.sources
            if isinstance(source, CloudCoverTable)
        ),
        wind=tuple(
            WindSource(path=_beside(file, source.path)) for source in document.sources if isinstance(source, WindTable)
        ),
        sentinelhub=tuple(_sentinelhub(source) for source in document.sources if isinstance(source, SentinelHubTable)),
        archive=_archive(document.archive, file) if document.archive else None,
        classifier=_beside(file, document.classifier.path) if document.classifier else None,
        outputs=_beside(file, document.outputs.path),
        verdict=document.verdict.model_dump(exclude_none=True),
        settings_hash=_settings_hash(document),
    )


def _beside_or_shipped(file: Path, path: str, shelf: str) -> Path:
    """The file beside the project, else the one of that bare name among those that come with satverify."""
    beside = _beside(file, path)
    if Path(path).name == path and not os.path.isfile(beside):  # noqa: PTH113
        with suppress(OSError):
            return resource_path("aoi", shelf, path)
    return beside


def _beside(file: Path, path: str) -> Path:
    return Path(os.path.normpath(file.parent / path))


def _firms(source: FirmsTable, file: Path) -> FirmsSource:
    paths = {path for pattern in source.paths for path in _matches(pattern, file)}
    outages = tuple(Outage(satellite=outage.satellite, days=outage.days) for outage in source.outages)
    return FirmsSource(
        paths=tuple(sorted(paths)),
        coverage=source.coverage,
        outages=outages,
        area=source.area,
        download=source.download,
        folder=_beside(file, source.folder) if source.download else None,
        base_url=source.base_url or "",
    )


def _sentinelhub(source: SentinelHubTable) -> SentinelHubSource:
    base_url, token_url = SERVICES[source.service or "copernicus"]
    return SentinelHubSource(
        sensors=tuple(dict.fromkeys(source.sensors)),
        base_url=source.base_url or base_url,
        token_url=source.token_url or token_url,
        days=source.days,
        site_ids=source.sites,
        processing_units=source.budget.processing_units,
        requests=source.budget.requests,
        units_per_minute=source.rate.processing_units,
        requests_per_minute=source.rate.requests,
        connections=source.rate.connections,
    )


def _archive(table: ArchiveTable, file: Path) -> ArchivePlace:
    is_remote = table.path.startswith("s3://")
    return ArchivePlace(
        path=table.path if is_remote else str(_beside(file, table.path)), endpoint_url=table.endpoint_url
    )


def _settings_hash(document: Document) -> str:
    said = document.model_dump(mode="json")
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
