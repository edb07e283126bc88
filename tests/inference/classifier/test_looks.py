from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.looks import LOGLIK_COLUMNS, Quality, State
from satverify.errors import InputError
from satverify.inference.classifier.fitting import Fitted
from satverify.inference.classifier.looks import has_evidence, heat_looks, local_days
from tests.inference.classifier.made_heat import FURNACE, OVENS, made_looks

ZONE = "Asia/Shanghai"


def at_work(heat: pd.DataFrame, share: float = 0.9) -> pd.Series:
    return pd.Series(share, index=heat.index)


def works(visible: float, *, looks: int = 60, site: str = "w", seed: int = 3) -> pd.DataFrame:
    """One furnace that works all the time, seen with probability ``visible``."""
    many = made_looks(sites=1, looks=4 * looks, visible=visible, seed=seed)
    return many[many["state"] == State.RUNNING].head(looks).assign(site_id=site).reset_index(drop=True)


def test_looks_have_all_columns_in_order_and_are_sorted(fitted: Fitted) -> None:
    heat = made_looks(sites=3, looks=6).sample(frac=1, random_state=2)
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))
    assert list(looks.columns) == list(LOOK_COLUMNS)
    assert looks.dtypes.astype(str).to_dict() == {name: kind for name, kind in LOOK_COLUMNS.items()}  # noqa: C416
    assert looks[["site_id", "unit_id", "time"]].equals(
        looks[["site_id", "unit_id", "time"]].sort_values(["site_id", "unit_id", "time"], ignore_index=True)
    )
    assert len(looks) == len(heat)


def test_a_unit_that_is_never_seen_gets_a_low_p_detect_and_is_not_called_halted(fitted: Fitted) -> None:
    heat = pd.concat([works(0.95, site="open"), works(0.0, site="roofed")], ignore_index=True)
    window = (date(2022, 1, 1), date(2022, 3, 1))
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat), windows=[window])
    open_, roofed = (looks[looks["site_id"] == site] for site in ("open", "roofed"))
    assert open_["p_detect"].median() > 0.8
    assert roofed["p_detect"].median() < 0.15
    assert (roofed["loglik_running"] - roofed["loglik_halted"]).min() > np.log(0.8)
    cold = heat[heat["hot_pixels"] == 0]
    bare = heat_looks(fitted.model, cold.assign(site_id="cold"), ZONE, at_work=at_work(cold, 0.0))
    assert (bare["loglik_running"] - bare["loglik_halted"]).median() < np.log(0.4)


def test_the_looks_of_one_unit_teach_nothing_about_another(fitted: Fitted) -> None:
    alone = works(0.95)
    beside = pd.concat([alone, works(0.0, site="x")], ignore_index=True)
    looks = heat_looks(fitted.model, beside, ZONE, at_work=at_work(beside))
    first = heat_looks(fitted.model, alone, ZONE, at_work=at_work(alone))
    pd.testing.assert_frame_equal(looks[looks["site_id"] == "w"].reset_index(drop=True), first)


@pytest.mark.parametrize("quality", [Quality.CLOUDY, Quality.LOW_QUALITY, Quality.OFF_SWATH, Quality.OUTAGE])
def test_an_unusable_look_carries_exact_zeros_and_keeps_its_reason(fitted: Fitted, quality: Quality) -> None:
    heat = works(0.9, looks=10).assign(quality=str(quality), quality_reason="cloud", hot_pixels=np.nan)
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))
    assert (looks[list(LOGLIK_COLUMNS)] == 0).all(axis=None)
    assert set(looks["quality"]) == {str(quality)}
    assert set(looks["quality_reason"]) == {"cloud"}
    assert looks["p_detect"].isna().all()
    assert (looks["p_clear"] == 0).all()
    assert not has_evidence(looks)


def test_what_the_model_knows_nothing_of_is_of_low_quality(fitted: Fitted) -> None:
    heat = works(0.9, looks=5).assign(kind=OVENS)
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))
    assert set(looks["quality"]) == {Quality.LOW_QUALITY}
    assert set(looks["quality_reason"]) == {"no_model"}
    assert not has_evidence(looks)


def test_hot_pixels_are_counted_up_and_measurements_kept(fitted: Fitted) -> None:
    heat = works(1.0, looks=4).assign(hot_pixels=[0.2, 1.0, 2.4, np.nan], cloud_share=0.1)
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))
    assert looks["hot_pixels"].tolist() == [1, 1, 3, 0]
    np.testing.assert_allclose(looks["p_clear"], 0.9)
    np.testing.assert_allclose(looks["cloud_cover"], 10.0)
    assert looks["scene_id"].tolist() == heat["scene_id"].tolist()
    assert has_evidence(looks)


def test_local_days_and_halves_of_the_day_are_the_sites() -> None:
    time = pd.Series(pd.to_datetime(["2021-11-15T15:59:59Z", "2021-11-15T16:00:00Z"]))
    assert [str(day.date()) for day in local_days(time, ZONE)] == ["2021-11-15", "2021-11-16"]


def test_day_is_told_from_night_by_the_sun(fitted: Fitted) -> None:
    heat = works(0.9, looks=3).assign(solar_zenith_angle=[60.0, 89.9, 120.0])
    assert heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))["day_night"].tolist() == ["D", "D", "N"]


def test_no_rows_give_no_looks(fitted: Fitted) -> None:
    heat = works(0.9).iloc[:0]
    looks = heat_looks(fitted.model, heat, ZONE, at_work=at_work(heat))
    assert list(looks.columns) == list(LOOK_COLUMNS)
    assert looks.empty


@pytest.mark.parametrize("weight", [pd.Series([0.5]), pd.Series([1.5] * 3), pd.Series([np.nan] * 3)])
def test_weights_that_do_not_fit_are_refused(fitted: Fitted, weight: pd.Series) -> None:
    heat = works(0.9, looks=3).assign(kind=FURNACE)
    with pytest.raises(InputError, match="weights of looks"):
        heat_looks(fitted.model, heat, ZONE, at_work=weight)
