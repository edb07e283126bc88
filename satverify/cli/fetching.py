"""Fetching as part of a command: with the credentials of the environment, and what did not come told on stderr."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from satverify.cli.clock import utc_today

if TYPE_CHECKING:
    from satverify.domain.ports import Progress
    from satverify.pipeline.fetch import Fetched
    from satverify.pipeline.project import Project

NAMED = 10
"""Scenes that did not come, told one by one; of the rest only how many there are."""


def fetch_missing(project: Project, shown: Progress) -> bool:
    """Fetch detections and scenes that a project names and lacks; say whether any scene did not come."""
    fetched = fetch_all(project, shown)
    tell_refused(fetched)
    return bool(fetched.refused)


def fetch_all(project: Project, shown: Progress, *, dry_run: bool = False) -> Fetched:
    """Fetch with the credentials of the environment, or find out what it would cost."""
    from satverify.pipeline.access import Access
    from satverify.pipeline.downloads import download_detections
    from satverify.pipeline.fetch import fetch

    access, today = Access.of(os.environ), utc_today()
    if not dry_run:
        access.require(project)
        download_detections(project, access, shown, today)
    return fetch(project, access, shown, today, dry_run=dry_run)


def tell_refused(fetched: Fetched) -> None:
    """Scenes that did not come."""
    for one in fetched.refused[:NAMED]:
        typer.echo(f"not fetched: {one.sensor} of {one.time:%Y-%m-%d %H:%M} UTC: {one.reason}", err=True)
    if len(fetched.refused) > NAMED:
        typer.echo(f"not fetched: {len(fetched.refused) - NAMED} more", err=True)
