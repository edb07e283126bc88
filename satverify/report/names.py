"""Names that people chose, made harmless: as file names and as text on a page."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|index)")
_FORMULA_STARTS = "=+-@"
_SLUG_LENGTH = 48
_DIGEST_LENGTH = 20


def report_name(site_id: str) -> str:
    """File name of a site's page: one for each id, without path characters, and distinct where case is ignored.

    Ids of small letters, digits, ``-`` and ``_`` stay as they are. Any other id is shortened to what is readable in it,
    with a digest behind ``~``, which no plain id can hold.
    """
    if _PLAIN.fullmatch(site_id) and not _RESERVED.fullmatch(site_id):
        return f"{site_id}.html"
    slug = re.sub(r"[^a-z0-9]+", "-", site_id.lower()).strip("-")[:_SLUG_LENGTH] or "site"
    digest = hashlib.sha256(site_id.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
    return f"{slug}~{digest}.html"


def display_name(name: str) -> str:
    """``name`` as text: control and direction-changing characters shown as ``\N{REPLACEMENT CHARACTER}``.

    A name that a spreadsheet would take for a formula, were the page opened in one, gets an apostrophe in front.
    """
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _is_hidden(letter) else letter for letter in name).strip()
    return f"'{shown}" if shown.startswith(tuple(_FORMULA_STARTS)) else shown


def _is_hidden(letter: str) -> bool:
    """Control, format, surrogate and private characters: they change how a page reads without being seen."""
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
