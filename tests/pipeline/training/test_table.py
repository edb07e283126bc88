from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from satverify.domain.looks import State
from satverify.pipeline.run import Workers
from satverify.pipeline.training import season as seasons
from satverify.pipeline.training.season import drawn_season, drawn_site
from satverify.pipeline.training.table import TRAINING_COLUMNS, TrainingTask, site_looks, training_looks
from satverify.progress import progress
from satverify.simulate.truth import levels_at

SEED = 3


@pytest.fixture(autouse=True)
def short_seasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six days are enough to see every part at work."""
    monkeypatch.setattr(seasons, "LENGTH", timedelta(days=6))
    monkeypatch.setattr(seasons, "STARTS", (date(2021, 12, 1),))


def test_a_sites_looks_have_the_truth_of_their_moment_beside_them() -> None:
    task = TrainingTask(site=drawn_site(1, SEED), number=1, seed=SEED)
    looks = site_looks(task)
    assert list(looks.columns) == list(TRAINING_COLUMNS)
    assert set(looks["sensor"]) == {"sentinel-2-l1c", "landsat-ot-l1", "sentinel-3-slstr"}
    season = drawn_season(task.site, 1, SEED)
    assert season.draw is not None
    for unit_id, rows in looks.groupby("unit_id"):
        time = rows["time"].dt.tz_localize(None).to_numpy()
        np.testing.assert_array_equal(rows["level"], levels_at(season.draw, task.site.site_id, [str(unit_id)], time)[0])
    assert ((looks["level"] == 0) == (looks["state"] == State.HALTED)).all()


def test_a_look_is_settled_where_the_unit_neither_started_nor_stopped_in_three_days() -> None:
    task = TrainingTask(site=drawn_site(1, SEED), number=1, seed=SEED)
    looks = site_looks(task)
    season = drawn_season(task.site, 1, SEED)
    assert season.draw is not None
    assert 0 < looks["is_settled"].mean() < 1
    times = looks["time"].dt.tz_localize(None).to_numpy()
    for number in range(0, len(looks), 7):
        hours = times[number] - np.arange(73) * np.timedelta64(1, "h")
        works = levels_at(season.draw, task.site.site_id, [str(looks["unit_id"].iloc[number])], hours)[0] > 0
        assert looks["is_settled"].iloc[number] == (works.all() or not works.any())


def test_a_site_without_heat_is_halted_on_every_look() -> None:
    looks = site_looks(TrainingTask(site=drawn_site(7, SEED), number=7, seed=SEED))
    assert len(looks) > 0
    assert set(looks["state"]) == {State.HALTED}


def test_one_site_more_changes_nothing_for_the_others() -> None:
    with progress() as shown:
        one, two = (training_looks(sites, SEED, Workers(), shown) for sites in (1, 2))
    first = two[two["site_id"].isin(one["site_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, one)
