"""Texts without secrets."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.sources.web.redaction import CHATTY, QuietLog, Redactor


@given(secret=st.text(min_size=4, max_size=20), before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    cleaned = Redactor(secret).clean(f"{before}{secret}{after}")
    assert secret not in cleaned or secret in "***"


def test_a_secret_is_found_inside_an_address_too() -> None:
    assert "s%2Fe" not in Redactor("s/e cret&").clean("GET /x?key=s%2Fe%20cret%26 and key=s%2Fe+cret%26")


def test_a_secret_that_holds_another_is_taken_whole() -> None:
    assert Redactor("abcd", "abcdefgh").clean("abcdefgh") == "***"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer eyJhbGciOi.J9.x-y_z",
        '{"access_token": "eyJhbGciOi.J9.x-y_z", "expires_in": 600}',
        "client_secret=eyJhbGciOi.J9.x-y_z&grant_type=client_credentials",
    ],
)
def test_what_looks_like_a_token_is_taken_out_unknown_as_it_is(text: str) -> None:
    assert "eyJ" not in Redactor().clean(text)


def test_the_words_around_a_token_stay() -> None:
    said = "Please provide a valid access token within the header [Authorization: Bearer {}] of your request."
    cleaned = said.format("***")
    assert Redactor().clean(said.format("eyJhbGciOi.J9.x-y_z")) == cleaned
    assert Redactor("topsecret").clean(said.format("topsecret")) == cleaned
    assert Redactor("topsecret").clean(cleaned) == cleaned
    assert Redactor().clean(said.format("<accessToken>")) == said.format("<accessToken>")
    assert Redactor().clean("(client_secret=eyJ9).") == "(client_secret=***)."


def test_the_name_of_the_variable_takes_nothing_from_a_message() -> None:
    text = "refuses the credentials in SH_CLIENT_ID and SH_CLIENT_SECRET: HTTP 401"
    assert Redactor("topsecret").clean(text) == text


def test_the_empty_secret_is_none() -> None:
    assert Redactor("", "a").clean("a banana") == "a banana"


def test_the_log_of_the_library_is_cleaned_until_closed(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger(CHATTY)
    with caplog.at_level(logging.DEBUG, logger=CHATTY):
        quiet = QuietLog(Redactor("topsecret"))
        logger.debug('"%s %s"', "GET", "/area/topsecret/1")
        quiet.close()
        logger.debug("%s", "topsecret, after closing")
    assert caplog.messages == ['"GET /area/***/1"', "topsecret, after closing"]
