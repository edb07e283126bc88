"""Fetches what a project's sites and days need into the archive: planned, paid for once, kept whatever happens.

    wanted areas and days -> catalogue -> what is missing -> bundles -> answers, landed -> scenes, archived

An answer that was paid for is landed in the archive before it is taken apart, so that a crash costs no more than the
requests that were under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass, field
from datetime import date

from satverify.archive import Archive
from satverify.domain.ports import Progress
from satverify.pipeline.access import Access, open_service
from satverify.pipeline.buying import Bought, Refused, buy, settle_landed
from satverify.pipeline.ledger import open_archive
from satverify.pipeline.project import Project
from satverify.pipeline.purchases import bound_of, plan_of
from satverify.pipeline.quote import Quote
from satverify.pipeline.wanted import wanted_of
from satverify.registry.sites import read_sites
from satverify.sources.sentinelhub.bundles import Bundle
from satverify.sources.sentinelhub.service import Service, StoppedError

ROOM = 64_000_000
"""What the archive must have room for before anything is bought: a few answers at once. [byte]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch did."""

    quote: Quote
    """What it was to cost."""
    scenes: Mapping[str, int]
    """Scenes that came, by sensor."""
    refused: tuple[Refused, ...]
    """Scenes that were asked for and did not come."""


def fetch(project: Project, access: Access, progress: Progress, today: date, *, dry_run: bool = False) -> Fetched:
    """Bring every scene that the project needs and its archive lacks.

    Parameters
    ----------
    project
        Its ``sentinelhub`` sources are fetched from, if any.
    access
        Who asks.
    progress
        Told how far the work is.
    today
        UTC day: nothing is asked for from it on.
    dry_run
        Only find out what it would cost. Without credentials nothing is asked of the service at all, and the answer is
        an upper bound from the satellites' orbits.

    Raises
    ------
    InputError
        The site list is wrong.
    CredentialsError, QuotaExceeded, RetrievalError
        The service does not know who asks, the budget or the account's quota is spent, or nothing answers. What came
        before is in the archive, and the same call goes on from there.
    """
    if not project.sentinelhub:
        return Fetched(quote=Quote(), scenes={}, refused=())
    sites = read_sites(project.sites, datum=project.datum)
    archive = open_archive(project)
    quote, came = Quote(), _Came()
    if not dry_run:
        came.add(settle_landed(archive, progress))
    for source in project.sentinelhub:
        wanted = wanted_of(project, source, sites, today)
        if dry_run and not (access.is_complete or source.is_embedded):
            quote += bound_of(wanted)
            continue
        with open_service(project, source, access, archive, progress, is_limited=not dry_run) as service:
            plan = plan_of(service, archive, wanted, progress, today)
            quote += plan.quote
            if not dry_run:
                _buy_all(service, archive, plan.bundles, source.connections, came, progress)
    return Fetched(quote=quote, scenes=came.scenes, refused=tuple(came.refused))


@dataclass(slots=True)
class _Came:
    """What came so far; the scenes themselves are in the archive."""

    scenes: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)

    def add(self, bought: Bought) -> None:
        """Count what came of a bundle."""
        self.scenes.update(scene.sensor for scene in bought.scenes)
        self.refused += bought.refused


def _buy_all(
    service: Service,
    archive: Archive,
    bundles: Sequence[Bundle],
    connections: int,
    came: _Came,
    progress: Progress,
) -> None:
    """Buy the bundles, several at once; the first fault that concerns them all ends it."""
    if not bundles:
        progress.note("no scene is missing")
        return
    archive.require_writable(ROOM)
    progress.start("fetching scenes", sum(len(bundle.scenes) for bundle in bundles))
    with ThreadPoolExecutor(connections, thread_name_prefix="fetch") as pool:
        asked = {pool.submit(buy, service, archive, bundle): bundle for bundle in bundles}
        try:
            for future in as_completed(list(asked)):
                bundle = asked.pop(future)
                came.add(future.result())
                for _ in bundle.scenes:
                    progress.advance(bundle.area.sensor.name)
        except BaseException as exc:
            progress.note("stopping: requests under way have some seconds to end, and what came is kept")
            for future in asked:
                future.cancel()
            service.stop(str(exc) or "interrupted")
            raise _cause(exc, asked) from None


def _cause(error: BaseException, others: Iterable[Future[Bought]]) -> BaseException:
    """The error that ended it all, where one that only says so came first."""
    if not isinstance(error, StoppedError):
        return error
    found = (future.exception() for future in wait(others).done if not future.cancelled())
    return next((one for one in found if one is not None and not isinstance(one, StoppedError)), error)
