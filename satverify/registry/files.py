"""Bytes in, text out of them, and files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from satverify.errors import InputError, Problem

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def unreadable(path: Path, where: str, expected: str, found: str) -> InputError:
    """The error of a file of which nothing can be used."""
    problem = Problem(file=str(path), where=where, expected=expected, found=found)
    return InputError(f"{path}: cannot be read", problems=[problem])


def file_bytes(path: Path) -> bytes:
    """The whole file.

    Raises
    ------
    InputError
        Where there is no such file, it cannot be opened, or it is empty.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as exc:  # ValueError: a null character in the path
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise unreadable(path, "file", "a file that can be opened", reason.lower()) from exc
    if not content.strip():
        raise unreadable(path, "file", "some content", "an empty file")
    return content


def decoded(path: Path, content: bytes) -> str:
    """Text in UTF-8, with or without byte-order mark, or else in GB18030, as Chinese spreadsheets write it.

    Raises
    ------
    InputError
        Where the bytes are neither; the message gives the first line that is not UTF-8.
    """
    if content.startswith(UTF_16_MARKS):
        raise unreadable(path, "line 1", "text in UTF-8 or GB18030", "UTF-16; save it again as CSV UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        first_bad = exc
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, first_bad.start) + 1
        found = f"byte 0x{content[first_bad.start]:02x}, which is neither"
        raise unreadable(path, f"line {line}", "text in UTF-8 or GB18030", found) from exc


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary file in the same folder, then rename: readers see the old file or the new one, never a part.

    Raises
    ------
    InputError
        Where the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as exc:
        raise InputError(f"{path}: cannot be written: {exc}") from exc
