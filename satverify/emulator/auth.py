"""Access tokens by the OAuth 2.0 client credentials grant, as both deployments of the service hand them out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from satverify.emulator.limits import Bucket
from satverify.emulator.messages import Answer, Request, json_answer, method_not_allowed, oauth_error, rate_limited
from satverify.errors import InputError

TOKEN_PATHS = (
    "/auth/realms/main/protocol/openid-connect/token",
    "/auth/realms/CDSE/protocol/openid-connect/token",
    "/oauth/token",
)
FORM = "application/x-www-form-urlencoded"
# Characters whose base64 holds "-" or "_": sentinelhub-py's session.info() does not know the URL-safe alphabet.
ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in ">?~\x7f"}
WRONG_CLIENT = "Invalid client or Invalid client credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Who may ask for tokens, how often, and how long a token lasts."""

    clients: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets by client id; none: any id with any secret that is not empty."""
    token_seconds: float = 3600.0
    """How long a token is good for. [s]"""
    tokens_per_minute: float | None = None
    """Requests for tokens that are answered; none: all."""

    def __post_init__(self) -> None:
        if not self.token_seconds > 0:
            raise InputError(f"tokens that last {self.token_seconds} s: expected more than 0")
        if self.tokens_per_minute is not None and not self.tokens_per_minute >= 1:
            raise InputError(f"{self.tokens_per_minute} tokens a minute: expected at least 1")


class Tokens:
    """Hands out tokens and knows which are good. Safe to use from several threads."""

    def __init__(self, accounts: Accounts, clock: Callable[[], float]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._expiry: dict[str, float] = {}
        self._lock = threading.Lock()
        limit = accounts.tokens_per_minute
        self._bucket = None if limit is None else Bucket(limit, clock)

    def answer(self, request: Request) -> Answer:
        """Answer a request to the token endpoint."""
        if request.method != "POST":
            return method_not_allowed()
        wait = None if self._bucket is None else self._bucket.take(1)
        if wait is not None:
            return rate_limited(str(wait), {"samplingPeriod": "PT1M", "limit": self._accounts.tokens_per_minute})
        form = _form(request)
        if not form.get("grant_type"):
            return oauth_error(400, "invalid_request", "Missing form parameter: grant_type")
        if form["grant_type"] != "client_credentials":
            return oauth_error(400, "unsupported_grant_type", "Unsupported grant_type")
        return self._granted(form.get("client_id", ""), form.get("client_secret", ""), request)

    def is_good(self, authorization: str | None) -> bool:
        """Whether an ``Authorization`` header holds a token that was handed out here and has not expired."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        with self._lock:
            return self._expiry.get(token.strip(), -1.0) > self._clock()

    def revoke_all(self) -> None:
        """No token handed out so far is good any longer."""
        with self._lock:
            self._expiry.clear()

    def _granted(self, client_id: str, secret: str, request: Request) -> Answer:
        known = self._accounts.clients
        if not client_id or (known and client_id not in known):
            return oauth_error(401, "invalid_client", WRONG_CLIENT)
        if not secret or (known and not hmac.compare_digest(known[client_id].encode(), secret.encode())):
            return oauth_error(401, "unauthorized_client", WRONG_CLIENT)
        now = self._clock()
        token = self._token(client_id, now, request.base_url + request.path.removesuffix("/token"))
        with self._lock:
            self._expiry = {text: expiry for text, expiry in self._expiry.items() if expiry > now}
            self._expiry[token] = now + self._accounts.token_seconds
        lasts = self._accounts.token_seconds
        body = {
            "access_token": token,
            "expires_in": int(lasts) if lasts == int(lasts) else lasts,
            "token_type": "Bearer",
        }
        return json_answer(body, headers=(("Cache-Control", "no-store"),))

    def _token(self, client_id: str, now: float, issuer: str) -> str:
        """A JSON Web Token to look at; it is known by being on the list, not by its signature."""
        claims = {
            "exp": int(now + self._accounts.token_seconds),
            "iat": int(now),
            "jti": secrets.token_hex(16),
            "iss": issuer,
            "sub": hashlib.sha256(client_id.encode()).hexdigest()[:32],
            "typ": "Bearer",
            "azp": client_id,
        }
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{signed}.{hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()}"


def _encoded(part: Mapping[str, object]) -> str:
    text = json.dumps(part, separators=(",", ":")).translate(ESCAPES)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _form(request: Request) -> dict[str, str]:
    """Fields of the form; credentials may also stand in a Basic header (RFC 6749, section 2.3.1)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return form
        form.setdefault("client_id", unquote_plus(name))
        form.setdefault("client_secret", unquote_plus(secret))
    return form
