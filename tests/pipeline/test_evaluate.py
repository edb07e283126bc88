from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from satverify.config import read_project
from satverify.domain.evidence import SiteResult, SiteTask
from satverify.domain.truth import KnownState, Spell, Truth, Turn
from satverify.errors import InputError
from satverify.pipeline.evaluate import Evaluation, evaluate
from satverify.pipeline.flow import run
from satverify.pipeline.project import Project
from satverify.pipeline.run import Workers
from satverify.pipeline.score_files import score_record, score_text, write_scores
from satverify.pipeline.site import verify_site
from satverify.registry.orders import write_orders
from satverify.registry.truth import read_truth
from satverify.verification.scores import OURS
from satverify.verification.trials import sliding_trials
from tests.pipeline.standin import FIRST, place, write_project

DAYS = 240
STOP, RESTART = 100, 160
TRUTH = f"""site_id,kind,start,stop,source
works-00,running,{FIRST},{FIRST + timedelta(days=DAYS)},made up
works-01,running,{FIRST},{FIRST + timedelta(days=STOP)},made up
works-01,stop,{FIRST + timedelta(days=STOP)},,made up
works-01,halted,{FIRST + timedelta(days=STOP)},{FIRST + timedelta(days=RESTART)},made up
works-01,restart,{FIRST + timedelta(days=RESTART)},,made up
"""


def made(folder: Path) -> Project:
    """Works in a row with one to four hot pixels on four nights of five; works-01 has none from STOP to RESTART."""
    file = write_project(folder, sites=2)
    rows = ["latitude,longitude,acq_date,satellite,instrument"]
    for number in range(2):
        longitude, latitude = place(number)
        for day in range(DAYS):
            if (7 * number + 3 * day) % 5 and not (number == 1 and STOP <= day < RESTART):
                local_day = FIRST + timedelta(days=day)
                pixels = range(1 + (number + day) % 4)
                rows += [
                    f"{latitude + 0.004 * (n // 2)},{longitude + 0.004 * (n % 2)},{local_day},N,VIIRS" for n in pixels
                ]
    (folder / "heat.csv").write_text("\n".join(rows) + "\n")
    text = file.read_text().replace(str(FIRST + timedelta(days=60)), str(FIRST + timedelta(days=DAYS)))
    file.write_text(text)
    return read_project(file)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made(tmp_path)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    path = tmp_path_factory.mktemp("truth") / "truth.csv"
    path.write_text(TRUTH)
    return read_truth(path)


@pytest.fixture(scope="module")
def found(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate([made(tmp_path_factory.mktemp("works"))], truth)


def test_a_works_that_ran_and_one_that_stopped_are_told_apart(found: Evaluation) -> None:
    ours = {
        (each.site_id, each.state, each.length): each.tally
        for each in found.scores.windows
        if each.method == OURS and each.season is None
    }
    assert all(tally.false == 0 for tally in ours.values())
    assert ours["works-00", KnownState.RUNNING, 10].decided_share == 1.0
    assert ours["works-01", KnownState.HALTED, 30].decided_share == 1.0
    assert ours[None, KnownState.RUNNING, 30].windows == 43 + 15
    assert ours[None, KnownState.HALTED, 10].windows == 11


def test_the_stop_and_the_restart_are_dated_and_noticed(found: Evaluation) -> None:
    stop, restart = found.scores.turns
    assert (stop.known.turn, restart.known.turn) == (Turn.STOP, Turn.RESTART)
    assert stop.error_days is not None
    assert restart.error_days is not None
    assert abs(stop.error_days) <= 1
    assert abs(restart.error_days) <= 1
    assert stop.is_covered
    assert restart.is_covered
    assert stop.halted_delay_days is not None
    assert 0 < stop.halted_delay_days <= 12  # no cloud cover is given here, so dark looks weigh little
    assert restart.working_delay_days is not None


def test_verdicts_are_those_of_a_run_with_the_same_orders(project: Project, truth: Truth) -> None:
    given: list[SiteTask] = []

    def remembered(task: SiteTask) -> SiteResult:
        given.append(task)
        return verify_site(task)

    evaluate([project], truth, lengths=(10,), step=7, verify=remembered)
    units: dict[str | None, str] = {None: "works-01:ironmaking"}
    trials = sliding_trials(truth.of("works-01").spells, units, lengths=(10,), step=7)
    assert project.orders is not None
    write_orders(project.orders, [trial.order for trial in trials])
    expected = {each.order_id: each for each in run(project, lang=None).findings}
    (task,) = [task for task in given if task.site.site_id == "works-01"]
    scored = {each.order_id: each for each in verify_site(task).findings}
    assert scored == {key: replace(each, q_value=None) for key, each in expected.items()}
    assert len(scored) == len(trials)


def test_one_process_and_two_give_the_same_scores(project: Project, truth: Truth, found: Evaluation) -> None:
    assert score_text(evaluate([project], truth, workers=Workers(processes=2))) == score_text(found)


def test_nothing_is_written_into_the_project(project: Project, truth: Truth) -> None:
    assert evaluate([project], truth, lengths=(30,), step=30).failed == ()
    assert not project.outputs.exists()


def test_works_that_no_project_has_are_named(project: Project, truth: Truth) -> None:
    stranger = Spell(site_id="far-away", state=KnownState.RUNNING, start=date(2021, 1, 1), stop=date(2021, 3, 1))
    found = evaluate([project], replace(truth, spells=(*truth.spells, stranger)))
    assert found.missing == ("far-away",)
    with pytest.raises(InputError, match="none of the truth's works"):
        evaluate([project], Truth(spells=(stranger,)))


def test_a_works_in_two_projects_is_refused(project: Project, truth: Truth) -> None:
    with pytest.raises(InputError, match="works-00: expected in one project"):
        evaluate([project, project], truth)


def test_a_unit_that_cannot_be_observed_is_told_with_those_that_can(project: Project, truth: Truth) -> None:
    named = tuple(replace(spell, unit_id="bf9") for spell in truth.spells)
    with pytest.raises(InputError) as caught:
        evaluate([project], Truth(spells=named))
    assert [problem.where for problem in caught.value.problems] == [
        "truth of site works-00, unit_id",
        "truth of site works-01, unit_id",
    ]
    assert "works-00:ironmaking" in str(caught.value)


def test_a_fault_in_one_works_leaves_the_others_scored(project: Project, truth: Truth) -> None:
    def fail_on_one(task: SiteTask) -> SiteResult:
        if task.site.site_id == "works-01":
            raise RuntimeError("the furnace is a teapot")
        return verify_site(task)

    found = evaluate([project], truth, verify=fail_on_one)
    assert [failure.site_id for failure in found.failed] == ["works-01"]
    assert {each.site_id for each in found.scores.windows} == {None, "works-00"}
    assert score_record(found)["failed_sites"] == ["works-01"]


def test_the_json_document_is_written_whole_and_the_same_each_time(found: Evaluation, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.json", found)
    assert (tmp_path / "scores.json").read_text(encoding="utf-8") == score_text(found)
    record = score_record(found)
    assert record["schema"] == "satverify/scores/1"
    window = record["windows"][0]
    assert (window["method"], window["site_id"], window["state"], window["false"]) == (OURS, None, "running", 0)
    assert record["turns"][0]["known"]["start"] == (FIRST + timedelta(days=STOP)).isoformat()
