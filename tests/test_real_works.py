"""The score on real works: what the first version has to reach. Skipped where the real data are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.evaluate_real import run
from benchmarks.real_works import COUNTRIES, circle, make_projects
from satverify.config import read_project
from satverify.domain.truth import KnownState, Scored
from satverify.pipeline.evaluate import Evaluation, evaluate
from satverify.pipeline.run import Workers
from satverify.registry.sites import read_sites
from satverify.registry.truth import read_truth
from satverify.verification.scores import METHODS, OURS
from satverify.verification.trials import Season, Tally

TRUTH = Path(__file__).resolve().parent / "data" / "truth.csv"


@pytest.fixture(scope="module")
def evaluation(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    detections = shared_data / "firms"
    if not detections.is_dir():
        pytest.skip(f"no detections at {detections}")
    files = make_projects(detections, tmp_path_factory.mktemp("real"))
    return evaluate([read_project(file) for file in files], read_truth(TRUTH), workers=Workers(processes=2))


def tally_of(
    evaluation: Evaluation, state: KnownState, days: int, season: Season | None = None, method: str = OURS
) -> Tally:
    (found,) = [
        each.tally
        for each in evaluation.scores.windows
        if (each.method, each.site_id, each.state, each.length, each.season) == (method, None, state, days, season)
    ]
    return found


@pytest.mark.parametrize("days", [10, 30])
@pytest.mark.parametrize("state", list(KnownState))
def test_no_verdict_on_real_works_is_false(evaluation: Evaluation, state: KnownState, days: int) -> None:
    assert tally_of(evaluation, state, days).false == 0


@pytest.mark.parametrize(
    ("state", "days", "season", "least"),
    [
        (KnownState.RUNNING, 10, Season.SUMMER, 0.98),
        (KnownState.RUNNING, 10, Season.WINTER, 0.82),
        (KnownState.RUNNING, 30, Season.SUMMER, 1.00),
        (KnownState.RUNNING, 30, Season.WINTER, 0.97),
        (KnownState.HALTED, 10, None, 0.90),
        (KnownState.HALTED, 30, None, 0.90),
    ],
)
def test_enough_windows_on_real_works_are_decided(
    evaluation: Evaluation, state: KnownState, days: int, season: Season | None, least: float
) -> None:
    share = tally_of(evaluation, state, days, season).decided_share
    assert share is not None
    assert share >= least


def test_each_naive_rule_calls_running_works_halted_in_winter(evaluation: Evaluation) -> None:
    for method in METHODS[1:]:
        assert tally_of(evaluation, KnownState.RUNNING, 30, Season.WINTER, method).false > 0


def test_real_stops_are_dated_within_five_days(evaluation: Evaluation) -> None:
    stops = [each for each in evaluation.scores.turns if each.known.turn == "stop"]
    assert len(stops) == 2
    for each in stops:
        assert each.error_days is not None
        assert abs(each.error_days) <= 5
        assert each.is_covered


def test_fires_of_the_fighting_are_no_production(evaluation: Evaluation) -> None:
    halted = [each for each in evaluation.scores.spells if each.spell.state is KnownState.HALTED]
    for each in halted:
        if each.spell.scored is Scored.WINDOWS:
            assert (each.running_days, each.working_days) == (0, 0)


def test_all_real_works_of_the_truth_are_scored(evaluation: Evaluation) -> None:
    assert (evaluation.failed, evaluation.missing) == ((), ())
    assert {each.site_id for each in evaluation.scores.windows} == {None, *read_truth(TRUTH).site_ids}


def test_projects_are_made_out_of_any_folder_of_detections(tmp_path: Path) -> None:
    detections = tmp_path / "firms"
    detections.mkdir()
    rows = (
        "latitude,longitude,acq_date,satellite,instrument\n50.0,7.0,2023-05-01,N,VIIRS\n50.01,7.02,2023-05-02,N,VIIRS\n"
    )
    (detections / "germany_old_mill.csv").write_text(rows)
    (detections / "germany_cloud_cover.csv").write_text("latitude,longitude,date,cloud_cover\n50,7,2023-05-01,10\n")
    (file,) = make_projects(detections, tmp_path / "out", countries=COUNTRIES[:1])
    project = read_project(file)
    (site,) = read_sites(project.sites)
    assert (site.site_id, site.name, str(site.outline_status)) == ("old_mill", "Old Mill", "assumed")
    assert len(project.cloud_cover) == 1
    (bare,) = make_projects(detections, tmp_path / "bare", countries=COUNTRIES[:1], sky=False)
    assert read_project(bare).cloud_cover == ()


def test_a_circle_has_its_radius_in_both_directions() -> None:
    ring = circle(10.0, 60.0, 1000.0)
    assert ring[0] == ring[-1]
    assert max(x for x, _ in ring) - 10.0 == pytest.approx(1000 / 111_195 * 2, rel=1e-3)  # cos 60° = 1/2
    assert max(y for _, y in ring) - 60.0 == pytest.approx(1000 / 111_195, rel=1e-3)


def test_an_absent_folder_is_told_clearly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--data", str(tmp_path / "nowhere"), "--out", str(tmp_path)]) == 2
    assert "no detections at" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
