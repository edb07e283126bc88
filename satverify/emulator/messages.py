"""Requests and answers without their sockets, and the error bodies of the service.

Bodies of errors are the service's own, as recorded or quoted in public issue threads. Three dialects are spoken: the
processing interfaces wrap an error in ``error``, the catalogue says ``code`` and ``description``, the token endpoint
speaks OAuth 2.0 (RFC 6749, section 5.2).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

JSON = "application/json;charset=utf-8"
GEOJSON = "application/geo+json"


class RequestKind(StrEnum):
    """Which interface a request is for."""

    TOKEN = "token"
    CATALOG = "catalog"
    PROCESS = "process"
    STATISTICS = "statistics"
    OTHER = "other"
    """The page of documentation and the emulator's own interface, which no fault and no limit touches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    """Decoded, without the query."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Last value of each parameter of the address."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    base_url: str = ""
    """How the client reaches the service, such as ``http://127.0.0.1:8080``."""
    is_awaited: Callable[[], bool] = lambda: True
    """Whether the client still waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it is to go out."""

    status: int
    content_type: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()
    """Beside the type and length of the content."""
    processing_units: float = 0.0
    """Charged for it."""


def parsed_json(text: bytes | str) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """The document in a JSON text.

    Raises
    ------
    ValueError
        It is none, or nested so deeply that it cannot be read.
    """
    try:
        return json.loads(text)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc


def json_answer(
    document: object, *, status: int = 200, content_type: str = JSON, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Answer with a JSON document."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status=status, content_type=content_type, content=content, headers=headers)


def service_error(status: int, code: str, message: str) -> Answer:
    """Error of the processing interfaces."""
    error = {"status": status, "reason": HTTPStatus(status).phrase, "message": message, "code": code}
    return json_answer({"error": error}, status=status)


def catalog_error(status: int, description: str) -> Answer:
    """Error of the catalogue."""
    return json_answer({"code": status, "description": description}, status=status)


def oauth_error(status: int, error: str, description: str) -> Answer:
    """Error of the token endpoint."""
    headers = (("Cache-Control", "no-store"),)
    return json_answer({"error": error, "error_description": description}, status=status, headers=headers)


def unauthorized() -> Answer:
    """Refusal of a missing, expired or unknown token."""
    message = (
        "You are not authorized! Please provide a valid access token within the header "
        "[Authorization: Bearer <accessToken>] of your request."
    )
    return service_error(401, "COMMON_UNAUTHORIZED", message)


def rate_limited(retry_after: str | None, policy: Mapping[str, Any] | None = None) -> Answer:
    """Refusal by a rate limit.

    Parameters
    ----------
    retry_after
        Text of the header, milliseconds on this service; none leaves it out.
    policy
        The limit that was hit.
    """
    headers = [] if retry_after is None else [("Retry-After", retry_after)]
    headers.append(("X-RateLimit-Remaining", "0"))
    if policy is not None:
        headers.append(("X-RateLimit-ViolatedPolicy", json.dumps(policy)))
    body = {
        "status": 429,
        "reason": "Too Many Requests",
        "message": "You have exceeded your rate limit",
        "code": "RATE_LIMIT_EXCEEDED",
    }
    return json_answer(body, status=429, headers=tuple(headers))


def quota_spent() -> Answer:
    """Refusal because the month's allowance is gone."""
    message = "Insufficient processing units or requests available in your account."
    return service_error(403, "ACCESS_INSUFFICIENT_PROCESSING_UNITS", message)


def not_found() -> Answer:
    """Nothing has this address."""
    return service_error(404, "COMMON_NOT_FOUND", "HTTP 404 Not Found")


def method_not_allowed() -> Answer:
    """The address takes other methods."""
    return service_error(405, "COMMON_METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")


def unsupported_media_type() -> Answer:
    """The body is of a type that the address does not take."""
    return service_error(415, "COMMON_UNSUPPORTED_MEDIA_TYPE", "HTTP 415 Unsupported Media Type")


def empty_body() -> Answer:
    """A request that needs a body has none; the real service says so of whole ones too, now and then."""
    return service_error(400, "COMMON_BAD_PAYLOAD", "Request body should be non-empty.")
