from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special

from satverify.domain.looks import State
from satverify.errors import ModelError
from satverify.inference.classifier.fitting import (
    FOLDS,
    LEAST_SITES,
    Fitted,
    fit_heat_model,
    fit_scale,
    logistic_answers,
    site_folds,
)
from satverify.inference.classifier.inputs import inputs_of
from satverify.inference.classifier.model import ANY_KIND, state_log_likelihood, working_log_ratio
from satverify.inference.classifier.packing import pack
from tests.inference.classifier.conftest import LOOKS
from tests.inference.classifier.made_heat import FURNACE, OVENS, SINTER, made_looks

SENSOR = "sentinel-2-l1c"


def test_every_kind_with_enough_sites_has_a_group_and_the_sensor_a_pool(fitted: Fitted) -> None:
    assert set(fitted.model.groups) == {(SENSOR, FURNACE), (SENSOR, SINTER), (SENSOR, ANY_KIND)}


def test_the_same_looks_give_the_same_model_bit_by_bit(fitted: Fitted) -> None:
    again = pack(fit_heat_model(LOOKS.copy(), "made", 1).model)
    for name, array in pack(fitted.model).items():
        np.testing.assert_array_equal(again[name], array, strict=True)


def test_the_last_bits_of_a_feature_change_nothing(fitted: Fitted) -> None:
    columns = ["swir22_excess", "haze", "radiant_power", "tai"]
    shaken = LOOKS.assign(**{name: LOOKS[name] * (1 + 2e-16) for name in columns})
    again = pack(fit_heat_model(shaken, "made", 1).model)
    assert all(np.array_equal(again[name], array) for name, array in pack(fitted.model).items())


def test_out_of_fold_answers_are_calibrated_and_do_not_know_their_own_site(fitted: Fitted) -> None:
    is_working = (LOOKS["state"] != State.HALTED).to_numpy()
    ratio = working_log_ratio(fitted.out_of_fold)
    p_work = special.expit(ratio)
    weight = np.where(is_working, 0.5 / is_working.sum(), 0.5 / (~is_working).sum())
    for part in (p_work < 0.5, p_work >= 0.5):
        said = float(weight[part] @ p_work[part] / weight[part].sum())
        happened = float(weight[part] @ is_working[part] / weight[part].sum())
        assert said == pytest.approx(happened, abs=0.06)  # 380 looks a side: a standard error of 0.02
    own = working_log_ratio(state_log_likelihood(fitted.model, LOOKS))
    loss = -np.log(special.expit(np.where(is_working, 1, -1) * np.stack([ratio, own])))
    assert loss[0].mean() > loss[1].mean()


def test_visibility_is_that_of_the_units_in_training() -> None:
    half = fit_heat_model(made_looks(sites=14, looks=20, visible=0.5), "half", 1).model
    assert half.groups[SENSOR, FURNACE].visibility.mean == pytest.approx(0.5, abs=0.1)


def test_units_that_differ_in_visibility_are_known_to_differ() -> None:
    open_, roofed = made_looks(sites=8, looks=20, visible=0.97), made_looks(sites=8, looks=20, visible=0.1, seed=8)
    mixed = pd.concat([open_, roofed.assign(site_id="r" + roofed["site_id"], unit_id="r" + roofed["unit_id"])])
    alike = made_looks(sites=16, looks=20, visible=0.55)
    strengths = [
        fit_heat_model(looks.reset_index(drop=True), "m", 1).model.groups[SENSOR, FURNACE].visibility.strength
        for looks in (mixed, alike)
    ]
    assert 3 * strengths[0] < strengths[1]


def test_folds_keep_the_looks_of_a_site_together_and_are_of_one_size() -> None:
    sites = pd.Series(np.repeat([f"s{number}" for number in range(23)], 7))
    fold = site_folds(sites, FOLDS, 3)
    assert pd.Series(fold).groupby(sites).nunique().max() == 1
    counts = np.bincount(fold[::7], minlength=FOLDS)
    assert counts.max() - counts.min() <= 1
    shuffled = sites.sample(frac=1, random_state=1)
    np.testing.assert_array_equal(site_folds(shuffled, FOLDS, 3), fold[shuffled.index])


def test_a_scale_is_found_again() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, 20_000)
    is_yes = rng.random(true.size) < special.expit(true)
    slope, offset = fit_scale((true - 0.6) / 0.5, is_yes, np.ones(true.size))
    assert slope == pytest.approx(0.5, abs=0.03)  # four standard errors
    assert offset == pytest.approx(0.6, abs=0.08)


def test_units_that_never_halt_are_not_learned_from() -> None:
    looks = made_looks(sites=12, looks=10, kinds=(FURNACE,))
    ovens = made_looks(sites=12, looks=10, kinds=(OVENS,), seed=6).assign(state=str(State.RUNNING))
    both = pd.concat([looks, ovens], ignore_index=True)
    with_ovens, without = (pack(fit_heat_model(each, "m", 1).model) for each in (both, looks))
    assert all(np.array_equal(with_ovens[name], array) for name, array in without.items())


def test_too_few_sites_teach_nothing() -> None:
    with pytest.raises(ModelError, match=f"expected {LEAST_SITES} sites"):
        fit_heat_model(made_looks(sites=LEAST_SITES - 1), "few", 1)


def test_the_yardstick_answers_in_spite_of_gaps() -> None:
    inputs, is_working = inputs_of(LOOKS), (LOOKS["state"] != State.HALTED).to_numpy()
    asked = made_looks(sites=4, seed=50)
    says = logistic_answers(inputs, is_working, inputs_of(asked))
    hot = (asked["hot_pixels"] > 0).to_numpy()
    assert (says == hot).mean() > 0.95
