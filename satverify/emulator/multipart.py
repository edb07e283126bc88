"""Bodies of type ``multipart/form-data`` (RFC 7578), taken apart."""

from __future__ import annotations

from email.message import Message


def parse_multipart(body: bytes, content_type: str) -> dict[str, bytes]:
    """Content of each named part.

    Parameters
    ----------
    body
        The body.
    content_type
        The header, which tells the boundary.

    Raises
    ------
    ValueError
        There is no boundary, or the parts are not closed by it.
    """
    boundary = _header(content_type).get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise ValueError("no boundary")
    mark = b"--" + boundary.encode("latin-1")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("the last part is not closed")
    return dict(part for part in map(_part, pieces[1:-1]) if part is not None)


def _part(piece: bytes) -> tuple[str, bytes] | None:
    """Name and content of a part, or none where it has no name."""
    head, _, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
    for line in head.decode("utf-8", "replace").split("\r\n"):
        title, _, value = line.partition(":")
        if title.strip().lower() == "content-disposition":
            name = _header(value.strip()).get_param("name")
            return (name, content) if isinstance(name, str) else None
    return None


def _header(value: str) -> Message:
    message = Message()
    message["content-type"] = value
    return message
