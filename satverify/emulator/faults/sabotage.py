"""Answers that are not what they should be."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from satverify.emulator.faults.plan import Fault, FaultKind
from satverify.emulator.messages import (
    Answer,
    RequestKind,
    empty_body,
    oauth_error,
    rate_limited,
    service_error,
    unauthorized,
)

HTML_PAGE = b"""<!DOCTYPE html>
<html><head><title>Gateway</title></head>
<body><h1>Please wait</h1><p>Your request is being checked.</p></body></html>
"""
TAR_TYPES = ("application/tar", "application/x-tar")
IMAGE_TYPE = "image/tiff"
Pixels = NDArray[np.generic]


class Delivery(StrEnum):
    """How an answer goes over the wire."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    SILENTLY_TRUNCATED = "silently_truncated"
    SLOW = "slow"
    RESET = "reset"
    DOOMED = "doomed"
    """Whole, but the connection will not take another request."""


DELIVERIES = {
    FaultKind.RESET: Delivery.RESET,
    FaultKind.SLOW_DRIP: Delivery.SLOW,
    FaultKind.STALE: Delivery.DOOMED,
}


def delivery_of(fault: Fault | None) -> Delivery:
    """How the answer to a request that a fault hits is delivered."""
    if fault is not None and fault.kind is FaultKind.TRUNCATED:
        return Delivery.SILENTLY_TRUNCATED if fault.silent else Delivery.TRUNCATED
    return Delivery.WHOLE if fault is None else DELIVERIES.get(fault.kind, Delivery.WHOLE)


def answer_instead(fault: Fault, kind: RequestKind) -> Answer | None:
    """What a request gets in place of its answer, or none where the answer is computed first."""
    if fault.kind is FaultKind.RATE_LIMIT:
        return rate_limited(fault.retry_after, {"samplingPeriod": "PT1M", "limit": 300})
    if fault.kind in {FaultKind.SERVER_ERROR, FaultKind.TOKEN_OUTAGE}:
        return _server_error(fault, kind)
    if fault.kind is FaultKind.SPURIOUS_BAD_REQUEST:
        if kind is RequestKind.TOKEN:
            return oauth_error(400, "invalid_request", "Missing grant_type parameter")
        return empty_body()
    if fault.kind is FaultKind.UNAUTHORIZED:
        return unauthorized()
    if fault.kind is FaultKind.HTML:
        return Answer(status=200, content_type="text/html; charset=utf-8", content=HTML_PAGE)
    if fault.kind is FaultKind.RESET:
        return Answer(status=0, content_type="", content=b"")
    return None


def spoilt(answer: Answer, fault: Fault) -> Answer:
    """The answer with its images changed, where the fault does that and the answer has any."""
    changes: dict[FaultKind, Callable[[Pixels], Pixels]] = {
        FaultKind.WRONG_SIZE: lambda pixels: pixels[:, : max(1, pixels.shape[1] - 1), : max(1, pixels.shape[2] - 1)],
        FaultKind.ZEROS: np.zeros_like,
    }
    change = changes.get(fault.kind)
    if change is None or not 200 <= answer.status < 300:
        return answer
    media_type = answer.content_type.partition(";")[0].strip()
    if media_type == IMAGE_TYPE:
        return replace(answer, content=_changed_image(answer.content, change))
    if media_type in TAR_TYPES:
        return replace(answer, content=_changed_tar(answer.content, change))
    return answer


def _server_error(fault: Fault, kind: RequestKind) -> Answer:
    if kind is RequestKind.TOKEN:  # a gateway's, in front of an endpoint that does not answer
        page = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
        return Answer(status=fault.status, content_type="text/html", content=page)
    message = (
        "java.util.concurrent.ExecutionException: java.util.concurrent.ExecutionException: "
        "java.lang.RuntimeException: Index service failure: 500 Internal Server Error"
    )
    return service_error(fault.status, "RENDERER_EXCEPTION", message)


def _changed_image(content: bytes, change: Callable[[Pixels], Pixels]) -> bytes:
    """A GeoTIFF with the same pixel size and north-west corner."""
    with MemoryFile(content) as source, source.open() as image:
        pixels = change(image.read())
        profile = {**image.profile, "height": pixels.shape[1], "width": pixels.shape[2]}
        descriptions = image.descriptions
    for name in ("blockxsize", "blockysize", "tiled"):  # a smaller image may not hold the old blocks
        profile.pop(name, None)
    with MemoryFile() as target:
        with target.open(**profile) as image:
            image.write(pixels)
            image.descriptions = descriptions
        return bytes(target.read())


def _changed_tar(content: bytes, change: Callable[[Pixels], Pixels]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as source, tarfile.open(fileobj=target, mode="w") as changed:
        for member in source.getmembers():
            stream = source.extractfile(member)
            data = b"" if stream is None else stream.read()
            if member.name.endswith((".tif", ".tiff")):
                data = _changed_image(data, change)
                member.size = len(data)
            changed.addfile(member, io.BytesIO(data))
    return target.getvalue()
