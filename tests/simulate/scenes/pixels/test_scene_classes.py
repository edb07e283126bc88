from __future__ import annotations

import numpy as np
import pytest

from satverify.simulate.scenes.pixels.scene_classes import CLASSES, CLASSIFIED, scene_classes

SPECTRA = {
    "plants": (0.05, 0.08, 0.05, 0.35, 0.001, 0.18, 0.09),
    "bare": (0.15, 0.16, 0.18, 0.25, 0.001, 0.31, 0.26),
    "water": (0.09, 0.07, 0.04, 0.02, 0.001, 0.01, 0.005),
    "cloud": (0.55, 0.55, 0.55, 0.54, 0.02, 0.38, 0.27),
    "cirrus": (0.15, 0.15, 0.17, 0.25, 0.02, 0.31, 0.26),
    "snow": (0.65, 0.65, 0.65, 0.60, 0.001, 0.10, 0.05),
}


def classes(*spectra: tuple[float, ...], drawn: float = 0.5) -> list[float]:
    image = {name: np.array([each[at] for each in spectra]) for at, name in enumerate(CLASSIFIED)}
    ceilings = dict.fromkeys(CLASSIFIED, np.full(len(spectra), 1.2))
    return [float(code) for code in scene_classes(image, ceilings, np.full(len(spectra), drawn))]


@pytest.mark.parametrize("name", SPECTRA)
def test_a_plain_spectrum_gets_its_own_class(name: str) -> None:
    assert classes(SPECTRA[name]) == [CLASSES[name]]


def test_bright_white_roofs_and_steam_are_taken_for_cloud() -> None:
    roof = (0.42, 0.40, 0.38, 0.39, 0.001, 0.36, 0.33)
    steam = (0.70, 0.70, 0.70, 0.66, 0.003, 0.45, 0.30)
    assert set(classes(roof, steam)) <= {CLASSES["medium"], CLASSES["cloud"]}


def test_the_thinnest_cirrus_is_missed() -> None:
    assert classes((0.15, 0.15, 0.17, 0.25, 0.008, 0.31, 0.26)) == [CLASSES["bare"]]


def test_hot_ground_has_no_class_of_its_own() -> None:
    hot = (0.12, 0.12, 0.13, 0.20, 0.001, 0.40, 0.95)
    found = {classes(hot, drawn=each)[0] for each in np.linspace(0, 0.999, 50).tolist()}
    assert found == {CLASSES[each] for each in ("medium", "cloud", "unclassified", "dark")}


def test_a_saturated_band_is_called_so() -> None:
    assert classes((0.12, 0.12, 0.13, 0.20, 0.001, 0.40, 1.2)) == [CLASSES["saturated"]]
