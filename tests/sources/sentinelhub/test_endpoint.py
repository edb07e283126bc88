"""Where the service is, and who asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from satverify.errors import CredentialsError, InputError
from satverify.sources.sentinelhub.endpoint import COPERNICUS, PLANET, Endpoint

HERE = Endpoint(
    base_url="http://127.0.0.1:1/", token_url="http://localhost:1/token", client_id="the-id", client_secret="the-secret"
)


@pytest.mark.parametrize("deployment", [COPERNICUS, PLANET])
def test_the_known_deployments_are_endpoints(deployment: tuple[str, str]) -> None:
    base_url, token_url = deployment
    endpoint = replace(HERE, base_url=base_url, token_url=token_url)
    assert (endpoint.base_url, endpoint.token_url) == deployment


def test_its_text_holds_no_credentials() -> None:
    assert "the-id" not in repr(HERE)
    assert "the-secret" not in f"{HERE}"
    assert "127.0.0.1" in repr(HERE)


@pytest.mark.parametrize(("name", "variable"), [("client_id", "SH_CLIENT_ID"), ("client_secret", "SH_CLIENT_SECRET")])
@pytest.mark.parametrize("value", ["", " \n"])
def test_missing_credentials_are_named_by_their_variable(name: str, variable: str, value: str) -> None:
    with pytest.raises(CredentialsError, match=variable):
        replace(HERE, **{name: value})


@pytest.mark.parametrize("name", ["base_url", "token_url"])
def test_credentials_are_not_sent_in_plain_http(name: str) -> None:
    with pytest.raises(InputError, match=name):
        replace(HERE, **{name: "http://sh.example.org"})
