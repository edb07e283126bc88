from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satverify.config import read_project
from satverify.domain.evidence import SiteTask
from satverify.domain.rules import VerdictRules
from satverify.pipeline.identity import value_hash
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.state import SiteStore, task_key
from satverify.pipeline.tables import TABLES
from satverify.progress import Silent
from tests.pipeline import standin


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> SiteTask:
    project = read_project(standin.write_project(tmp_path_factory.mktemp("project")))
    return next(iter(site_tasks(read_inputs(project, Silent()), project.timezone, project.days)))


def test_a_result_comes_back_as_it_was(task: SiteTask, tmp_path: Path) -> None:
    result = standin.count_heat(task)
    store = SiteStore(tmp_path / "state")
    store.save("abc", result)
    back = store.load("abc")
    assert back is not None
    assert back.findings == result.findings
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(result, name))
    assert value_hash(back) == value_hash(result)


def test_there_is_nothing_under_another_key(task: SiteTask, tmp_path: Path) -> None:
    store = SiteStore(tmp_path)
    store.save("abc", standin.count_heat(task))
    assert store.load("abd") is None


def test_results_that_no_longer_count_are_deleted_and_nothing_else(task: SiteTask, tmp_path: Path) -> None:
    store = SiteStore(tmp_path)
    for key in ("old", "new"):
        store.save(key, standin.count_heat(task))
    (tmp_path / "notes.txt").write_text("mine")
    store.keep_only({"new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.zip", "notes.txt"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_damage_anywhere_counts_as_absent_or_changes_nothing(
    task: SiteTask, tmp_path: Path, data: st.DataObject
) -> None:
    store = SiteStore(tmp_path)
    result = standin.count_heat(task)
    store.save("abc", result)
    content = bytearray((tmp_path / "abc.zip").read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[place:]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "abc.zip").write_bytes(bytes(content))
    back = store.load("abc")
    assert back is None or value_hash(back) == value_hash(result)


def test_the_key_follows_everything_a_result_follows_from(task: SiteTask) -> None:
    observed, order = task.observed, task.orders[0]
    moved = observed.detections.assign(latitude=observed.detections["latitude"] + 1e-9)
    variants = [
        task,
        replace(task, timezone="UTC"),
        replace(task, days=(task.days[0], task.days[1] + timedelta(days=1))),
        replace(task, orders=(replace(order, stop=order.stop + timedelta(days=1)),)),
        replace(task, orders=()),
        replace(task, rules=VerdictRules(consistent_at=0.9)),
        replace(task, site=replace(task.site, outline=task.site.outline.buffer(1e-6))),
        replace(task, observed=replace(observed, detections=moved)),
        replace(task, observed=replace(observed, detections=observed.detections.iloc[:-1])),
        replace(task, observed=replace(observed, service=observed.service.assign(status="outage"))),
    ]
    keys = [task_key(variant) for variant in variants]
    assert len({*keys, task_key(task, judge="another")}) == len(variants) + 1
    assert task_key(replace(task)) == keys[0]
