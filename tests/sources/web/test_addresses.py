"""Where secrets may go."""

from __future__ import annotations

import pytest

from satverify.errors import InputError
from satverify.sources.web.addresses import is_loopback, require_safe, shown


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/x", "http://127.9.9.9"])
def test_this_machine_may_be_spoken_to_in_plain_http(url: str) -> None:
    assert is_loopback(url)
    assert require_safe("base_url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://sh.dataspace.copernicus.eu",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "ftp://host",
        "host/path",
        "",
        "https://",
        "https://host:port",
        "https://[::1",
    ],
)
def test_anything_else_needs_https_and_a_host(url: str) -> None:
    with pytest.raises(InputError, match="base_url"):
        require_safe("base_url", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter22@host",
        "http://me:hunter22@host",
        "me:hunter22@host",
        "https:me:hunter22@host",
        "http:/me:hunter22@host",
        "http://host/me:hunter22@host",
        "ftp://me:hunter22@host",
        "https://me:hunter22/@host",
        "https://me:8@hunter22@host",
    ],
)
def test_an_address_with_a_password_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InputError, match="base_url") as caught:
        require_safe("base_url", url)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://me:hunter22@host:8080/x", "http://***@host:8080/x"),
        ("me:hunter22@host", "***@host"),
        ("https://host/x", "https://host/x"),
    ],
)
def test_an_address_is_shown_without_its_name_and_password(url: str, text: str) -> None:
    assert shown(url) == text


def test_slashes_at_the_end_are_left_out() -> None:
    assert require_safe("base_url", "https://host/base//") == "https://host/base"
