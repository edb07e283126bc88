"""Wide boxes: what is found in them is what is found in their parts, without a look at every place of the Earth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from satverify.physics.satellites import SATELLITES
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.granules.msi import tiles_near
from satverify.simulate.scenes.tiles import tiles_in

STOP = datetime(2022, 6, 10, 12, tzinfo=UTC)
SCENES = SimulatedScenes(0)


@pytest.mark.parametrize(
    ("collection", "box", "step", "hours"),
    [
        ("sentinel-3-slstr", (-180.0, -60.0, 0.0, 90.0), 90, 3),
        ("sentinel-5p-l2", (-180.0, -90.0, 180.0, 90.0), 90, 6),
        ("landsat-ot-l1", (0.0, -40.0, 50.0, 40.0), 25, 9),
        ("sentinel-2-l1c", (0.0, 30.0, 30.0, 60.0), 15, 3),
    ],
)
def test_a_wide_box_holds_what_its_parts_hold(
    collection: str, box: tuple[float, float, float, float], step: int, hours: int
) -> None:
    span = (STOP - timedelta(hours=hours), STOP)
    west, south, east, north = box
    parts = [
        (float(left), float(low), min(left + step, east), min(low + step, north))
        for left in range(int(west), int(east), step)
        for low in range(int(south), int(north), step)
    ]
    expected = {each.granule_id for part in parts for each in SCENES.granules(collection, part, *span)}
    found = [each.granule_id for each in SCENES.granules(collection, box, *span)]
    assert expected
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("collection", SCENES.collections())
@pytest.mark.parametrize("box", [(118.0, 39.5, 118.1, 39.6), (0.0, 40.0, 6.0, 50.0), (10.0, -5.0, 20.0, 5.0)])
def test_what_is_expected_is_rather_more_than_there_is(collection: str, box: tuple[float, float, float, float]) -> None:
    found = len(SCENES.granules(collection, box, STOP - timedelta(days=16), STOP))
    assert found <= SCENES.expected(collection, box, 16.0) <= 30 * found


def test_an_hour_takes_few_tiles_of_a_wide_box_and_a_cycle_takes_all() -> None:
    box, satellite = (0.0, 30.0, 30.0, 60.0), SATELLITES["sentinel-2b"]
    stop = STOP.timestamp()
    near = {tile.name for tile in tiles_near(satellite, box, (stop - 3600, stop))}
    everything = {tile.name for tile in tiles_in(box)}
    assert len(near) < len(everything) / 2
    assert {tile.name for tile in tiles_near(satellite, box, (stop - 11 * 86400, stop))} == everything
