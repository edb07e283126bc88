"""Which outputs a process request wants, in which formats, and how several become one answer."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satverify.domain.grids import Grid
from satverify.emulator.engine.evalscript import SampleType
from satverify.emulator.engine.images import JPEG_QUALITY, Format, encoded
from satverify.emulator.engine.rendering import Rendered
from satverify.emulator.engine.reply import bad_payload, violated

USER_DATA = "userdata"
DEFAULT = "default"
TAR_TYPES = ("application/tar", "application/x-tar")
MULTIPART = "multipart/mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One response that a request asks for."""

    identifier: str
    """Output of the script, or ``userdata``."""
    image_format: Format
    quality: int = JPEG_QUALITY
    """Of a JPEG. [%]"""

    @property
    def file_name(self) -> str:
        """In an archive."""
        return f"{self.identifier}.{self.image_format.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that a request wants back."""

    responses: tuple[Wanted, ...]
    container: str = ""
    """Media type of what holds several, empty for a single file as it is."""


def parse_answer(output: Mapping[str, Any], accept: str | None) -> Answer:
    """What a request wants back; the header ``Accept`` goes before the body.

    Raises
    ------
    ServiceError
        A format is unknown, or the header does not fit the responses.
    """
    responses = _parse_responses(output.get("responses"))
    accepted = _accepted(accept)
    if accepted in TAR_TYPES or accepted == MULTIPART:
        return Answer(responses=responses, container=accepted)
    if accepted is not None:
        return Answer(responses=(_in_format(responses, Format(accepted)),))
    if len(responses) > 1:
        return Answer(responses=responses, container=TAR_TYPES[0])
    return Answer(responses=responses)


def packed(answer: Answer, rendered: Rendered, grid: Grid) -> tuple[str, bytes]:
    """Media type and content of the answer.

    Raises
    ------
    ServiceError
        An output is not of the script, or does not fit its format.
    """
    files = [(wanted, _file(wanted, rendered, grid)) for wanted in answer.responses]
    if not answer.container:
        return str(files[0][0].image_format), files[0][1]
    if answer.container == MULTIPART:
        return _multipart(files)
    return answer.container, _tar(files)


def require_outputs(answer: Answer, rendered_outputs: Sequence[str]) -> None:
    """Refuse responses that the script does not make.

    Raises
    ------
    ServiceError
        There is one.
    """
    for wanted in answer.responses:
        if wanted.identifier != USER_DATA and wanted.identifier not in rendered_outputs:
            raise bad_payload(f"Output {wanted.identifier} requested but missing from function setup()")


def has_floats(answer: Answer, rendered: Rendered) -> bool:
    """Whether any of the files holds 32-bit numbers."""
    asked = {wanted.identifier for wanted in answer.responses}
    return any(o.sample_type is SampleType.FLOAT32 for o in rendered.setup.outputs if o.output_id in asked)


def _file(wanted: Wanted, rendered: Rendered, grid: Grid) -> bytes:
    if wanted.identifier == USER_DATA:
        return json.dumps(rendered.user_data, ensure_ascii=False).encode()
    output = rendered.setup.output(wanted.identifier)
    return encoded(rendered.images[wanted.identifier], output, wanted.image_format, grid, wanted.quality)


def _parse_responses(value: object) -> tuple[Wanted, ...]:
    if value is None:
        return (Wanted(identifier=DEFAULT, image_format=Format.PNG),)
    if not isinstance(value, list) or not value:
        raise violated("output->responses", "must be an array of at least one response")
    responses = tuple(_parse_response(entry, f"output->responses[{number}]") for number, entry in enumerate(value))
    if len({wanted.identifier for wanted in responses}) < len(responses):
        raise violated("output->responses", "identifiers must be unique")
    return responses


def _parse_response(value: object, where: str) -> Wanted:
    if not isinstance(value, Mapping):
        raise violated(where, "must be an object")
    identifier = value.get("identifier", DEFAULT)
    is_user_data = identifier == USER_DATA
    described = value.get("format") or {}
    name = described.get("type") if isinstance(described, Mapping) else None
    default = Format.JSON if is_user_data else Format.PNG
    found = default if name is None else next((kind for kind in Format if kind == name), None)
    if found is None or not isinstance(identifier, str) or is_user_data != (found is Format.JSON):
        raise violated(f"{where}->format->type", "the format is not supported", name)
    quality = described.get("quality", JPEG_QUALITY) if isinstance(described, Mapping) else JPEG_QUALITY
    if not isinstance(quality, int) or not 0 <= quality <= 100:
        raise violated(f"{where}->format->quality", "must be between 0 and 100", quality)
    return Wanted(identifier=identifier, image_format=found, quality=quality)


def _accepted(accept: str | None) -> str | None:
    """The best liked of the media types that can be made, none where the body decides."""
    liked: list[tuple[float, str]] = []
    for part in (accept or "").split(","):
        name, _, parameters = part.strip().lower().partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=")) if parameters.strip().startswith("q=") else 1.0
        except ValueError:
            weight = 1.0
        liked.append((-weight, name.strip()))
    possible = {*TAR_TYPES, MULTIPART, *Format}
    for _, name in sorted(liked, key=lambda pair: pair[0]):
        if name in possible:
            return name
        if name in ("", "*/*", "application/*", "image/*"):
            return None
    raise bad_payload(f"Accept header {accept} is not supported.")


def _in_format(responses: Sequence[Wanted], image_format: Format) -> Wanted:
    """The one response that a header with a file format gets."""
    if image_format is Format.JSON:
        return Wanted(identifier=USER_DATA, image_format=Format.JSON)
    images = [wanted for wanted in responses if wanted.identifier != USER_DATA]
    first = next((wanted for wanted in images if wanted.identifier == DEFAULT), images[0] if images else None)
    if first is None:
        return Wanted(identifier=DEFAULT, image_format=image_format)
    return Wanted(identifier=first.identifier, image_format=image_format, quality=first.quality)


def _tar(files: Sequence[tuple[Wanted, bytes]]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for wanted, content in files:
            member = tarfile.TarInfo(wanted.file_name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def _multipart(files: Sequence[tuple[Wanted, bytes]]) -> tuple[str, bytes]:
    boundary = "----satverify-part"
    while any(boundary.encode() in content for _, content in files):
        boundary += "-"
    parts = [
        f"--{boundary}\r\nContent-Type: {wanted.image_format}\r\n"
        f'Content-Disposition: attachment; filename="{wanted.file_name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for wanted, content in files
    ]
    return f'{MULTIPART}; boundary="{boundary}"', b"".join(parts) + f"--{boundary}--\r\n".encode()
