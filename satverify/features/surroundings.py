"""Everything the sources say that bears on one site, cut out of what they say in all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from satverify.domain.evidence import Observed
from satverify.domain.sites import Site
from satverify.features.neighbours import neighbour_evidence
from satverify.features.overpasses import OverpassTable, overpasses
from satverify.features.plane import Plane

REACH = 5_000.0
"""Detections farther than this from the outline show neither the works nor its neighbours. [m]"""


def observe_site(
    site: Site,
    detections: pd.DataFrame,
    service: pd.DataFrame,
    orbits: OverpassTable,
    sky: pd.DataFrame,
    around: pd.DataFrame | None = None,
) -> Observed:
    """What a site's verification needs of everything the sources hold.

    Parameters
    ----------
    site
        The works.
    detections
        ``DETECTION_COLUMNS``, all of them, or at least those within ``REACH`` of the site.
    service
        ``SERVICE_COLUMNS``.
    orbits
        What ``learn_overpasses`` gave for all detections.
    sky
        ``SKY_COLUMNS``, all points.
    around
        ``longitude``, ``latitude`` and ``utc_date`` of the detections within 200 km; none: ``detections`` holds them.
    """
    centre = site.outline.centroid
    west, south, east, north = site.outline.bounds
    plane = Plane(longitude=centre.x, latitude=centre.y)
    right, up = plane.project(detections["longitude"].to_numpy(), detections["latitude"].to_numpy())
    (left, wide), (low, high) = plane.project(np.array([west, east]), np.array([south, north]))
    near = (right >= left - REACH) & (right <= wide + REACH) & (up >= low - REACH) & (up <= high + REACH)
    days = _span(service)
    if len(days) == 0:
        passes = overpasses(orbits, centre.x, centre.y, (pd.Timestamp(0).date(), pd.Timestamp(0).date()))
    else:
        stop = days[-1] + np.timedelta64(1, "D")
        passes = overpasses(orbits, centre.x, centre.y, (days[0].astype(object), stop.astype(object)))
    return Observed(
        detections=detections[near].reset_index(drop=True),
        service=service,
        sky=sky,
        passes=passes,
        neighbours=neighbour_evidence(site, detections if around is None else around, days),
    )


def _span(service: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """All UTC days from the first to the last of the coverage."""
    if service.empty:
        return np.empty(0, dtype="datetime64[D]")
    dates = service["utc_date"].to_numpy().astype("datetime64[D]")
    return np.arange(dates.min(), dates.max() + 1)
