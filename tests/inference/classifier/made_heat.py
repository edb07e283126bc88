"""Made-up rows of heat for the tests of this folder: hot looks at working units, cold ones at halted ones and roofs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from satverify.domain.heat import HEAT_COLUMNS
from satverify.domain.looks import Quality, State

SEED = 4
FURNACE, SINTER, OVENS = "blast_furnace", "sinter_machine", "coke_battery"


def made_looks(
    *, sites: int = 24, looks: int = 30, visible: float = 0.85, kinds: tuple[str, ...] = (FURNACE,), seed: int = SEED
) -> pd.DataFrame:
    """``HEAT_COLUMNS`` and ``state`` of one unit of each kind at each site, ten days a look, half of them halted.

    A look at a working unit shows it with probability ``visible``: then excess, power and hot pixels are those of heat.
    """
    rng = np.random.default_rng(seed)
    parts = [_unit(rng, f"s{site:02d}", kind, looks, visible) for site in range(sites) for kind in kinds]
    return pd.concat(parts, ignore_index=True)


def _unit(rng: np.random.Generator, site_id: str, kind: str, looks: int, visible: float) -> pd.DataFrame:
    state = rng.choice([State.RUNNING, State.REDUCED, State.HALTED], size=looks, p=[0.4, 0.15, 0.45])
    shows = (state != State.HALTED) & (rng.random(looks) < visible)
    heat = np.where(shows, np.exp(rng.normal(np.where(state == State.REDUCED, 1.5, 2.0), 0.7)), 0.0)
    noise = np.full(looks, 40.0)
    excess = 400.0 * heat + noise * rng.normal(size=looks)
    hot = np.ceil(np.where(excess > 160, excess / 400, 0.0))
    time = pd.Timestamp("2020-11-01T03:00:00", tz="UTC") + pd.to_timedelta(10 * np.arange(looks), unit="D")
    table = pd.DataFrame({name: np.full(looks, np.nan) for name, dtype in HEAT_COLUMNS.items() if dtype == "float64"})
    return table.assign(
        site_id=site_id,
        unit_id=f"{site_id}:{kind}",
        kind=kind,
        sensor="sentinel-2-l1c",
        satellite="sentinel-2a",
        scene_id=[f"{site_id}-{number}" for number in range(looks)],
        time=time,
        quality=str(Quality.CLEAR),
        quality_reason="",
        footprint_pixels=12.0,
        seen_share=1.0,
        cloud_share=0.0,
        steam_share=0.0,
        snow_share=0.0,
        haze=rng.uniform(0.05, 0.2, looks),
        solar_zenith_angle=rng.uniform(40, 65, looks),
        view_zenith_angle=5.0,
        tai_pixels=hot,
        nhi_pixels=np.floor(hot / 2),
        saturated_pixels=0.0,
        hot_pixels=hot,
        hot_sources=(hot > 0).astype(float),
        tai=0.1 * excess / noise,
        swir22_peak=excess / 200,
        swir22_excess=excess,
        swir16_excess=0.4 * excess,
        swir22_noise=noise,
        radiant_power=heat / 2,
        radiant_power_uncertainty=0.1 + 0.1 * heat,
        false_target="",
        state=[str(each) for each in state],
    )[[*HEAT_COLUMNS, "state"]].astype({**HEAT_COLUMNS, "state": "str"})
