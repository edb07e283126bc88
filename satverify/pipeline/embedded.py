"""The emulator in this process, serving a simulated project the scenes of its own season."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from satverify.emulator import Emulator
from satverify.pipeline.demo import simulated_scenes
from satverify.pipeline.project import Project
from satverify.sources.sentinelhub.endpoint import Endpoint


@contextmanager
def embedded_endpoint(project: Project) -> Iterator[Endpoint]:
    """A service on this machine for as long as the block lasts.

    Raises
    ------
    InputError
        The project is not one that ``satverify demo`` made: nobody knows what to simulate.
    """
    with Emulator(simulated_scenes(project.folder)) as emulator:
        yield Endpoint(
            base_url=emulator.base_url, token_url=emulator.token_url, client_id="embedded", client_secret="embedded"
        )
