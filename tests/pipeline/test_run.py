from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from satverify.config import read_project
from satverify.domain.evidence import SiteTask
from satverify.errors import InputError, RetrievalError
from satverify.pipeline.identity import value_hash
from satverify.pipeline.inputs import read_inputs
from satverify.pipeline.plan import site_tasks
from satverify.pipeline.run import WORTH_A_CLUSTER, Failure, Outcome, Workers, cores, verify_sites
from satverify.progress import Silent
from tests.pipeline import standin


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[SiteTask]:
    project = read_project(standin.write_project(tmp_path_factory.mktemp("project"), sites=5))
    return list(site_tasks(read_inputs(project, Silent()), project.timezone, project.days))


def hashes(outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {outcome.site_id: value_hash(outcome) for outcome in outcomes}


def test_a_cluster_and_a_running_scheduler_give_what_the_plain_loop_gives(tasks: list[SiteTask]) -> None:
    plain = hashes(verify_sites(tasks, standin.count_heat, Workers(processes=0)))
    assert len(plain) == 5
    assert hashes(verify_sites(tasks, standin.count_heat, Workers(processes=2))) == plain
    import distributed

    make: Any = distributed.LocalCluster  # typed here and there only
    with make(n_workers=1, processes=False, dashboard_address="127.0.0.1:0", protocol="tcp://") as cluster:
        there = Workers(scheduler=cluster.scheduler_address)
        assert hashes(verify_sites(tasks, standin.count_heat, there)) == plain


@pytest.mark.parametrize("workers", [Workers(processes=0), Workers(processes=1)], ids=["loop", "cluster"])
def test_a_fault_in_one_site_is_its_own_failure_and_nobody_elses(tasks: list[SiteTask], workers: Workers) -> None:
    outcomes = {outcome.site_id: outcome for outcome in verify_sites(tasks, standin.fail_on_one, workers)}
    assert set(outcomes) == {f"works-{number:02}" for number in range(5)}
    failures = [outcome for outcome in outcomes.values() if isinstance(outcome, Failure)]
    assert [failure.site_id for failure in failures] == ["works-01"]
    assert failures[0].message == "RuntimeError: the furnace is a teapot"
    assert "fail_on_one" in failures[0].details


def test_a_worker_that_dies_is_the_failure_of_its_site(tasks: list[SiteTask]) -> None:
    outcomes = list(verify_sites(tasks[:3], standin.die_on_one, Workers(processes=1)))
    assert sorted(outcome.site_id for outcome in outcomes if isinstance(outcome, Failure)) == ["works-01"]
    assert len(outcomes) == 3


def test_a_table_that_is_not_what_was_agreed_is_the_failure_of_its_site(tasks: list[SiteTask]) -> None:
    (outcome,) = verify_sites(tasks[:1], standin.forget_a_column, Workers())
    assert isinstance(outcome, Failure)
    assert "p_clear" in outcome.message


def test_few_sites_do_not_pay_for_a_cluster_nobody_asked_for() -> None:
    unasked = Workers(processes=None)
    assert unasked.for_sites(WORTH_A_CLUSTER - 1).processes == 0
    assert unasked.for_sites(WORTH_A_CLUSTER).processes == cores()
    assert Workers(processes=3).for_sites(1).processes == 3


def test_no_sites_need_no_workers() -> None:
    assert list(verify_sites([], standin.count_heat, Workers(scheduler="tcp://127.0.0.1:1"))) == []


def test_a_scheduler_that_does_not_answer_is_said_so(tasks: list[SiteTask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satverify.pipeline.run.PATIENCE", "1s")
    with pytest.raises(RetrievalError, match=r"tcp://127\.0\.0\.1:9"):
        list(verify_sites(tasks, standin.count_heat, Workers(scheduler="tcp://127.0.0.1:9")))


def test_a_cluster_of_less_than_no_process_is_refused(tasks: list[SiteTask]) -> None:
    with pytest.raises(InputError, match="-1"):
        list(verify_sites(tasks, standin.count_heat, Workers(processes=-1)))


def test_what_is_no_address_of_a_scheduler_is_not_dialled(tasks: list[SiteTask]) -> None:
    with pytest.raises(InputError, match="tcp://host:8786, found 'blah'"):
        list(verify_sites(tasks, standin.count_heat, Workers(scheduler="blah")))


def test_a_scheduler_without_workers_is_said_so(tasks: list[SiteTask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satverify.pipeline.run.PATIENCE", "2s")
    import distributed

    make: Any = distributed.LocalCluster  # typed here and there only
    with make(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        there = Workers(scheduler=cluster.scheduler_address)
        with pytest.raises(RetrievalError, match="has no workers"):
            list(verify_sites(tasks, standin.count_heat, there))
