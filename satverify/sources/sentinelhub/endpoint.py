"""Where a Sentinel-Hub-compatible service is, and who asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from satverify.errors import CredentialsError
from satverify.sources.web.addresses import require_safe

VARIABLES = ("SH_CLIENT_ID", "SH_CLIENT_SECRET")
"""Environment variables that users put the credentials in, for messages; nothing here reads them."""


class Deployment(NamedTuple):
    """One of the places at which the service is run."""

    base_url: str
    token_url: str


COPERNICUS = Deployment(
    "https://sh.dataspace.copernicus.eu",
    "https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token",
)
"""Copernicus Data Space Ecosystem: free for anyone up to a monthly quota; all of Sentinel-2, -3 and -5P."""
PLANET = Deployment(
    "https://services.sentinel-hub.com",
    "https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token",
)
"""Planet Insights Platform, formerly Sentinel Hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A service, and the credentials of the account that it is asked with.

    Raises
    ------
    InputError
        An address is none, or would carry secrets readably.
    CredentialsError
        A part of the credentials is empty.
    """

    base_url: str
    """Such as ``https://sh.dataspace.copernicus.eu``; plain http on this machine only."""
    token_url: str
    """Where tokens are given out."""
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", require_safe("base_url", self.base_url))
        object.__setattr__(self, "token_url", require_safe("token_url", self.token_url))
        for variable, value in zip(VARIABLES, (self.client_id, self.client_secret), strict=True):
            if not value.strip():
                raise CredentialsError(f"no credentials for {self.base_url}: set {variable}")
