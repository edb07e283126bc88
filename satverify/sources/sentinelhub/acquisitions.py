"""From the catalogue's products to acquisitions over one area: what one image of the archive will be made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from satverify.domain.scenes import Acquisition
from satverify.domain.sensors import Mosaicking, Sensor
from satverify.sources.sentinelhub.catalogue import ListedProduct

SAME_PASS = timedelta(minutes=10)
"""Pieces of one orbit follow each other without a gap; the next orbit comes an hour and a half later."""
SETTLED = ("NRTI", "OFFL", "RPRO")
"""Timeliness, least settled first."""
TILE = re.compile(r"_(T\d{2}[A-Z]{3}|\d{6})_")
"""A tile of Sentinel-2, or path and row of Landsat, in a product's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An acquisition, and how many products of it are paid for."""

    acquisition: Acquisition
    samples: int
    """Scenes that the service counts for it: 1 where it joins a day's products itself."""
    held: tuple[datetime, str] | None = None
    """Time and platform under which an outdated scene of it is archived, so that the new one becomes its revision."""


def acquisitions_over(
    outline: Polygon | MultiPolygon, products: Sequence[ListedProduct], sensor: Sensor
) -> tuple[Listed, ...]:
    """Acquisitions of one sensor whose products meet an area.

    Parameters
    ----------
    outline
        The area, WGS 84. [degree]
    products
        What the catalogue lists of the sensor's collection, in any order. Those of other product types or of other
        halves of the orbit must have been left out.

    Returns
    -------
    By time. Where the service joins a UTC day's products into one scene, one for each day; else one for each overpass.
    """
    meets = shapely.intersects(np.array([product.footprint for product in products], dtype=object), outline)
    met = [
        product
        for product, is_met in zip(products, meets, strict=True)
        if is_met and product.platform in sensor.satellites
    ]
    met.sort(key=lambda product: (product.time, product.product_id))
    groups = _passes(met) if sensor.mosaicking is Mosaicking.TILE else _days(met)
    listed = []
    for group in groups:
        newest = _newest_versions(group)
        samples = len(group) if sensor.mosaicking is Mosaicking.TILE else 1  # every version may be counted
        listed.append(Listed(acquisition=_acquisition(newest), samples=samples))
    return tuple(sorted(listed, key=lambda entry: (entry.acquisition.start, entry.acquisition.platform)))


def settledness(timeliness: str) -> int:
    """Rank of a timeliness, higher where fewer changes are to come; products without one are settled."""
    return SETTLED.index(timeliness) if timeliness in SETTLED else len(SETTLED)


def _days(products: Sequence[ListedProduct]) -> list[list[ListedProduct]]:
    return [list(group) for _, group in groupby(products, key=lambda product: product.time.date())]


def _passes(products: Sequence[ListedProduct]) -> list[list[ListedProduct]]:
    passes: list[list[ListedProduct]] = []
    latest: dict[str, list[ListedProduct]] = {}
    for product in products:
        current = latest.get(product.platform)
        if current is not None and product.time - current[-1].time <= SAME_PASS:
            current.append(product)
        else:
            latest[product.platform] = [product]
            passes.append(latest[product.platform])
    return passes


def _newest_versions(products: Sequence[ListedProduct]) -> list[ListedProduct]:
    """One version of each product: the most settled, then the one whose id, which ends in when it was made, is last."""
    best: dict[tuple[str, int], int] = {}
    for product in products:
        orbit = product.platform, product.absolute_orbit or 0
        best[orbit] = max(best.get(orbit, 0), settledness(product.timeliness))
    chosen: dict[tuple[str, str, str], ListedProduct] = {}
    for product in sorted(products, key=lambda product: product.product_id):
        if settledness(product.timeliness) == best[product.platform, product.absolute_orbit or 0]:
            moment = product.time.replace(microsecond=0).isoformat()
            chosen[product.platform, moment, _tile(product.product_id)] = product
    return sorted(chosen.values(), key=lambda product: (product.time, product.product_id))


def _tile(product_id: str) -> str:
    """The tile of the ground that a product's id names, if any: versions of one product share it."""
    found = TILE.search(product_id)
    return found.group(1) if found else ""


def _acquisition(products: Sequence[ListedProduct]) -> Acquisition:
    first = products[0]
    tracks = {product.relative_orbit for product in products}
    covers = [product.cloud_cover for product in products if product.cloud_cover is not None]
    return Acquisition(
        platform="-and-".join(sorted({product.platform for product in products})),
        start=first.time,
        stop=products[-1].time,
        source_ids=tuple(sorted(product.product_id for product in products)),
        orbit_state=first.orbit_state,
        relative_orbit=first.relative_orbit if len(tracks) == 1 else None,
        processing_baseline=min(product.processing_baseline for product in products),
        timeliness=min((product.timeliness for product in products), key=settledness),
        cloud_cover=round(sum(covers) / len(covers), 2) if covers else None,
    )
