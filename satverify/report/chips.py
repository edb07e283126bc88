"""The images that decided: small cuts of scenes, all with one stretch, with the unit's footprint drawn into them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from satverify.report.sightings import EvidenceRow
from satverify.report.svg import element, number
from satverify.report.text import Text
from satverify.report.view import FindingView, SiteView

Ring: TypeAlias = tuple[tuple[float, float], ...]

MOST_CHIPS = 6
"""Deciding looks shown for one finding, besides the one to compare with."""

BRIGHTEST = 0.8
"""Reflectance that is drawn at full brightness in every band of every chip. [1]"""

GAMMA = 0.7
"""Exponent of brightness: dark yards are told from black, and flames still from roofs. [1]"""

BAND_ORDER = ("swir22", "swir16", "nir08")
"""Bands drawn as red, green and blue: heat is red to yellow, plants are blue, roofs are grey."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chip:
    """A cut of one scene."""

    look: EvidenceRow
    """The look it was taken for."""
    reflectance: NDArray[np.float32]
    """``BAND_ORDER`` at the top of the atmosphere, NaN where nothing was measured, shape (3, rows, columns). [1]"""
    outlines: tuple[Ring, ...]
    """Corners of footprints as column and row, from the cut's upper left corner. [pixel]"""
    is_reference: bool = False
    """Whether it shows the unit at work outside of the window, to compare with."""


def deciding_looks(view: FindingView) -> tuple[tuple[EvidenceRow, bool], ...]:
    """Looks to show images of, by time, and whether each is the one to compare with; none where no scene decided."""
    evidence = view.evidence
    if evidence is None:
        return ()
    chosen = [(row, False) for row in evidence.images[:MOST_CHIPS] if row.time is not None]
    if chosen and evidence.reference is not None and evidence.reference.time is not None:
        chosen.append((evidence.reference, True))
    return tuple(sorted(chosen, key=lambda pair: (not pair[1], pair[0].time or datetime.min)))


def with_chips(view: SiteView, chips: Mapping[str, Sequence[Chip]]) -> SiteView:
    """The same page with images, by the id of the finding they belong to."""
    return replace(
        view,
        detailed=tuple(replace(item, chips=tuple(chips.get(item.finding.finding_id, ()))) for item in view.detailed),
    )


def chip_strip(view: FindingView, text: Text) -> Markup:
    """The images of one finding beside each other; nothing where it has none."""
    return Markup().join(_figure(chip, text) for chip in view.chips)


def drawn(reflectance: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colours of a chip, shape (rows, columns, 3); what was not measured is mid-grey."""
    share = np.clip(np.nan_to_num(reflectance, nan=0.0) / BRIGHTEST, 0.0, 1.0) ** GAMMA
    colours = np.rint(255 * share)
    colours[:, np.isnan(reflectance).any(axis=0)] = 128
    return np.ascontiguousarray(np.moveaxis(colours, 0, -1).astype(np.uint8))


def _figure(chip: Chip, text: Text) -> Markup:
    look = chip.look
    _, rows, columns = chip.reflectance.shape
    local = look.local or look.time
    day = text.date(look.local_day) if local is None else f"{text.date(look.local_day)} {local:%H:%M}"
    satellite = text.word("satellite", look.satellite)
    said = text("chips.hot", count=look.hot_pixels) if look.hot_pixels else text("chips.cold")
    picture = element(
        "svg",
        element(
            "image",
            href=_png(drawn(chip.reflectance)),
            x=0,
            y=0,
            width=columns,
            height=rows,
            preserveAspectRatio="none",
        ),
        *(_outline(ring) for ring in chip.outlines),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {columns} {rows}",
        role="img",
        aria_label=text("chips.aria", satellite=satellite, day=day, seen=said),
    )
    caption = element("figcaption", element("b", day), element("br"), satellite, element("br"), said)
    if chip.is_reference:
        caption = element(
            "figcaption", element("b", text("chips.reference")), element("br"), day, element("br"), satellite
        )
    kind = "chip reference" if chip.is_reference else "chip"
    return element("figure", picture, caption, class_=kind)


def _outline(ring: Ring) -> Markup:
    """A footprint, dark below bright, so that it shows on any ground."""
    corners = "L".join(f"{number(x)} {number(y)}" for x, y in ring)
    return Markup().join(element("path", d=f"M{corners}Z", class_=kind) for kind in ("under", "over"))


def _png(colours: NDArray[np.uint8]) -> str:
    """An image as the address of itself: a page asks nobody for anything."""
    buffer = io.BytesIO()
    Image.fromarray(colours, mode=None).save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
