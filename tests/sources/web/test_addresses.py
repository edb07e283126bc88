"""Where secrets may go."""

from __future__ import annotations

import pytest

from satverify.errors import InputError
from satverify.sources.web.addresses import is_loopback, require_safe


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


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(InputError) as caught:
        require_safe("base_url", "https://me:hunter22@host")
    assert "hunter22" not in str(caught.value)


def test_slashes_at_the_end_are_left_out() -> None:
    assert require_safe("base_url", "https://host/base//") == "https://host/base"
