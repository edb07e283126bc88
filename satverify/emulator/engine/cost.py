"""Processing units: what a request costs.

References
----------
Sentinel Hub documentation, "Processing Unit"; the header ``x-processingunits-spent`` of recorded answers.
"""

from __future__ import annotations

REFERENCE_AREA = 512 * 512  # [pixel] the image that costs one unit
SMALLEST_AREA = 0.01  # share of that image below which nothing gets cheaper
REFERENCE_BANDS = 3
PROCESS_FLOOR = 0.005
STATISTICS_FLOOR = 0.01
FLOAT_FACTOR = 2.0  # 32-bit TIFF
OCTET_FACTOR = 1.4  # application/octet-stream


def processing_units(
    *,
    width: int,
    height: int,
    bands: int,
    samples: float = 1,
    format_factor: float = 1.0,
    collections: int = 1,
    floor: float = PROCESS_FLOOR,
) -> float:
    """Processing units of one request.

    Parameters
    ----------
    width, height
        Size of the image around the area, not of the area. [pixel]
    bands
        Distinct bands that the evalscript takes in; ``dataMask`` counts only where it is the only one.
    samples
        Scenes that each pixel is made from, after ``preProcessScenes``; 1 where they are flattened into one. For
        statistics, the sum over the intervals.
    format_factor
        1 for images of 8 and 16 bit and for statistics, ``FLOAT_FACTOR`` or ``OCTET_FACTOR`` for others.
    collections
        Collections that are fused.
    floor
        Least cost of a request: ``PROCESS_FLOOR`` or ``STATISTICS_FLOOR``.

    Returns
    -------
    The units, never below the floor.
    """
    area = max(width * height / REFERENCE_AREA, SMALLEST_AREA)
    return max(area * bands / REFERENCE_BANDS * format_factor * samples * collections, floor)
