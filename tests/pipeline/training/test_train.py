from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from satverify.domain.looks import LOGLIK_COLUMNS, State
from satverify.errors import InputError, ModelError
from satverify.inference.classifier.looks import heat_looks
from satverify.inference.classifier.packing import unpack
from satverify.pipeline.training.train import PARTS, train, train_on
from satverify.progress import progress
from satverify.registry.models import CARD, CARD_TEXT, WEIGHTS, read_model
from tests.inference.classifier.made_heat import FURNACE, made_looks


def with_cold_sites(looks: pd.DataFrame) -> pd.DataFrame:
    """Every fourth site has no heat at all, and one false hit in some fifty looks."""
    is_cold = looks["site_id"].str[1:].astype(int) % 4 == 0
    hits = np.where(np.arange(len(looks)) % 50 == 0, 1.0, 0.0)
    looks = looks.assign(
        state=looks["state"].mask(is_cold, str(State.HALTED)),
        hot_pixels=looks["hot_pixels"].mask(is_cold, pd.Series(hits)),
        swir22_excess=looks["swir22_excess"].mask(is_cold, 0.0),
        radiant_power=looks["radiant_power"].mask(is_cold, 0.0),
    )
    return looks.assign(is_settled=True, level=looks["state"].map({"running": 1.0, "reduced": 0.75, "halted": 0.0}))


LOOKS = with_cold_sites(made_looks(sites=20, looks=14))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "m"
    train_on(LOOKS, out, seed=2)
    return out


def test_the_same_looks_give_the_same_files_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    train_on(LOOKS.copy(), tmp_path / "m", seed=2)
    for name in (WEIGHTS, CARD, CARD_TEXT):
        assert (tmp_path / "m" / name).read_bytes() == (folder / name).read_bytes()


def test_what_is_written_is_read_back_and_judges_looks(folder: Path) -> None:
    files = read_model(folder)
    model = unpack(files.arrays, files.card)
    looks = heat_looks(model, LOOKS, "Asia/Shanghai", at_work=pd.Series(0.5, index=LOOKS.index))
    assert model.name == "m"
    assert (looks[list(LOGLIK_COLUMNS)] != 0).any(axis=None)


def test_no_site_is_in_two_parts_and_none_is_lost(folder: Path) -> None:
    splits = read_model(folder).card["splits"]
    assert set(splits["develop"]) & set(splits["test"]) == set()
    assert sorted([*splits["develop"], *splits["test"]]) == sorted(set(LOOKS["site_id"]))
    assert len(splits["test"]) == pytest.approx(LOOKS["site_id"].nunique() / PARTS, abs=1)


def test_scores_are_of_test_sites_and_stand_beside_the_published_methods(folder: Path) -> None:
    card = read_model(folder).card
    (row,) = [row for row in card["scores"] if (row["sensor"], row["kind"]) == ("sentinel-2-l1c", FURNACE)]
    test = LOOKS[LOOKS["site_id"].isin(card["splits"]["test"])]
    assert row["looks"] == len(test)
    assert set(row["baselines"]) == {"tai", "nhi", "dafi", "logistic"}
    hot, works = test["hot_pixels"] > 0, test["state"] != State.HALTED
    assert row["producers_accuracy"]["value"] == pytest.approx(hot[works].mean(), abs=1e-4)
    assert row["users_accuracy"]["value"] == pytest.approx(works[hot].mean(), abs=1e-4)
    assert row["balanced_accuracy"]["low"] <= row["balanced_accuracy"]["value"] <= row["balanced_accuracy"]["high"]
    assert sum(each["cases"] for each in row["calibration"]) == len(test)


def test_false_hits_are_told_of_sites_that_never_worked(folder: Path) -> None:
    card = read_model(folder).card
    cold = (
        LOOKS[LOOKS["site_id"].isin(card["splits"]["test"])]
        .groupby("site_id")
        .filter(lambda rows: (rows["level"] == 0).all())
    )
    assert card["cold_sites"]["looks"] == len(cold)
    assert card["cold_sites"]["false_hits"]["value"] == pytest.approx((cold["hot_pixels"] > 0).mean(), abs=1e-4)


def test_the_card_is_also_a_text_with_every_part(folder: Path) -> None:
    text = (folder / CARD_TEXT).read_text("utf-8")
    for part in ("# Heat model `m`", "## Data and splits", "## Scores on the test sites", "## Calibration", "DAFI"):
        assert part in text
    for limit in json.loads((folder / CARD).read_text("utf-8"))["never_shown"]:
        assert f"- {limit}" in text


def test_too_few_sites_are_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    with progress() as shown, pytest.raises(InputError, match="expected 15 sites or more, found 3"):
        train(tmp_path / "m", sites=3, progress=shown)
    assert not (tmp_path / "m").exists()


def test_looks_without_halts_teach_nothing(tmp_path: Path) -> None:
    running = LOOKS.assign(state=str(State.RUNNING), level=1.0)
    with pytest.raises(ModelError, match="both work and halt"):
        train_on(running, tmp_path / "m", seed=2)
