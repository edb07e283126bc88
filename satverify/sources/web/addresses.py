"""Which addresses secrets may be sent to."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from satverify.errors import InputError


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine, so that nothing sent there leaves it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: str) -> str:
    """The address as a message may show it: without what stands before an ``@``, which may be a name and password.

    Examples
    --------
    >>> shown("http://me:secret@host/path"), shown("me:secret@host"), shown("https://host")
    ('http://***@host/path', '***@host', 'https://host')
    """
    before, at, after = url.rpartition("@")
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", before)
    return f"{scheme[0] if scheme else ''}***@{after}" if at else url


def require_safe(name: str, url: str) -> str:
    """The address without a trailing slash, if secrets may be sent to it.

    Parameters
    ----------
    name
        What the address is called, for the message.
    url
        The address.

    Raises
    ------
    InputError
        It is no web address, holds a name and password itself, or would carry secrets readably: plain http is for this
        machine only.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError as exc:
        raise InputError(f"{name}: expected a web address such as https://host, found one that cannot be read") from exc
    if parts.username is not None or parts.password is not None:
        raise InputError(f"{name}: expected an address without a name and password in it")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"{name}: expected a web address such as https://host, found {shown(url)!r}")
    if parts.scheme == "http" and not is_loopback(url):
        raise InputError(
            f"{name}: expected https, as credentials go there; plain http is for this machine, not {shown(url)!r}"
        )
    return url.rstrip("/")
