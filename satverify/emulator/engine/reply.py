"""What the service answers, and the errors that end as an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

JSON_TYPE = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one process or statistics request gives."""

    status: int
    """HTTP status."""
    content_type: str
    """Media type of the content."""
    content: bytes
    """Body."""
    processing_units: float = 0.0
    """What the request costs; charged on success only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is wrong with one parameter of a request."""

    parameter: str
    """Path of the parameter, such as ``output->resx``."""
    violation: str
    """What is wrong with it."""
    value: object = None
    """What was found, where the service repeats it."""

    def document(self) -> dict[str, object]:
        """The entry of the error body."""
        found = {} if self.value is None else {"invalidValue": str(self.value)}
        return {"parameter": self.parameter, **found, "violation": self.violation}


class ServiceError(Exception):
    """The service refuses a request or fails at it; ``reply`` is how it says so."""

    def __init__(self, status: int, code: str, message: str, violations: tuple[Violation, ...] = ()) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.violations = violations
        self.is_timeout = False
        super().__init__(f"{status} {code}: {message}")

    def reply(self) -> Reply:
        """The error body as the service has it."""
        error: dict[str, object] = {
            "status": self.status,
            "reason": HTTPStatus(self.status).phrase,
            "message": self.message,
            "code": self.code,
        }
        if self.violations:
            error["errors"] = [violation.document() for violation in self.violations]
        content = json.dumps({"error": error}, ensure_ascii=False).encode()
        return Reply(status=self.status, content_type=JSON_TYPE, content=content)


def bad_payload(message: str) -> ServiceError:
    """The request is not what it should be."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "COMMON_BAD_PAYLOAD", message)


def violated(parameter: str, violation: str, value: object = None) -> ServiceError:
    """One parameter of the request is not what it should be; the message repeats the violation, as the service does."""
    found = Violation(parameter=parameter, violation=violation, value=value)
    return ServiceError(HTTPStatus.BAD_REQUEST, "COMMON_BAD_PAYLOAD", f"{violation}\n", (found,))


def renderer_error(message: str, status: int = HTTPStatus.BAD_REQUEST) -> ServiceError:
    """The request is well formed, and the picture cannot be made."""
    return ServiceError(status, "RENDERER_EXCEPTION", message)


def script_error(message: str) -> ServiceError:
    """The evalscript failed."""
    return renderer_error(f"Failed to evaluate script!\n{message}")
