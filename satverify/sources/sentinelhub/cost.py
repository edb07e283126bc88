"""What a request costs, before it is sent: the service's formula for processing units.

References
----------
Sentinel Hub, API reference, "Processing unit". A process request costs its share of a 512 x 512 image (0.01 at least),
times a third of its input bands, times the scenes behind each pixel; twice that for 32-bit output, which is not used.
"""

from __future__ import annotations

from satverify.domain.grids import Grid
from satverify.domain.sensors import Sensor

REFERENCE_PIXELS = 512 * 512
LEAST_SHARE = 0.01  # of the reference image
REFERENCE_BANDS = 3
LEAST_PROCESS = 0.005  # [processing unit] of a process request
LEAST_SEARCH = 0.01  # [processing unit] of a catalogue search
MOST_SEARCH = 1.0  # [processing unit]
REFERENCE_AREA = 1e6  # [km²] searched for a month
LARGEST_SIDE = 2500  # [pixel] of an image


def scene_units(sensor: Sensor, grid: Grid) -> float:
    """Processing units of one scene of a sensor on a grid. The band that says where data are is free."""
    share = max(grid.width * grid.height / REFERENCE_PIXELS, LEAST_SHARE)
    return share * len(sensor.bands) / REFERENCE_BANDS


def request_units(sensor: Sensor, grid: Grid, scenes: int) -> float:
    """Processing units of a process request for so many scenes; products that join into one count one by one."""
    return max(scene_units(sensor, grid) * scenes, LEAST_PROCESS)


def search_units(area: float, months: int) -> float:
    """Processing units of one page of a catalogue search.

    Parameters
    ----------
    area
        Searched. [km²]
    months
        Searched, begun ones counted whole.
    """
    return min(max(max(area / REFERENCE_AREA, 0.01) * months, LEAST_SEARCH), MOST_SEARCH)
