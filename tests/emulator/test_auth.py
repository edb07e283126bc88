"""Tokens: who gets them, what they look like, and when they stop being good."""

from __future__ import annotations

import base64
import json

import pytest

from satverify.emulator import Accounts, Emulator
from satverify.emulator.auth import TOKEN_PATHS
from satverify.errors import InputError
from tests.emulator.standin import CATALOG, EPOCH, Client, FakeEngine, ListProvider, Time

ITEMS = f"{CATALOG}/collections/sentinel-2-l1c/items?datetime=2022-01-01T00:00:00Z/.."


@pytest.mark.parametrize("path", TOKEN_PATHS)
def test_every_known_address_hands_out_tokens(client: Client, path: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    answer = client.post(path, data=form)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "token_type"}
    assert answer.json()["token_type"] == "Bearer"


def test_a_token_is_a_web_token_that_a_plain_base64_decoder_reads(client: Client) -> None:
    text = client.token(client_id="who?~>who?~>").json()["access_token"]
    assert "-" not in text
    assert "_" not in text
    payload = text.split(".")[1]
    claims = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))
    assert claims["azp"] == "who?~>who?~>"
    assert claims["exp"] == EPOCH + 3600


def test_credentials_may_stand_in_a_basic_header(client: Client) -> None:
    url = client.emulator.token_url
    answer = client.session.post(url, data={"grant_type": "client_credentials"}, auth=("me", "s"), timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error", "description"),
    [
        ({"grant_type": ""}, 400, "invalid_request", "Missing form parameter: grant_type"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "Unsupported grant_type"),
        ({"client_id": ""}, 401, "invalid_client", "Invalid client or Invalid client credentials"),
        ({"client_secret": ""}, 401, "unauthorized_client", "Invalid client or Invalid client credentials"),
    ],
)
def test_a_wrong_request_for_a_token_is_an_oauth_error(
    client: Client, form: dict[str, str], status: int, error: str, description: str
) -> None:
    answer = client.token(**form)
    assert answer.status_code == status
    assert answer.json() == {"error": error, "error_description": description}


def test_a_form_of_another_type_is_no_form(client: Client) -> None:
    body = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    assert client.session.post(client.emulator.token_url, json=body, timeout=10).status_code == 400


def test_tokens_are_posted_for(client: Client) -> None:
    answer = client.session.get(client.emulator.token_url, timeout=10)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "COMMON_METHOD_NOT_ALLOWED"


def test_known_clients_alone_get_tokens_where_there_are_any(engine: FakeEngine, time: Time) -> None:
    accounts = Accounts(clients={"me": "hidden"})
    with Emulator(ListProvider(), engine=engine, accounts=accounts, clock=time) as emulator, Client(emulator) as client:
        assert client.token().status_code == 200
        assert client.token(client_id="you").json()["error"] == "invalid_client"
        assert client.token(client_secret="hiddenn").json()["error"] == "unauthorized_client"
    assert "hidden" not in repr(accounts)


def test_without_a_good_token_the_service_is_closed(client: Client) -> None:
    for header in ("", "Bearer ", "Bearer made.up.token", "Basic bWU6aGlkZGVu"):
        answer = client.get(ITEMS, headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.json()["error"]["code"] == "COMMON_UNAUTHORIZED"
        assert answer.json()["error"]["reason"] == "Unauthorized"
    assert client.get(ITEMS).status_code == 200


def test_a_token_expires_to_the_second(engine: FakeEngine, time: Time) -> None:
    accounts = Accounts(token_seconds=2)
    with Emulator(ListProvider(), engine=engine, accounts=accounts, clock=time) as emulator, Client(emulator) as client:
        assert client.token().json()["expires_in"] == 2
        time.seconds += 1.99
        assert client.process().status_code == 200
        time.seconds += 0.01
        assert client.process().status_code == 401
        client.renew()
        assert client.process().status_code == 200


def test_too_many_requests_for_tokens_are_refused_and_then_answered(engine: FakeEngine, time: Time) -> None:
    accounts = Accounts(tokens_per_minute=3)
    with Emulator(ListProvider(), engine=engine, accounts=accounts, clock=time) as emulator, Client(emulator) as client:
        assert [client.token().status_code for _ in range(3)] == [200, 200, 429]  # the client took the first one
        refused = client.token()
        assert refused.json()["code"] == "RATE_LIMIT_EXCEEDED"
        assert int(refused.headers["Retry-After"]) == 20_000  # [ms]: a third of a minute
        time.seconds += 20
        assert client.token().status_code == 200


def test_accounts_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="tokens that last 0 s"):
        Accounts(token_seconds=0)
    with pytest.raises(InputError, match="tokens a minute"):
        Accounts(tokens_per_minute=0.5)
