"""Fetches what a project's sites and days need into the archive: planned, paid for once, kept whatever happens.

    wanted areas and days -> catalogue -> what is missing -> bundles -> answers, landed -> scenes, archived

An answer that was paid for is landed in the archive before it is taken apart, so that a crash costs no more than the
requests that were under way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date

from satverify.archive import Archive
from satverify.domain.ports import Progress
from satverify.pipeline.access import Access, open_service
from satverify.pipeline.buying import BROKEN, Bought, Refused, buy, settle_landed
from satverify.pipeline.ledger import open_archive
from satverify.pipeline.project import Project
from satverify.pipeline.quote import Quote, SensorQuote
from satverify.pipeline.revisit import count_of, pages_of
from satverify.pipeline.wanted import Holdings, Wanted, wanted_of
from satverify.registry.sites import read_sites
from satverify.sources.sentinelhub.acquisitions import Listed, acquisitions_over
from satverify.sources.sentinelhub.areas import Area, grid_outline
from satverify.sources.sentinelhub.bundles import Bundle, bundles_of
from satverify.sources.sentinelhub.service import Service
from satverify.sources.web.budget import Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch did."""

    quote: Quote
    """What it was to cost."""
    scenes: Mapping[str, int]
    """Scenes that came, by sensor."""
    refused: tuple[Refused, ...]
    """Scenes that were asked for and did not come."""


@dataclass(slots=True)
class _Plan:
    """What one source is to bring."""

    quote: dict[str, SensorQuote] = field(default_factory=dict)
    bundles: list[Bundle] = field(default_factory=list)


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
    total, bought = Quote(), Bought() if dry_run else settle_landed(archive)
    for source in project.sentinelhub:
        wanted = wanted_of(project, source, sites, today)
        if dry_run and not (access.is_complete or source.is_embedded):
            total += _bound(wanted)
            continue
        with open_service(project, source, access, archive) as service:
            plan = _plan(service, archive, wanted, progress, today)
            total += Quote(by_sensor=plan.quote)
            if not dry_run:
                bought += _buy_all(service, archive, plan.bundles, source.connections, progress)
    return Fetched(quote=total, scenes=Counter(scene.sensor for scene in bought.scenes), refused=bought.refused)


def _bound(wanted: Sequence[Wanted]) -> Quote:
    """The most that it can cost, by the satellites' orbits, as if nothing were archived."""
    quoted = {}
    for one in wanted:
        counts = [count_of(area, month) for area in one.areas for month in one.months]
        searches = [search for search, _ in one.searches()]
        pages = [pages_of(search) for search in searches]
        quoted[one.sensor.name] = SensorQuote(
            requests=sum(count.requests for count in counts) + sum(pages),
            processing_units=sum(count.units for count in counts)
            + sum(page * search.units for page, search in zip(pages, searches, strict=True)),
            scenes=sum(count.scenes for count in counts),
            areas=len(one.areas),
        )
    return Quote(by_sensor=quoted, is_upper_bound=True)


def _plan(service: Service, archive: Archive, wanted: Sequence[Wanted], progress: Progress, today: date) -> _Plan:
    """Ask the catalogue what there is, and take off what the archive has."""
    plan, broken = _Plan(), _broken(archive)
    progress.start("searching the catalogue", sum(len(one.searches()) for one in wanted))
    for one in wanted:
        holdings, found = Holdings(archive, one.sensor, one.months, today), _Found()
        before = service.spent
        for search, areas in one.searches():
            products = service.search(
                one.sensor.collection,
                search.box,
                search.start,
                search.stop,
                filter=one.sensor.catalogue_filter,
                label=one.sensor.name,
            )
            for area in areas:
                listed = acquisitions_over(grid_outline(area.grid), products, one.sensor)
                found.add(area, listed, holdings.missing(area, listed), broken[one.sensor.name])
            progress.advance(one.sensor.name)
        plan.bundles += found.bundles
        plan.quote[one.sensor.name] = found.quote(len(one.areas), _difference(service.spent, before))
    return plan


@dataclass(slots=True)
class _Found:
    """What the catalogue lists of one sensor, and what of it is to be bought."""

    bundles: list[Bundle] = field(default_factory=list)
    archived: int = 0

    def add(self, area: Area, listed: Sequence[Listed], missing: Sequence[Listed], broken: frozenset[str]) -> None:
        """Take in one area's acquisitions; those that were refused before are asked for one by one."""
        self.archived += len(listed) - len(missing)
        suspect = [one for one in missing if not broken.isdisjoint(one.acquisition.source_ids)]
        self.bundles += bundles_of(area, [one for one in missing if one not in suspect])
        self.bundles += [Bundle(area=area, scenes=(one,)) for one in suspect]

    def quote(self, areas: int, searches: Spent) -> SensorQuote:
        """The cost of the bundles and of the searches that found them."""
        return SensorQuote(
            requests=sum(bundle.requests for bundle in self.bundles) + searches.requests,
            processing_units=sum(bundle.units for bundle in self.bundles) + searches.units,
            scenes=sum(len(bundle.scenes) for bundle in self.bundles),
            archived=self.archived,
            areas=areas,
        )


def _difference(after: Spent, before: Spent) -> Spent:
    return Spent(units=max(0.0, after.units - before.units), requests=after.requests - before.requests)


def _broken(archive: Archive) -> Mapping[str, frozenset[str]]:
    """Ids of products that the service could not make when it was last asked, by sensor."""
    broken: dict[str, set[str]] = defaultdict(set)
    for record in archive.ledger():
        if record.get("kind") == BROKEN:
            broken[record["sensor"]].update(record["source_ids"])
    return defaultdict(frozenset, {sensor: frozenset(ids) for sensor, ids in broken.items()})


def _buy_all(
    service: Service, archive: Archive, bundles: Sequence[Bundle], connections: int, progress: Progress
) -> Bought:
    """Buy the bundles, several at once; the first fault that concerns them all ends it."""
    bought = Bought()
    if not bundles:
        progress.note("no scene is missing")
        return bought
    progress.start("fetching scenes", sum(len(bundle.scenes) for bundle in bundles))
    with ThreadPoolExecutor(connections, thread_name_prefix="fetch") as pool:
        asked = {pool.submit(buy, service, archive, bundle): bundle for bundle in bundles}
        try:
            for future in as_completed(asked):
                bought += future.result()
                for _ in asked[future].scenes:
                    progress.advance(asked[future].area.sensor.name)
        finally:
            for future in asked:
                future.cancel()
    return bought
