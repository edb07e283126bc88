"""The service without sockets: one request in, one answer out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from struct import pack, unpack
from typing import Any

from satverify.emulator.auth import TOKEN_PATHS, Tokens
from satverify.emulator.catalogue.catalog import Catalog
from satverify.emulator.catalogue.pages import CATALOG_PATH
from satverify.emulator.limits import Meter
from satverify.emulator.messages import (
    Answer,
    Request,
    RequestKind,
    empty_body,
    method_not_allowed,
    parsed_json,
    service_error,
    unauthorized,
    unsupported_media_type,
)
from satverify.emulator.multipart import parse_multipart
from satverify.emulator.ports import RequestEngine
from satverify.errors import ProductError

PATHS = {
    **dict.fromkeys(TOKEN_PATHS, RequestKind.TOKEN),
    "/api/v1/process": RequestKind.PROCESS,
    "/api/v1/statistics": RequestKind.STATISTICS,
    # short addresses of the service's documentation of 2026
    "/process/v1": RequestKind.PROCESS,
    "/statistics/v1": RequestKind.STATISTICS,
}
CATALOG_PATHS = (CATALOG_PATH, "/catalog/v1")


def kind_of(path: str) -> RequestKind:
    """Which interface an address belongs to."""
    if catalog_path(path) is not None:
        return RequestKind.CATALOG
    return PATHS.get(path.rstrip("/"), RequestKind.OTHER)


def catalog_path(path: str) -> str | None:
    """The part of an address below the catalogue, or none where it is not below it."""
    for root in CATALOG_PATHS:
        if path == root or path.startswith(f"{root}/"):
            return path.removeprefix(root)
    return None


class Service:
    """Answers requests to the interfaces of the service. Safe to use from several threads."""

    def __init__(self, *, engine: RequestEngine, catalog: Catalog, tokens: Tokens, meter: Meter) -> None:
        self._engine = engine
        self._catalog = catalog
        self._tokens = tokens
        self._meter = meter

    def answer(self, request: Request, kind: RequestKind) -> Answer:
        """Answer one request, and charge for it."""
        if kind is RequestKind.TOKEN:
            return self._tokens.answer(request)
        path = catalog_path(request.path)
        if path is not None and self._catalog.is_open(path):
            return self._catalog.answer(request, path)
        if kind is not RequestKind.CATALOG and request.method != "POST":
            return method_not_allowed()
        if not self._tokens.is_good(request.headers.get("authorization")):
            return unauthorized()
        refusal = self._meter.refusal()
        if refusal is not None:
            return refusal
        answer = self._computed(request, kind) if path is None else self._catalog.answer(request, path)
        return self._charged(answer)

    def revoke_tokens(self) -> None:
        """No token handed out so far is good any longer."""
        self._tokens.revoke_all()

    def _computed(self, request: Request, kind: RequestKind) -> Answer:
        body = document_of(request)
        if isinstance(body, Answer):
            return body
        try:
            if kind is RequestKind.PROCESS:
                reply = self._engine.process(body, request.headers.get("accept"))
            else:
                reply = self._engine.statistics(body)
        except RecursionError:
            return _bad_payload("Unable to parse request body: nested too deeply")
        except ProductError as exc:
            return service_error(500, "RENDERER_EXCEPTION", str(exc))
        return Answer(
            status=reply.status,
            content_type=reply.content_type,
            content=reply.content,
            processing_units=reply.processing_units,
        )

    def _charged(self, answer: Answer) -> Answer:
        """Book what an answer costs and say so in its header: a number of single precision, as the service's are."""
        if not 200 <= answer.status < 300:
            return replace(answer, processing_units=0.0)
        units = float(unpack("f", pack("f", answer.processing_units))[0])
        self._meter.charge(units)
        if units == 0:
            return answer
        headers = (*answer.headers, ("x-processingunits-spent", repr(units)))
        return replace(answer, headers=headers, processing_units=units)


def document_of(request: Request) -> dict[str, Any] | Answer:
    """The JSON document of a process or statistics request, or the answer that refuses it.

    A form of parts ``request`` and ``evalscript`` becomes one document.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return empty_body()
    if media_type == "application/json":
        return _document(request.body)
    if media_type != "multipart/form-data":
        return unsupported_media_type()
    try:
        parts = parse_multipart(request.body, request.headers["content-type"])
    except ValueError as exc:
        return _bad_payload(f"Unable to parse multipart body: {exc}")
    if not parts.get("request"):
        return _bad_payload("Part 'request' is missing from the multipart body.")
    document = _document(parts["request"])
    if isinstance(document, dict) and "evalscript" in parts:
        document["evalscript"] = parts["evalscript"].decode("utf-8", "replace")
    return document


def fingerprint_of(request: Request, kind: RequestKind) -> str:
    """SHA-256 of what is asked, however it is written; empty for tokens, whose requests hold secrets."""
    if kind is RequestKind.TOKEN:
        return ""
    asked: object = [request.method, request.path, sorted(request.query.items())]
    if request.body:
        document = document_of(request)
        asked = [asked, request.body.hex() if isinstance(document, Answer) else document]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def collection_in(request: Request, kind: RequestKind) -> str:
    """Collection of the first input of a request, or of a search; empty where there is none."""
    document: object = document_of(request) if request.body else {}
    named: object = None
    if not isinstance(document, dict):
        return ""
    if kind in {RequestKind.PROCESS, RequestKind.STATISTICS}:
        source = document.get("input")
        data = source.get("data") if isinstance(source, dict) else None
        named = data[0].get("type") if isinstance(data, list) and data and isinstance(data[0], dict) else None
    elif kind is RequestKind.CATALOG:
        named = _searched(request.path, request.query, document)
    return named if isinstance(named, str) else ""


def _searched(path: str, query: Mapping[str, str], document: Mapping[str, Any]) -> object:
    _, _, below = path.partition("/collections/")
    if below:
        return below.partition("/")[0]
    names = document.get("collections")
    return names[0] if isinstance(names, list) and names else query.get("collections")


def _document(text: bytes) -> dict[str, Any] | Answer:
    try:
        document = parsed_json(text)
    except ValueError as exc:
        return _bad_payload(f"Unable to parse request body: {exc}")
    return document if isinstance(document, dict) else _bad_payload("Unable to parse request body: not an object.")


def _bad_payload(message: str) -> Answer:
    return service_error(400, "COMMON_BAD_PAYLOAD", message)
