"""Downloads detections that a project names by product: chunks of five days, kept as files that the readers read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from satverify.domain.ports import Progress
from satverify.errors import InputError
from satverify.pipeline.access import Access
from satverify.pipeline.files import write_whole
from satverify.pipeline.project import FirmsSource, Project
from satverify.sources.firms_area import FIRMS, FirmsArea, firms_chunks

FRESH = timedelta(days=7)
"""Detections of days that ended less than this ago may still arrive: they are asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One request to the service, and the file that keeps its answer."""

    product: str
    start: date
    days: int
    path: Path

    @property
    def stop(self) -> date:
        """First UTC day after it."""
        return self.start + timedelta(days=self.days)


def download_detections(project: Project, access: Access, progress: Progress, today: date) -> int:
    """Download what the project's ``firms`` sources name and their folders lack.

    Parameters
    ----------
    project, access
        What is wanted, and who asks.
    progress
        Told how far the work is.
    today
        UTC day: nothing is asked for from it on.

    Returns
    -------
    Requests that were made.

    Raises
    ------
    InputError
        The service does not have a product on all days of the coverage: its silence there would be taken for evidence.
    CredentialsError, RetrievalError
        The service does not know who asks, or does not answer. What came before is kept.
    """
    made = 0
    for source in project.firms:
        wanted = [chunk for chunk in chunks_of(source, today) if _is_wanted(chunk, today)]
        if not wanted:
            continue
        progress.start("downloading detections", len(wanted))
        with FirmsArea(access.map_key, base_url=source.base_url or FIRMS, on_wait=progress.note) as service:
            for product in source.download:
                _require_available(service, product, [chunk for chunk in wanted if chunk.product == product])
            for chunk in wanted:
                assert source.area is not None
                write_whole(chunk.path, service.fetch(chunk.product, source.area, chunk.start, chunk.days))
                progress.advance(f"{chunk.product} {chunk.start}")
        made += len(wanted)
    return made


def chunks_of(source: FirmsSource, today: date) -> Iterator[Chunk]:
    """The requests that cover a source's coverage up to today, by product and day."""
    for product in source.download:
        for start, stop in source.coverage:
            for first, days in firms_chunks((start, min(stop, today))):
                assert source.folder is not None
                name = f"{source.download_stem(product)}_{first}_{days}d.csv"
                yield Chunk(product=product, start=first, days=days, path=source.folder / name)


def _is_wanted(chunk: Chunk, today: date) -> bool:
    return today - chunk.stop < FRESH or not chunk.path.is_file()


def _require_available(service: FirmsArea, product: str, chunks: list[Chunk]) -> None:
    if not chunks:
        return
    first, last = service.availability(product)
    start, stop = min(chunk.start for chunk in chunks), max(chunk.stop for chunk in chunks)
    if start < first or stop > last + timedelta(days=1):
        raise InputError(
            f"{product}: FIRMS has it from {first} to {last}, and the coverage asks for {start} to {stop}: days "
            "without data would be taken for days without heat; shorten coverage or name another product"
        )
