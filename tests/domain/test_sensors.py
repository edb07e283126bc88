from __future__ import annotations

import pytest

from satverify.domain.sensors import NODATA, SENSORS, Sensor
from satverify.physics.satellites import SATELLITES

LARGEST = {
    # what must still fit: the largest value a band can hold by its product's definition
    "1": 1.6,  # reflectance: Landsat saturates at 1.64 at most in shortwave infrared, Sentinel-2 counts end at 3.2767
    "K": 500.0,  # SLSTR F1 saturates near 500 K
    "mol m-2": 5e-3,
    "W m-2 sr-1 um-1": 90.0,  # an albedo of 1 under the zenith sun gives 80 in S5
}


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=lambda sensor: sensor.name)
def test_names_are_unique_and_satellites_are_known(sensor: Sensor) -> None:
    assert len({band.name for band in sensor.bands}) == len(sensor.bands) == len({band.source for band in sensor.bands})
    assert set(sensor.satellites) <= set(SATELLITES)
    assert sensor.margin >= sensor.pixel


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=lambda sensor: sensor.name)
def test_stored_numbers_reach_far_enough(sensor: Sensor) -> None:
    for band in sensor.bands:
        if band.scale != 1.0:
            assert (NODATA - 1) * band.scale + band.offset >= LARGEST[band.unit] or band.name == "cloud_fraction"


def test_night_scenes_say_which_half_of_the_orbit_they_are_from() -> None:
    for name, direction in (("sentinel-3-slstr", "ASCENDING"), ("sentinel-3-slstr-day", "DESCENDING")):
        sensor = SENSORS[name]
        assert dict(sensor.data_filter)["orbitDirection"] == direction
        assert direction.lower() in sensor.catalogue_filter
        assert sensor.is_ascending == (direction == "ASCENDING")
