"""What one scene shows of the heat of one unit: a row for each unit and scene, before anybody says what it means.

The rows are what classifiers are trained on, so their columns have a version: a model says which version it knows.
"""

from __future__ import annotations

FEATURES_VERSION = 1
"""Of ``HEAT_COLUMNS`` and of what the columns mean; a change of either makes it one more."""

HEAT_COLUMNS = {
    "site_id": "str",
    "unit_id": "str",
    "kind": "str",
    "sensor": "str",
    "satellite": "str",
    "scene_id": "str",
    "time": "datetime64[us, UTC]",
    "quality": "str",
    "quality_reason": "str",
    "footprint_pixels": "float64",
    "seen_share": "float64",
    "cloud_share": "float64",
    "steam_share": "float64",
    "snow_share": "float64",
    "official_cloud_share": "float64",
    "haze": "float64",
    "solar_zenith_angle": "float64",
    "view_zenith_angle": "float64",
    "swath_edge_distance": "float64",
    "tai_pixels": "float64",
    "nhi_pixels": "float64",
    "saturated_pixels": "float64",
    "hot_pixels": "float64",
    "hot_sources": "float64",
    "tai": "float64",
    "nhi_swir": "float64",
    "nhi_swnir": "float64",
    "swir22_peak": "float64",
    "swir22_excess": "float64",
    "swir16_excess": "float64",
    "nir08_excess": "float64",
    "swir22_noise": "float64",
    "swir22_reflectance": "float64",
    "radiant_power": "float64",
    "radiant_power_uncertainty": "float64",
    "temperature": "float64",
    "hot_area": "float64",
    "mir37_contrast": "float64",
    "lwir11_contrast": "float64",
    "lwir11_noise": "float64",
    "persistence": "float64",
    "false_target": "str",
}
"""Heat of one unit in one scene. What a sensor does not measure is NaN; all is NaN where ``quality`` is not usable.

``quality`` is a ``Quality``; ``quality_reason`` says in a word why it is not ``clear``. ``footprint_pixels`` is the
footprint in pixels with sub-pixel coverage; shares are of that [0, 1]. ``official_cloud_share`` is what the scene
classification, or the flags that come with the scene, call cloud. ``haze`` is the reflectance of the air over the
surroundings at 0.49 µm. Counts of pixels are weighted by coverage: ``tai_pixels`` by the published TAI whole,
``nhi_pixels`` by the published NHI whole, ``saturated_pixels`` hot and saturated, ``hot_pixels`` by our own answer;
``hot_sources`` counts separate clusters. ``tai``, ``nhi_swir`` and ``nhi_swnir`` are the largest in the footprint [1];
``swir22_peak`` is the largest radiance over background of a pixel [W m⁻² sr⁻¹ µm⁻¹]. ``…_excess`` is radiance over
background times ground, summed over the footprint [W sr⁻¹ µm⁻¹], ``swir22_noise`` its standard deviation without heat.
``swir22_reflectance`` is the mean of the footprint's cold pixels. ``radiant_power`` and its uncertainty [MW],
``temperature`` [K] and ``hot_area`` [m²] are those of the hot part. ``…_contrast`` is brightness temperature of the
footprint over its surroundings [K], ``lwir11_noise`` the spread among surroundings of the same size [K].
``persistence`` is the share of clear scenes of the archive in which the place of the heat was hot. ``false_target``
names what the hot pixels by index were taken for where they were not taken for heat."""
