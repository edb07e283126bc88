"""What a person should know of the inputs before believing the answers: rows left out, things assumed, ground not seen.

None of it stops a run. ``run.json`` holds the same in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from satverify.domain.sites import Site
from satverify.pipeline.inputs import Box, Heat, Inputs
from satverify.pipeline.plan import covers
from satverify.pipeline.project import Project

LONG_SILENCE = timedelta(days=45)
"""Without any detection of a source, at either end of its coverage."""

NAMED = 5
"""Names, notes and outages told in full; of the rest only how many there are."""


def remarks(project: Project, inputs: Inputs) -> Iterator[str]:
    """One line each, in the order of the sources."""
    for said in inputs.used:
        yield from _rows(said)
    for source, heat, said in zip(project.firms, inputs.heat, inputs.used, strict=False):
        last = max((stop.isoformat() for _, stop in source.coverage), default="")
        if last > max((stop for _, stop in said["coverage"]), default=""):
            yield f"coverage is declared up to {last}: days that are not over yet hold no looks"
        yield from _unheard(said["coverage"], heat)
        seen = sorted(set(heat.service["satellite"]))
        for outage in source.outages:
            if seen and outage.satellite not in seen:
                known = ", ".join(name or "(none named)" for name in seen)
                yield f"outage of satellite {outage.satellite}: the detections are of {known}; it changes nothing"
    start, stop = project.days
    outside = [order.order_id for order in inputs.obligations.orders if order.start < start or order.stop > stop]
    if outside:
        yield f"{_counted(outside, 'order')} not wholly within [project] days {start} to {stop}: {_listed(outside)}"
    for wind in inputs.wind:
        yield from (f"wind ({wind['path']}): {note}" for note in wind["notes"][:NAMED])
    yield from _uncovered(inputs.sites, inputs.heat)


def _rows(said: Mapping[str, Any]) -> Iterator[str]:
    rows, problems, notes = said["rows"], said["problems"], said["notes"]
    name = f"{said['kind']} ({_listed(said['files'], 2)})"
    if rows["left_out"]:
        yield f"{name}: {rows['left_out']} of {rows['read']} rows left out, the first: {problems[0]}"
    if rows["conflicts"]:
        yield f"{name}: {rows['conflicts']} of {rows['read']} rows contradict another one and were set aside"
    if not rows["read"]:
        yield f"{name}: no rows at all"
    for note in notes[:NAMED]:
        yield f"{name}: {note}"
    if len(notes) > NAMED:
        yield f"{name}: {len(notes) - NAMED} more notes of this kind in run.json"


def _unheard(coverage: Sequence[Sequence[str]], heat: Heat) -> Iterator[str]:
    """Coverage far beyond the detections: it may be that nobody collected them then, which is no sign of a stop."""
    if not coverage or heat.detections.empty:
        return
    dates = heat.detections["utc_date"]
    first, last = dates.min().date(), dates.max().date()
    start, stop = (date.fromisoformat(day) for day in (min(a for a, _ in coverage), max(b for _, b in coverage)))
    if first - start > LONG_SILENCE:
        yield f"no detection at all from {start}, where coverage starts, to {first}: were they collected then?"
    if stop - last > LONG_SILENCE:
        yield f"no detection at all after {last}, though coverage goes to {stop}: were they collected then?"


def _uncovered(sites: Sequence[Site], heat: Sequence[Heat]) -> Iterator[str]:
    out = [site for site in sites if not any(covers(source, site) for source in heat)]
    if not out:
        return
    counted = _counted(out, "site")
    verb = "lies" if len(out) == 1 else "lie"
    areas = [source.area for source in heat if source.area is not None]
    hint = "; are latitude and longitude swapped?" if any(_is_swapped(area, out) for area in areas) else ""
    where = f" ({'; '.join(map(_shown, areas[:NAMED]))})" if areas else ""
    named = _listed([site.site_id for site in out])
    yield f"{counted} {verb} outside the area of every source of detections{where}{hint}: {named}"


def _is_swapped(area: Box, sites: Sequence[Site]) -> bool:
    """Whether a site would lie in the area if its axes were exchanged."""
    west, south, east, north = area
    centres = [site.outline.centroid for site in sites]
    return any(west <= centre.y <= east and south <= centre.x <= north for centre in centres)


def _shown(area: Box) -> str:
    west, south, east, north = area
    return f"longitude {west:g} to {east:g}, latitude {south:g} to {north:g}"


def _counted(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _listed(names: Sequence[str], most: int = NAMED) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
