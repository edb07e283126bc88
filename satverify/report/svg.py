"""The few SVG elements that the figures need, as escaped markup with short, stable numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate to a tenth of a pixel, without trailing zeros. [px]"""
    short = f"{value:.1f}"
    short = short.removesuffix(".0")
    return "0" if short in {"-0", ""} else short


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """One element; ``class_`` stands for ``class`` and ``_`` for ``-``; attributes that are None are left out."""
    parts = [
        f' {name.rstrip("_").replace("_", "-")}="{escape(value if isinstance(value, str) else number(value))}"'
        for name, value in attributes.items()
        if value is not None
    ]
    inside = "".join(escape(part) for part in content)
    body = f">{inside}</{tag}>" if inside else "/>"
    return Markup(f"<{tag}{''.join(parts)}{body}")


def rect(x: float, y: float, width: float, height: float, class_: str, *content: str, **more: str | float) -> Markup:
    """A rectangle."""
    return element("rect", *content, x=x, y=y, width=width, height=height, class_=class_, **more)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def label(x: float, y: float, words: str, class_: str, **more: str | float) -> Markup:
    """Words at a point."""
    return element("text", words, x=x, y=y, class_=class_, **more)


def path(steps: str, class_: str) -> Markup:
    """A path by its commands; none where there are no commands."""
    return element("path", d=steps, class_=class_) if steps else Markup()


def bars(places: Iterable[tuple[float, float, float]]) -> str:
    """Path commands of many upright strokes ``(x, from y, to y)``."""
    return "".join(f"M{number(x)} {number(y)}V{number(end)}" for x, y, end in places)


def steps(xs: list[float], ys: list[float], end: float) -> str:
    """Path commands of a staircase: level ``ys[i]`` from ``xs[i]`` on, the last one until ``end``."""
    commands: list[str] = []
    level: str | None = None
    for x, y in zip(xs, ys, strict=True):
        height = number(y)
        if level is None:
            commands.append(f"{number(x)} {height}")
        elif height != level:
            commands.append(f"H{number(x)}V{height}")
        level = height
    return "".join([*commands, f"H{number(end)}"])


def figure(width: float, height: float, aria: str, class_: str, content: Iterable[str]) -> Markup:
    """A drawing that scales with the page and tells what it shows to those who cannot see it."""
    return element(
        "svg",
        *content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=aria,
        class_=class_,
    )


def text_width(words: str, size: float) -> float:
    """About how wide ``words`` are set. [px]"""
    wide = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.56 for letter in words)
    return wide * size
