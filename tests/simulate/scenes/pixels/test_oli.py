from __future__ import annotations

import numpy as np

from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.pixels.oli import CLEAR, CLOUD, WATER
from tests.simulate.scenes.made import BOX, WINTER, grid, scenes

NEAR = grid(30.0, 100)
COLD = SimulatedScenes(7, weather=scenes().weather)


def test_a_works_glows_in_the_short_waves_and_flags_tell_clouds() -> None:
    seen, clouds = [], []
    for granule in scenes().granules("landsat-ot-l1", BOX, *WINTER):
        hot, cold = (each.read(granule, ["B05", "B06", "B07", "B10", "BQA"], NEAR) for each in (scenes(), COLD))
        if np.isnan(hot["BQA"]).any():
            continue
        assert set(np.unique(hot["BQA"])) <= {CLEAR, WATER, CLOUD, 54596.0}
        gain = {band: float((hot[band] - cold[band]).max()) for band in ("B05", "B06", "B07", "B10")}
        if np.isin(hot["BQA"], (CLEAR, WATER)).all():
            seen.append(gain)
            assert 240 < np.median(hot["B10"]) < 300
        elif (hot["BQA"] == CLOUD).all():
            clouds.append(float(np.median(hot["B10"])))
    assert len(seen) >= 4
    assert np.median([each["B07"] for each in seen]) > 0.05
    assert np.median([each["B07"] for each in seen]) > 2 * np.median([each["B06"] for each in seen])
    assert np.median([each["B05"] for each in seen]) < 0.02
    assert clouds
    assert np.median(clouds) < 268


def test_stored_numbers_end_where_those_of_the_product_do() -> None:
    (granule, *_) = scenes().granules("landsat-ot-l1", BOX, *WINTER)
    image = scenes().read(granule, ["B07"], NEAR)["B07"]
    image = image[np.isfinite(image)]
    assert image.min() >= -0.1
    assert image.max() <= 1.2107 / np.cos(np.radians(76))
