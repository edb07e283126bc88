"""What can be read: contrast against the ground, and colours that stay apart for the colour-blind."""

from __future__ import annotations

import re
from importlib import resources
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

STYLE = (resources.files("satverify.report") / "templates" / "style.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", STYLE))

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
"""Full severity on linear RGB: Machado et al., IEEE TVCG 15(6), 2009. doi:10.1109/TVCG.2009.113"""


def linear(colour: str) -> npt.NDArray[np.float64]:
    digits = COLOURS.get(colour, colour).lstrip("#")
    digits = "".join(letter * 2 for letter in digits) if len(digits) == 3 else digits
    srgb = np.array([int(digits[place : place + 2], 16) for place in (0, 2, 4)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light, dark = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ink", ["ink", "soft", "faint", "accent", "consistent", "inconsistent", "undetermined"])
def test_words_can_be_read_on_paper(ink: str) -> None:
    assert contrast(ink, "paper") >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("verdict", ["consistent", "inconsistent", "undetermined"])
def test_words_can_be_read_on_their_badge(verdict: str) -> None:
    assert contrast(verdict, f"{verdict}-bg") >= 4.5


@pytest.mark.parametrize("mark", ["hot", "cold", "running"])
def test_marks_stand_out_from_paper(mark: str) -> None:
    assert contrast(mark, "paper") >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("sight", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["full", "deuteranopia", "protanopia"])
@pytest.mark.parametrize("group", [("running", "reduced", "halted"), ("hot", "cold", "partly")])
def test_neighbouring_colours_stay_apart(group: tuple[str, ...], sight: npt.NDArray[np.float64]) -> None:
    for one, other in combinations(group, 2):
        seen = [np.clip(sight @ linear(colour), 0, 1) ** (1 / 2.4) for colour in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 0.15
