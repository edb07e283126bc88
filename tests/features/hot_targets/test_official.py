from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.domain.sensors import NODATA
from satverify.features.hot_targets.official import official_cloud
from tests.features.hot_targets.skies import chips_of, ground

SHAPE = (1, 4, 4)


@pytest.mark.parametrize(
    ("code", "is_cloud", "is_said"),
    [(0, 0, 0), (3, 0, 1), (4, 0, 1), (7, 0, 1), (8, 1, 1), (9, 1, 1), (10, 1, 1), (11, 0, 1), (NODATA, 0, 0)],
)
def test_classes_of_the_scene_classification(code: int, is_cloud: int, is_said: int) -> None:
    chips = chips_of(ground((4, 4)), codes={"scene_classification": np.full(SHAPE, code, dtype=np.uint16)})
    found, said = official_cloud(chips)
    assert (found == is_cloud).all()
    assert (said == is_said).all()


@pytest.mark.parametrize(
    ("flags", "is_cloud", "is_said"),
    [
        (21824, 0, 1),  # clear land, low confidences: Landsat 8-9 Collection 2, QA_PIXEL value interpretations
        (21952, 0, 1),  # clear water
        (22280, 1, 1),  # high confidence cloud
        (54596, 1, 1),  # high confidence cirrus
        (21762, 1, 1),  # dilated cloud over land
        (23888, 0, 1),  # cloud shadow
        (30048, 0, 1),  # snow
        (1, 0, 0),  # fill
        (NODATA, 0, 0),
    ],
)
def test_flags_of_landsat(flags: int, is_cloud: int, is_said: int) -> None:
    chips = chips_of(ground((4, 4)), codes={"quality_flags": np.full(SHAPE, flags, dtype=np.uint16)})
    found, said = official_cloud(replace(chips, sensor="landsat-ot-l1"))
    assert (found == is_cloud).all()
    assert (said == is_said).all()


def test_without_masks_nothing_is_said() -> None:
    found, said = official_cloud(chips_of(ground((4, 4))))
    assert found.shape == said.shape == SHAPE
    assert not (found | said).any()
