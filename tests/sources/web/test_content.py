"""Answers of the wrong kind."""

from __future__ import annotations

import io
import tarfile

import pytest

from satverify.sources.web.content import require_content
from satverify.sources.web.exchange import Answer, BadAnswer


def answer(content: bytes, content_type: str = "") -> Answer:
    return Answer(status=200, headers={"content-type": content_type}, content=content)


def tar(name: str = "default.tif") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return made.getvalue()


@pytest.mark.parametrize(
    ("accept", "content_type", "content"),
    [
        ("application/tar", "application/x-tar", tar()),
        ("application/x-tar", "application/tar", tar()),
        ("application/tar", "application/octet-stream", tar()),
        ("application/tar", "", tar()),
        ("image/tiff", "image/tiff", b"II*\0rest"),
        ("image/tiff", "image/tiff;application=geotiff", b"MM\0*rest"),
        ("image/png", "image/png", b"\x89PNG\r\n\x1a\nrest"),
        ("application/json", "application/json;charset=utf-8", b'\xef\xbb\xbf\n {"a": 1}'),
        ("application/json", "application/geo+json", b"[]"),
        ("text/csv", "text/plain", b"latitude,longitude"),
        ("application/octet-stream", "application/octet-stream", b"\0\1"),
    ],
)
def test_what_was_asked_for_passes(accept: str, content_type: str, content: bytes) -> None:
    require_content(answer(content, content_type.partition(";")[0]), accept)


@pytest.mark.parametrize(
    ("accept", "content_type", "content"),
    [
        ("application/tar", "text/html", b"<html>sign in</html>"),
        ("application/tar", "application/tar", b"\r\n <!DOCTYPE html>"),
        ("application/octet-stream", "application/octet-stream", b"<html>"),
        ("text/csv", "text/csv", b"\xef\xbb\xbf<html>"),
        ("application/tar", "application/tar", b""),
        ("application/tar", "image/tiff", b"II*\0" + bytes(600)),
        ("application/tar", "application/tar", b"II*\0" + bytes(600)),
        ("application/tar", "application/json", b'{"error": 1}'),
        ("image/tiff", "image/tiff", b'{"error": 1}'),
        ("application/json", "application/json", b"not json"),
    ],
)
def test_anything_else_is_a_bad_answer(accept: str, content_type: str, content: bytes) -> None:
    with pytest.raises(BadAnswer):
        require_content(answer(content, content_type), accept)
