"""The two clients of the fault table: satverify's own flow from bundle to archive, and sentinelhub-py's downloader."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from satverify.archive import Archive
from satverify.domain.scenes import Acquisition
from satverify.emulator import Emulator
from satverify.errors import RetrievalError
from satverify.pipeline.buying import buy
from satverify.sources.sentinelhub.answers import read_answer
from satverify.sources.sentinelhub.bodies import process_body
from satverify.sources.sentinelhub.bundles import Bundle
from satverify.sources.sentinelhub.service import Endpoint, Service
from satverify.sources.web.budget import Budget
from satverify.sources.web.exchange import BadAnswer, Timeouts
from satverify.sources.web.limits import Limits
from satverify.sources.web.retries import Retries

THREADS = 8
UNLIMITED = Limits(requests_per_minute=float("inf"), units_per_minute=float("inf"))
HASTY = Retries(first_wait=0.05, longest_wait=2.0)
"""The waits of a run, shortened alike for both clients: it is counted what comes, not how long it takes."""
SHORT = Timeouts(connect=5.0, read=3.0, total=3.0)

Hashes = Mapping[str, str]
"""What a client ended up with: a hash of the pixels by scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a client has after a run."""

    scenes: Hashes
    refused: int = 0
    """Scenes of which it says itself that the service cannot make them."""
    error: str = ""
    """What ended the run early, if anything did."""


def endpoint_of(emulator: Emulator) -> Endpoint:
    """The emulator, as any account."""
    return Endpoint(
        base_url=emulator.base_url, token_url=emulator.token_url, client_id="benchmark", client_secret="benchmark"
    )


def satverify_run(emulator: Emulator, bundles: Sequence[Bundle], folder: Path) -> Outcome:
    """Buy the bundles into an archive in the folder, leaving out those that it has, as ``satverify fetch`` does."""
    archive = Archive(folder)
    held = {(entry.grid.name, entry.time) for entry in archive.entries()}
    missing = [bundle for bundle in bundles if not _times(bundle) <= held]
    refused, error = 0, ""
    with (
        Service(endpoint_of(emulator), limits=UNLIMITED, budget=Budget(), retries=HASTY, timeouts=SHORT) as service,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        futures = [pool.submit(buy, service, archive, bundle) for bundle in missing]
        for future in futures:
            try:
                refused += len(future.result().refused)
            except RetrievalError as exc:
                error = str(exc)
    scenes = [archive.scene(entry) for entry in archive.entries()]
    return Outcome(scenes={scene.scene_id: scene.sha256 for scene in scenes}, refused=refused, error=error)


def sentinelhub_run(emulator: Emulator, bundles: Sequence[Bundle], folder: Path) -> Outcome:
    """Download the same requests with sentinelhub-py into its cache in the folder; what it returns is what it accepts.

    Its answers are taken apart as satverify does. Of an answer that is not what was asked for, each scene counts as
    one that it accepted wrongly.
    """
    from sentinelhub.config import SHConfig
    from sentinelhub.constants import MimeType, RequestType
    from sentinelhub.download.models import DownloadRequest
    from sentinelhub.download.sentinelhub_client import SentinelHubDownloadClient

    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # its session speaks https only, and the emulator plain http
    config = SHConfig(
        use_defaults=True,
        sh_client_id="benchmark",
        sh_client_secret="benchmark",
        sh_base_url=emulator.base_url,
        sh_token_url=emulator.token_url,
        download_sleep_time=HASTY.first_wait,
        download_timeout_seconds=SHORT.read,
    )
    SentinelHubDownloadClient.clear_cache()  # as a new process would have no token yet
    client = SentinelHubDownloadClient(config=config, raise_download_errors=False)
    requests = [
        DownloadRequest(
            url=f"{emulator.base_url}/api/v1/process",
            request_type=RequestType.POST,
            post_values=process_body(bundle.area.sensor, bundle.area.grid, _acquisitions(bundle)),
            headers={"content-type": "application/json", "accept": "application/tar"},
            data_type=MimeType.TAR,
            data_folder=str(folder),
            save_response=True,
            use_session=True,
        )
        for bundle in bundles
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of each download that failed
        try:
            answers = client.download(requests, max_threads=THREADS, decode_data=False, show_progress=False)
        except Exception as exc:
            return Outcome(scenes={}, error=f"{type(exc).__name__}: {exc}".splitlines()[0])
    scenes: dict[str, str] = {}
    for bundle, answer in zip(bundles, answers, strict=True):
        if answer is not None:
            scenes |= _accepted(bundle, answer.content)
    return Outcome(scenes=scenes)


def pixels_by_scene(bundle: Bundle, content: bytes) -> Hashes:
    """A hash of the pixels of each scene of a good answer.

    Raises
    ------
    BadAnswer
        The content is not the answer to the bundle's request.
    """
    received = read_answer(content, bundle.area.sensor, bundle.area.grid, _acquisitions(bundle))
    return {
        f"{bundle.area.grid.name} {one.acquisition.start:%Y-%m-%d}": hashlib.sha256(one.pixels.tobytes()).hexdigest()
        for one in received
    }


def _accepted(bundle: Bundle, content: bytes) -> Hashes:
    try:
        return pixels_by_scene(bundle, content)
    except BadAnswer as exc:
        return {f"{bundle.area.grid.name} {one.start:%Y-%m-%d}": str(exc) for one in _acquisitions(bundle)}


def _acquisitions(bundle: Bundle) -> list[Acquisition]:
    return [listed.acquisition for listed in bundle.scenes]


def _times(bundle: Bundle) -> set[tuple[str, datetime]]:
    """Grid and time of each scene, as the archive's entries have them."""
    return {(bundle.area.grid.name, one.start.replace(microsecond=0)) for one in _acquisitions(bundle)}
