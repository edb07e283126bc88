"""What lies round a works."""

from __future__ import annotations

import numpy as np
import shapely

from satverify.simulate.surroundings import surfaces_round

OUTLINE = shapely.Polygon([(-1500, -800), (1400, -900), (1600, 700), (-1200, 900)])


def test_villages_and_the_road_lie_outside_and_near() -> None:
    for seed in range(5):
        surfaces = surfaces_round(np.random.default_rng(seed), OUTLINE, 3.0)
        names = [name for name, _ in surfaces]
        assert "road" in names
        assert names.count("village") >= 2
        assert shapely.union_all([ground for _, ground in surfaces]).intersection(OUTLINE).area < 1e-6
        villages = [ground for name, ground in surfaces if name == "village"]
        assert max(ground.distance(OUTLINE) for ground in villages) < 1100.0
