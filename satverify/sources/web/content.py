"""Whether an answer's bytes are of the kind that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from satverify.sources.web.exchange import Answer, BadAnswer

FIRST = 512  # [byte] what is looked at
BLANK = b"\xef\xbb\xbf \t\r\n"
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257  # POSIX.1-1988, the header block of ustar
SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})
ALIKE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "application/tar": frozenset({"application/tar", "application/x-tar"}),
        "application/json": frozenset({"application/json", "application/geo+json", "application/problem+json"}),
        "image/tiff": frozenset({"image/tiff", "image/tif"}),
        "text/csv": frozenset({"text/csv", "text/plain"}),
    }
)
"""Media types by which a kind is also known."""
BEGINNINGS: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        "image/tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # TIFF 6.0 and BigTIFF
        "image/png": (b"\x89PNG\r\n\x1a\n",),
        "image/jpeg": (b"\xff\xd8\xff",),
        "application/json": (b"{", b"["),
    }
)


def require_content(answer: Answer, accept: str) -> None:
    """Check that an answer is what ``Accept`` asked for, by its own word and by its first bytes.

    Raises
    ------
    BadAnswer
        It is empty, a web page, or of another kind.
    """
    kind = "application/tar" if accept == "application/x-tar" else accept
    if not answer.content:
        raise BadAnswer(f"expected {kind}, found nothing")
    text = answer.content[:FIRST].lstrip(BLANK)
    if text.startswith(b"<"):
        raise BadAnswer(f"expected {kind}, found a web page, as a proxy or a sign-in page sends it")
    if answer.content_type not in ALIKE.get(kind, frozenset({kind})) | SAYS_NOTHING:
        raise BadAnswer(f"expected {kind}, found {answer.content_type}")
    if not _begins_as(kind, answer.content[:FIRST], text):
        raise BadAnswer(f"expected {kind}, found bytes that are none")


def _begins_as(kind: str, start: bytes, text: bytes) -> bool:
    if kind == "application/tar":
        return start[TAR_MAGIC_AT : TAR_MAGIC_AT + len(TAR_MAGIC)] == TAR_MAGIC
    return (text if kind == "application/json" else start).startswith(BEGINNINGS.get(kind, (b"",)))
