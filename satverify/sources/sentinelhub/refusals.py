"""What the service's refusals mean: whether to ask again, later, as someone else, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from satverify.sources.web.exchange import Answer
from satverify.sources.web.retries import Fault, FaultKind, wait_asked

MILLISECOND = 1e-3
"""The service counts ``Retry-After`` in these (Sentinel Hub documentation, "Rate limiting"), not in seconds."""
LONGEST = 300
"""Characters of a message that are shown."""
SPURIOUS = ("Request body should be non-empty.", "Missing grant_type parameter")
"""Said now and then of requests that lack nothing; the next attempt succeeds (VITO's openEO driver retries both)."""
PERMANENT = ("Illegal request to", "newLimit > capacity")
"""Said with a 500 of a product that the archive holds broken; no attempt succeeds (VITO's openEO driver gives up)."""
NO_UNITS = "ACCESS_INSUFFICIENT_PROCESSING_UNITS"
GATEWAYS = frozenset({502, 503})
"""Not from the service but from what stands before it, so no word about the request."""
GATEWAY_TIMEOUT = 504
"""What stands before the service waited in vain: a smaller request may do."""
TIMED_OUT = re.compile(r"timed? ?-?out|took too long|time limit", re.IGNORECASE)
"""What a service says of an evalscript that ran too long."""
LATER = frozenset({408, 425})


def fault_of(answer: Answer, *, clean: Callable[[str], str] = str) -> Fault | None:
    """What is wrong with an answer by its status, and none for a success.

    Parameters
    ----------
    answer
        The answer.
    clean
        Takes secrets out of what the service says, before that is shortened: half a secret is not recognised.
    """
    if 200 <= answer.status < 300:
        return None
    code, message = _told(answer)
    words = _short(clean(message))
    sentence = f"HTTP {answer.status}: {words}" if words else f"HTTP {answer.status}"
    kind = _kind(answer.status, code, message)
    return Fault(
        kind=kind,
        sentence=sentence,
        status=answer.status,
        asked_wait=wait_asked(answer.headers, tick=MILLISECOND),
        may_be_request=(answer.status >= 500 and answer.status not in GATEWAYS)
        or (kind is FaultKind.REFUSED and TIMED_OUT.search(message) is not None),
    )


def _kind(status: int, code: str, message: str) -> FaultKind:
    if status == 401:
        return FaultKind.UNAUTHORIZED
    if status == 429:
        return FaultKind.RATE
    if status == 403 and (code == NO_UNITS or "Insufficient processing units" in message):
        return FaultKind.QUOTA
    if status == GATEWAY_TIMEOUT:
        return FaultKind.SLOW
    if status >= 500:
        is_broken = any(phrase in message for phrase in PERMANENT)
        return FaultKind.REFUSED if is_broken else FaultKind.UNAVAILABLE
    if status in LATER or status < 400 or any(phrase in message for phrase in SPURIOUS):
        return FaultKind.UNAVAILABLE  # a redirect is a sign-in page or maintenance: the service itself sends none
    return FaultKind.REFUSED


def _told(answer: Answer) -> tuple[str, str]:
    """Code and message of an error body, in any of the forms that the service has for them."""
    text = answer.content[: 1 << 16].decode("utf-8", "replace").strip()
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        return "", "a web page" if text.startswith("<") else text
    inner = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(inner, dict):
        words = inner.get("message") or inner.get("description") or inner.get("reason") or ""
        return str(inner.get("code", "")), str(words)
    words = [inner, body.get("error_description") or body.get("message")]
    return str(inner or ""), ": ".join(str(word) for word in words if word)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
