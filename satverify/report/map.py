"""The map of heat: cells, outline and footprints in metres, without a base map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from satverify.report.heat import CELL, Cell, Heat, Ring
from satverify.report.names import display_name
from satverify.report.svg import element, figure, label, line, number, path, rect, text_width
from satverify.report.text import Text

ROLES = ("own", "stays_hot", "elsewhere", "neighbour")
_SIZE, _MARGIN = 620.0, 300.0
_BARS = (200, 500, 1000, 2000, 5000, 10_000, 20_000)
_GRADES = 4
_LEGIBLE = 17.0
"""Least width of a cell with its number. [px]"""
_FOOT = 34.0
"""Room below for the scale bar. [px]"""


class _Frame:
    """Metres onto the drawing."""

    def __init__(self, heat: Heat) -> None:
        xs = [x for ring in heat.outline for x, _ in ring] + [cell.east for cell in heat.cells]
        ys = [y for ring in heat.outline for _, y in ring] + [cell.north for cell in heat.cells]
        self.west, self.south = min(xs) - _MARGIN, min(ys) - _MARGIN
        east, north = max(xs) + _MARGIN, max(ys) + _MARGIN
        wide, high = east - self.west, north - self.south
        self.scale = min(_SIZE / wide, 520.0 / high)
        self.width, self.height = _SIZE, max(260.0, high * self.scale) + _FOOT
        self.west -= (self.width / self.scale - wide) / 2
        self.south -= ((self.height - _FOOT) / self.scale - high) / 2 + _FOOT / self.scale

    def x(self, east: float) -> float:
        return (east - self.west) * self.scale

    def y(self, north: float) -> float:
        return self.height - (north - self.south) * self.scale

    def outline(self, rings: Sequence[Ring]) -> str:
        return "".join(
            "M" + "L".join(f"{number(self.x(east))} {number(self.y(north))}" for east, north in ring[:-1]) + "Z"
            for ring in rings
        )


def heat_map(heat: Heat, text: Text) -> Markup:
    """The drawing, with scale bar and north arrow."""
    frame = _Frame(heat)
    most = max((cell.days for cell in heat.cells), default=1)
    parts: list[Markup] = [rect(0, 0, frame.width, frame.height, "ground")]
    parts.append(path(frame.outline(heat.outline), "works"))
    for cell in heat.cells:
        parts += _square(cell, frame, most)
    parts.append(path(frame.outline(heat.outline), "outline"))
    parts += [path(frame.outline(footprint.rings), "footprint") for footprint in heat.footprints]
    if CELL * frame.scale >= _LEGIBLE:
        parts += [_count(cell, frame, most, text) for cell in heat.cells]
    parts += _names(heat, frame)
    parts += _scale_bar(frame, text)
    parts += _north(frame, text)
    return figure(frame.width, frame.height, text("map.aria", cells=len(heat.cells)), "map", parts)


def _role(cell: Cell) -> str:
    return cell.role if cell.role in ROLES else "elsewhere"


def _square(cell: Cell, frame: _Frame, most: int) -> Iterator[Markup]:
    side = CELL * frame.scale
    x, y = frame.x(cell.east) - side / 2, frame.y(cell.north) - side / 2
    yield rect(x, y, side, side, f"cell {_role(cell)} g{_grade(cell.days, most)}")
    if _role(cell) == "stays_hot":
        yield rect(x, y, side, side, "over", fill="url(#cross)")


def _count(cell: Cell, frame: _Frame, most: int, text: Text) -> Markup:
    """The number of days in the middle of a cell."""
    side, words = CELL * frame.scale, str(cell.days)
    size = min(13.0, side * 0.42, side / max(2.0, 0.62 * len(words)))
    is_dark = _grade(cell.days, most) >= 3 and _role(cell) in {"own", "stays_hot"}
    return element(
        "text",
        words,
        element("title", f"{text('map.days')}: {words}"),
        x=frame.x(cell.east),
        y=frame.y(cell.north) + size * 0.36,
        class_=f"count {'dark' if is_dark else 'light'}",
        font_size=size,
    )


def _grade(days: int, most: int) -> int:
    """Class of a cell by its days, 1 to 4, on a scale of powers of the busiest."""
    shares = (0.04, 0.15, 0.45)
    return 1 + sum(days >= share * most for share in shares[: _GRADES - 1])


def _names(heat: Heat, frame: _Frame) -> Iterator[Markup]:
    """Names of footprints: above, below or beside them, where least is covered."""
    numbers = [_Box(frame.x(cell.east), frame.y(cell.north), 11, 8) for cell in heat.cells]
    taken: list[_Box] = []
    for footprint in heat.footprints:
        words = display_name(footprint.name or footprint.unit_id)
        ring = footprint.rings[0]
        west, east = (frame.x(edge(x for x, _ in ring)) for edge in (min, max))
        south, north = (frame.y(edge(y for _, y in ring)) for edge in (min, max))
        half = text_width(words, 11) / 2
        middle = min(max((west + east) / 2, half + 4), frame.width - half - 4)
        places = [
            place
            for away in (0, 16, 32)
            for place in (
                _Box(middle, north - 8 - away, half, 7),
                _Box(middle, south + 9 + away, half, 7),
                _Box(east + half + 5 + away, (north + south) / 2, half, 7),
                _Box(west - half - 5 - away, (north + south) / 2, half, 7),
            )
        ]
        free = [place for place in places if half < place.x < frame.width - half and not place.meets(taken)]
        if free:
            best = min(free, key=lambda place: place.meets(numbers))
            taken.append(best)
            yield label(best.x, best.y + 4, words, "footprint-name")


class _Box(NamedTuple):
    """A middle and half the width and height. [px]"""

    x: float
    y: float
    wide: float
    high: float

    def meets(self, others: Sequence[_Box]) -> int:
        """How many of ``others`` it overlaps."""
        return sum(
            abs(self.x - other.x) < self.wide + other.wide and abs(self.y - other.y) < self.high + other.high
            for other in others
        )


def _scale_bar(frame: _Frame, text: Text) -> Iterator[Markup]:
    metres = max((bar for bar in _BARS if bar * frame.scale <= frame.width / 3), default=_BARS[0])
    length, y = metres * frame.scale, frame.height - 16
    name = text("map.kilometres", value=metres // 1000) if metres >= 1000 else text("map.metres", value=metres)
    yield rect(10, y - 22, length + 20, 34, "plate")
    yield rect(20, y, length / 2, 5, "bar-dark")
    yield rect(20 + length / 2, y, length / 2, 5, "bar-light")
    yield rect(20, y, length, 5, "bar-frame")
    yield label(20, y - 6, "0", "scale-mid")
    yield label(20 + length, y - 6, name, "scale-end")


def _north(frame: _Frame, text: Text) -> Iterator[Markup]:
    x = frame.width - 26
    yield rect(x - 14, 8, 28, 44, "plate")
    yield path(f"M{number(x)} 24L{number(x + 7)} 46L{number(x)} 41L{number(x - 7)} 46Z", "arrow")
    yield label(x, 21, text("map.north"), "north")
    yield line(x, 24, x, 41, "arrow-line")
