"""Secrets kept out of every text that a person or a file gets to see."""

from __future__ import annotations

import logging
import re
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Of a secret that is looked for: a shorter one is part of ordinary words, and guards nothing."""
TOKEN = re.compile(  # not after SH_, as messages name the variable: its value is known
    r"(?i)(bearer\s+|(?<!SH_)(?:access_token|refresh_token|client_secret)[\"']?\s*[:=]\s*[\"']?)"
    r"(?!<[a-z_ -]*>)"  # a placeholder: Sentinel Hub says "[Authorization: Bearer <accessToken>] of your request."
    r"[^\s\"'&,}]*[^\s\"'&,}\])>.;]"  # a bracket or full stop at its end is the sentence's
)
CHATTY = "urllib3.connectionpool"
"""The logger that writes the path of every request, which for some services holds the key."""
BLANK = "***"


class Redactor:
    """Knows the secrets of a run and takes them out of texts. Its own text holds none."""

    def __init__(self, *secrets: str) -> None:
        self._hidden: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Learn one more secret, as it stands and as it looks inside an address."""
        if len(secret) >= SHORTEST:
            forms = {secret, quote(secret, safe=""), quote_plus(secret), *self._hidden}
            self._hidden = tuple(sorted(forms, key=len, reverse=True))  # the longest first: one may hold another

    def clean(self, text: str) -> str:
        """The text without the secrets, and without what looks like a token."""
        for secret in self._hidden:
            text = text.replace(secret, BLANK)
        return TOKEN.sub(rf"\1{BLANK}", text)


class _Filter(logging.Filter):
    """Cleans what a logger writes."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redactor.clean(record.getMessage()), ()
        return True


class QuietLog:
    """Keeps the secrets out of what the HTTP library logs, until it is closed."""

    def __init__(self, redactor: Redactor) -> None:
        self._filter = _Filter(redactor)
        logging.getLogger(CHATTY).addFilter(self._filter)

    def close(self) -> None:
        """Let the library log as it likes."""
        logging.getLogger(CHATTY).removeFilter(self._filter)
