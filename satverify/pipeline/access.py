"""Who asks a service, and the way to it: the real one with credentials, or the emulator in this process."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from satverify.archive import Archive
from satverify.domain.ports import Progress
from satverify.errors import CredentialsError
from satverify.pipeline.project import Project, SentinelHubSource
from satverify.sources.sentinelhub.service import Endpoint, Service
from satverify.sources.web.budget import Budget, Spent
from satverify.sources.web.limits import Limits

CLIENT_ID, CLIENT_SECRET, MAP_KEY = "SH_CLIENT_ID", "SH_CLIENT_SECRET", "FIRMS_MAP_KEY"
"""Names of the variables of the environment that hold credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Credentials, which are handed down and never written anywhere."""

    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    map_key: str = field(default="", repr=False)
    """Of the FIRMS area service."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Access:
        """The credentials that an environment holds."""
        client_id, client_secret, map_key = (
            environment.get(name, "").strip() for name in (CLIENT_ID, CLIENT_SECRET, MAP_KEY)
        )
        return cls(client_id=client_id, client_secret=client_secret, map_key=map_key)

    @property
    def is_complete(self) -> bool:
        """Whether a Sentinel Hub service can be asked."""
        return bool(self.client_id and self.client_secret)

    def require(self, project: Project) -> None:
        """Check that everything is there that a project's sources need.

        Raises
        ------
        CredentialsError
            It names all variables that are not set.
        """
        needed: dict[str, str] = {}
        if any(not source.is_embedded for source in project.sentinelhub):
            needed |= {CLIENT_ID: self.client_id, CLIENT_SECRET: self.client_secret}
        if any(source.download for source in project.firms):
            needed |= {MAP_KEY: self.map_key}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise CredentialsError(f"not set in the environment: {', '.join(missing)}; {project.file.name} needs them")


@contextmanager
def open_service(
    project: Project,
    source: SentinelHubSource,
    access: Access,
    archive: Archive,
    progress: Progress,
    *,
    is_limited: bool = True,
) -> Iterator[Service]:
    """The service of a source, with the limits that the project sets and a ledger in its archive.

    ``is_limited`` false lifts the budget, for asking what the rest would cost.

    Raises
    ------
    CredentialsError
        Who asks is not said.
    """
    if source.is_embedded:
        from satverify.pipeline.embedded import embedded_endpoint

        with (
            embedded_endpoint(project) as endpoint,
            _service(endpoint, source, archive, progress, is_limited) as service,
        ):
            yield service
        return
    endpoint = Endpoint(
        base_url=source.base_url,
        token_url=source.token_url,
        client_id=access.client_id,
        client_secret=access.client_secret,
    )
    with _service(endpoint, source, archive, progress, is_limited) as service:
        yield service


def spent_before(archive: Archive) -> Spent:
    """What all runs together have spent on an archive."""
    records = [record for record in archive.ledger() if "spent_units" in record]
    return Spent(
        units=math.fsum(record["spent_units"] for record in records),
        requests=sum(record["requests"] for record in records),
    )


def _service(
    endpoint: Endpoint, source: SentinelHubSource, archive: Archive, progress: Progress, is_limited: bool
) -> Service:
    most_units, most_requests = (
        limit if is_limited and limit is not None else math.inf for limit in (source.processing_units, source.requests)
    )
    return Service(
        endpoint,
        limits=_limits(source),
        budget=Budget(processing_units=most_units, requests=most_requests, spent=spent_before(archive)),
        on_spending=lambda spending: archive.record(asdict(spending)),
        on_wait=progress.note,
    )


def _limits(source: SentinelHubSource) -> Limits:
    """What the account allows; the emulator in this process has no account."""
    if source.is_embedded:
        return Limits(requests_per_minute=math.inf, units_per_minute=math.inf)
    return Limits(requests_per_minute=source.requests_per_minute, units_per_minute=source.units_per_minute)
