"""What a fetch has to buy, and what that costs: by the service's catalogue, or without it by the satellites' orbits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from satverify.archive import Archive
from satverify.domain.ports import Progress
from satverify.pipeline.buying import BROKEN
from satverify.pipeline.project import Days
from satverify.pipeline.quote import Quote, SensorQuote
from satverify.pipeline.revisit import count_of, pages_of
from satverify.pipeline.wanted import Holdings, Wanted
from satverify.sources.sentinelhub.acquisitions import Listed, acquisitions_over
from satverify.sources.sentinelhub.areas import Area, grid_outline
from satverify.sources.sentinelhub.bundles import Bundle, bundles_of
from satverify.sources.sentinelhub.catalogue import ListedProduct
from satverify.sources.sentinelhub.service import Service
from satverify.sources.web.budget import Spent


@dataclass(slots=True)
class Plan:
    """What one source is to bring."""

    quotes: dict[str, SensorQuote] = field(default_factory=dict)
    """Cost by sensor."""
    bundles: list[Bundle] = field(default_factory=list)
    """What to ask for, sensor by sensor."""

    @property
    def quote(self) -> Quote:
        """The cost."""
        return Quote(by_sensor=self.quotes)


def bound_of(wanted: Sequence[Wanted]) -> Quote:
    """The most that it can cost, by the satellites' orbits, as if nothing were archived."""
    quoted = {}
    for one in wanted:
        counts = [count_of(area, month) for area in one.areas for month in one.months]
        searches = [search for month in one.months for search, _ in one.searches(month)]
        pages = [pages_of(search) for search in searches]
        quoted[one.sensor.name] = SensorQuote(
            requests=sum(count.requests for count in counts) + sum(pages),
            processing_units=sum(count.units for count in counts)
            + sum(page * search.units for page, search in zip(pages, searches, strict=True)),
            scenes=sum(count.scenes for count in counts),
            areas=len(one.areas),
        )
    return Quote(by_sensor=quoted, is_upper_bound=True)


def plan_of(service: Service, archive: Archive, wanted: Sequence[Wanted], progress: Progress, today: date) -> Plan:
    """Ask the catalogue what there is, and take off what the archive has."""
    plan, broken = Plan(), _broken(archive)
    progress.start("searching the catalogue", sum(len(one.searches(month)) for one in wanted for month in one.months))
    for one in wanted:
        holdings, found = Holdings(archive, one.sensor, one.months, today), _Found()
        before = service.spent
        for month in one.months:
            for area, products in _listed(service, one, month, progress):
                found.strangers |= {product.platform for product in products} - set(one.sensor.satellites)
                listed = acquisitions_over(grid_outline(area.grid), products, one.sensor)
                found.add(area, listed, holdings.missing(area, listed), broken[one.sensor.name])
        if not one.months:
            progress.note(f"{one.sensor.name}: none of the days is over and within the service's archive")
        if found.strangers:
            named = ", ".join(sorted(platform or "no satellite" for platform in found.strangers))
            known = ", ".join(one.sensor.satellites)
            progress.note(f"{one.sensor.name}: products of {named} are left out: expected {known}")
        plan.bundles += found.bundles
        plan.quotes[one.sensor.name] = found.quote(len(one.areas), _difference(service.spent, before))
    return plan


def _listed(
    service: Service, wanted: Wanted, month: Days, progress: Progress
) -> Iterator[tuple[Area, list[ListedProduct]]]:
    """What the catalogue lists of a month, each product once, by area."""
    found: dict[Area, dict[str, ListedProduct]] = {area: {} for area in wanted.areas}
    for search, areas in wanted.searches(month):
        products = service.search(
            wanted.sensor.collection,
            search.box,
            search.start,
            search.stop,
            filter=wanted.sensor.catalogue_filter,
            label=wanted.sensor.name,
        )
        for area in areas:
            found[area].update((product.product_id, product) for product in products)
        progress.advance(wanted.sensor.name)
    for area, by_id in found.items():
        yield area, list(by_id.values())


@dataclass(slots=True)
class _Found:
    """What the catalogue lists of one sensor, and what of it is to be bought."""

    bundles: list[Bundle] = field(default_factory=list)
    archived: int = 0
    strangers: set[str] = field(default_factory=set)
    """Platforms of products that the sensor does not know."""

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
