"""What night scenes of SLSTR show of each unit: heat at 1.6 to 3.7 µm, contrast at 11 µm, and how good the look was.

Pixels of 500 m and 1 km hold several pieces of equipment; units here stand so far apart that they can be told from each
other, and heat between them is divided (``apportion``). Cloud is told from the scenes themselves (``night_sky``); the
flags of Level 2 are a second opinion. Heat that shows is seen, whatever the sky looks like; cold ground counts as seen
only where the sky is known to be clear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.looks import USABLE
from satverify.errors import InputError
from satverify.features.hot_targets.chips import Chips
from satverify.features.hot_targets.footprints import Footprints, footprints_on
from satverify.features.hot_targets.night_heat import night_heat
from satverify.features.hot_targets.night_power import heat_of
from satverify.features.hot_targets.night_quality import NightLooks, night_looks
from satverify.features.hot_targets.night_sky import night_sky
from satverify.features.hot_targets.night_units import NightUnits, near_units, night_units
from satverify.features.units import ImagedUnit

Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]

SENSOR = "sentinel-3-slstr"
OFFICIAL_SENSOR = "sentinel-3-slstr-l2"
NEEDED = ("swir16", "swir22", "lwir11")
PARTICLE = "particle"
"""Named false target: something that shone in one band and one pixel only, as a particle in the detector does."""


def measure_night(
    site_id: str, chips: Chips, units: Sequence[ImagedUnit], *, official: Chips | None = None
) -> pd.DataFrame:
    """What each unit shows in each night scene.

    Parameters
    ----------
    site_id
        Whose units they are.
    chips
        Of ``sentinel-3-slstr``. Whether cloud hides a place is told against its other nights, so all of them together
        say more than one by one: where fewer than nine lie within 20 days no look is better than ``partly``.
    units
        As far apart as can be told, 750 m or so; nearer ones are to be given as one, with the ground of both.
    official
        Of ``sentinel-3-slstr-l2``: flags of the same passes, on any grid; none: those among the codes of ``chips``.

    Returns
    -------
    ``HEAT_COLUMNS``, a row per unit and scene, by unit as given and by time. What cannot be told is NaN; so is every
    measurement where the look is not usable. Heat of a near unit raises the noise.

    Raises
    ------
    InputError
        Chips of another sensor, a band missing that a look needs, or a unit without ground.
    """
    _check(chips, official)
    footprints = footprints_on(chips.grid, units)
    if len(units) == 0 or len(chips) == 0:
        return _table({name: np.zeros(0, dtype=object) for name in HEAT_COLUMNS})
    heat = night_heat(chips)
    sky = night_sky(chips, heat.is_hot)
    near = near_units(chips, footprints, heat)
    measured = night_units(chips, near, heat, sky)
    looks = night_looks(chips, footprints, near.fine.zones(), heat, sky, measured.is_hot, official)
    is_usable = np.isin(looks.quality, list(USABLE))
    about = _about(site_id, chips, units, footprints, looks)
    values = {
        name: np.where(is_usable, each, np.nan) for name, each in _values(chips, measured, looks, is_usable).items()
    }
    words = {"false_target": np.where(is_usable & measured.is_stray, PARTICLE, "").astype(object)}
    return _table({**about, **values, **words})


def _check(chips: Chips, official: Chips | None) -> None:
    if chips.sensor != SENSOR:
        raise InputError(f"night scenes: expected scenes of {SENSOR}, found {chips.sensor}")
    missing = [name for name in NEEDED if name not in chips.bands]
    if missing:
        raise InputError(f"night scenes: expected the bands {', '.join(NEEDED)}, found none of {', '.join(missing)}")
    if official is not None and official.sensor != OFFICIAL_SENSOR:
        raise InputError(f"flags of night scenes: expected scenes of {OFFICIAL_SENSOR}, found {official.sensor}")


def _about(
    site_id: str, chips: Chips, units: Sequence[ImagedUnit], footprints: Footprints, looks: NightLooks
) -> dict[str, NDArray[np.generic] | pd.DatetimeIndex]:
    """What every row has, usable or not; (units, time), or something that broadcasts to it."""
    shape = (len(units), len(chips))

    def each_unit(values: list[str] | Floats) -> NDArray[np.generic]:
        return np.broadcast_to(
            np.array(values, dtype=None if isinstance(values, np.ndarray) else object)[:, None], shape
        )

    def each_scene(values: Sequence[str] | NDArray[np.generic]) -> NDArray[np.generic]:
        return np.broadcast_to(np.array(values, dtype=None if isinstance(values, np.ndarray) else object), shape)

    return {
        "site_id": np.full(shape, site_id, dtype=object),
        "unit_id": each_unit([unit.unit_id for unit in units]),
        "kind": each_unit([str(unit.kind) for unit in units]),
        "sensor": np.full(shape, chips.sensor, dtype=object),
        "satellite": each_scene(chips.satellite),
        "scene_id": each_scene(chips.scene_id),
        "time": each_scene(chips.time.astype("datetime64[us]")),
        "quality": looks.quality,
        "quality_reason": looks.reason,
        "footprint_pixels": each_unit(footprints.pixels),
        "seen_share": looks.seen_share,
        "cloud_share": looks.cloud_share,
        "official_cloud_share": looks.official_cloud_share,
        "solar_zenith_angle": each_scene(looks.solar_zenith_angle),
        "view_zenith_angle": each_scene(chips.view_zenith_angle),
        "swath_edge_distance": each_scene(chips.swath_edge_distance),
    }


def _values(chips: Chips, measured: NightUnits, looks: NightLooks, is_usable: Booleans) -> dict[str, Floats]:
    """Measurements, (units, time)."""
    heat = heat_of(chips, measured)
    usable = is_usable.sum(axis=1)
    hot = (measured.is_hot & is_usable).sum(axis=1)
    persistence = np.divide(hot, usable, out=np.full(len(hot), np.nan), where=usable > 0)
    return {
        "saturated_pixels": measured.saturated_pixels,
        "hot_pixels": measured.hot_pixels,
        "hot_sources": measured.hot_sources,
        "swir22_peak": measured.peak22,
        "swir22_excess": measured.swir22.excess,
        "swir16_excess": measured.swir16.excess,
        "swir22_noise": measured.swir22.noise,
        "radiant_power": heat.power,
        "radiant_power_uncertainty": heat.power_uncertainty,
        "temperature": heat.temperature,
        "hot_area": heat.area,
        "mir37_contrast": measured.contrast37,
        "lwir11_contrast": measured.contrast11,
        "lwir11_noise": measured.noise11,
        "persistence": np.broadcast_to(persistence[:, None], is_usable.shape),
    }


def _table(columns: Mapping[str, NDArray[np.generic] | pd.DatetimeIndex]) -> pd.DataFrame:
    """Rows by unit and time; columns that night scenes do not have are NaN."""
    rows = next(iter(columns.values())).size
    flat = {
        name: np.asarray(columns[name]).ravel() if name in columns else np.full(rows, np.nan) for name in HEAT_COLUMNS
    }
    table = pd.DataFrame(flat)
    table["time"] = pd.to_datetime(table["time"]).dt.tz_localize("UTC")
    return table.astype(HEAT_COLUMNS)
