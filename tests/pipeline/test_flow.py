from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from satverify.archive import Archive
from satverify.config import read_project
from satverify.domain.findings import Verdict
from satverify.errors import InputError, ModelError
from satverify.pipeline.flow import RunResult, run
from satverify.pipeline.run import Verify, Workers
from tests.pipeline import archived, standin

PROJECT = Path(__file__).resolve().parents[2]


def run_there(folder: Path, *, verify: Verify = standin.count_heat, workers: Workers | None = None) -> RunResult:
    return run(read_project(folder / "satverify.toml"), verify=verify, workers=workers)


def content(folder: Path) -> dict[str, bytes]:
    """Every output by its name; what is kept between runs is none."""
    files = [path for path in sorted((folder / "out").rglob("*")) if path.is_file() and ".state" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def copies(project: Path, names: list[str]) -> list[Path]:
    return [Path(shutil.copytree(project, project.parent / name)) for name in names]


def test_one_worker_several_workers_and_a_plain_loop_write_the_same_bytes(tmp_path: Path) -> None:
    standin.write_project(tmp_path / "first", sites=6)
    once, four = copies(tmp_path / "first", ["once", "four"])
    run_there(tmp_path / "first", verify=standin.first_last)
    run_there(once, verify=standin.first_last, workers=Workers(processes=1))
    run_there(four, verify=standin.first_last, workers=Workers(processes=4))
    written = content(tmp_path / "first")
    assert {"out/looks.parquet", "out/findings.json", "out/flags.jsonl", "out/run.json"} <= set(written)
    assert "out/reports/works-05.html" in written
    assert content(once) == written
    assert content(four) == written
    for name in ("looks", "activity"):
        sites = list(pd.read_parquet(four / f"out/{name}.parquet")["site_id"])
        assert sites == sorted(sites)
        assert len(set(sites)) == 6


def test_the_built_in_judge_writes_the_same_bytes_on_a_cluster_and_in_a_loop(tmp_path: Path) -> None:
    standin.write_project(tmp_path / "loop")
    (cluster,) = copies(tmp_path / "loop", ["cluster"])
    for folder, workers in ((tmp_path / "loop", Workers()), (cluster, Workers(processes=2))):
        result = run(read_project(folder / "satverify.toml"), workers=workers)
        assert not result.failed, result.failed[0].details
        assert len(result.findings) == 3
    assert content(cluster) == content(tmp_path / "loop")


def test_a_second_run_redoes_nothing_and_writes_the_same_bytes(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    first = run_there(tmp_path)
    written = content(tmp_path)
    again = run_there(tmp_path)
    assert (first.reused, again.reused) == (0, 3)
    assert content(tmp_path) == written
    assert again.findings == first.findings


def test_only_sites_whose_evidence_or_orders_changed_are_redone(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    orders = (tmp_path / "orders.csv").read_text()
    (tmp_path / "orders.csv").write_text(orders.replace("2021-12-11,halt,,,,doc 2", "2021-12-21,halt,,,,doc 2"))
    assert run_there(tmp_path).reused == 2
    states = list((tmp_path / "out/.state").iterdir())
    assert len(states) == 3, "results of the earlier orders are not kept for ever"


def test_a_damaged_state_is_redone_and_the_bytes_do_not_change(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    written = content(tmp_path)
    empty, cut, flipped = sorted((tmp_path / "out/.state").iterdir())
    empty.write_bytes(b"")
    cut.write_bytes(cut.read_bytes()[:-100])
    damaged = bytearray(flipped.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    flipped.write_bytes(bytes(damaged))
    assert run_there(tmp_path).reused == 0
    assert content(tmp_path) == written


def test_a_site_with_a_fault_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    result = run_there(tmp_path, verify=standin.fail_on_one)
    assert [failure.site_id for failure in result.failed] == ["works-01"]
    assert {finding.site_id for finding in result.findings} == {"works-00", "works-02"}
    said = json.loads((tmp_path / "out/run.json").read_text())
    assert said["sites"]["failed"] == [{"site_id": "works-01", "fault": "RuntimeError: the furnace is a teapot"}]


def test_the_flag_of_a_site_that_fails_later_stands(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    before = (tmp_path / "out/flags.jsonl").read_text()
    assert before.count('"works-01"') >= 1
    run_there(tmp_path, verify=standin.fail_on_one)
    assert (tmp_path / "out/flags.jsonl").read_text() == before


def test_a_flag_whose_order_is_gone_is_withdrawn(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    orders = (tmp_path / "orders.csv").read_text().splitlines()
    (tmp_path / "orders.csv").write_text("\n".join(orders[:-1]))
    statuses = {flag["data"]["site"]["site_id"]: flag["data"]["status"] for flag in run_there(tmp_path).flags}
    assert statuses == {"works-00": "raised", "works-01": "raised", "works-02": "withdrawn"}


def test_outputs_say_what_they_rest_on_and_nothing_of_this_machine(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    result = run_there(tmp_path)
    said = json.loads((tmp_path / "out/run.json").read_text())
    assert set(said["inputs_sha256"]) == {"sites.geojson", "orders.csv", "heat.csv"}
    assert said["sources"][0]["coverage_from"] == "first to last detection"
    assert said["sources"][0]["rows"]["read"] == said["sources"][0]["rows"]["kept"] > 0
    assert said["findings"] == {"consistent": 0, "inconsistent": 3, "undetermined": 0}
    assert result.inconsistent == result.findings
    for name, written in content(tmp_path).items():
        assert str(tmp_path).encode() not in written, name
        assert b"\x00" not in written or name.endswith(".parquet")


def test_findings_have_sentences_and_q_values(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    said = json.loads((tmp_path / "out/findings.json").read_text())
    assert said["schema"] == "satverify/findings/1"
    for finding in said["findings"]:
        assert finding["verdict"] == Verdict.INCONSISTENT
        assert 0 < finding["q_value"] <= 1
        assert finding["reasons"][0]["code"] == "evidence_weak"
        assert len(finding["reasons"][0]["text"]) > 20
        assert finding["window"] == {"start": "2021-12-01", "stop": "2021-12-11"}


def test_a_site_far_from_all_detections_has_no_evidence_rather_than_cold_looks(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    sites = json.loads((tmp_path / "sites.geojson").read_text())
    outline = sites["features"][2]["geometry"]["coordinates"]
    sites["features"][2]["geometry"]["coordinates"] = [[[east + 3, north] for east, north in outline[0]]]
    (tmp_path / "sites.geojson").write_text(json.dumps(sites))
    result = run_there(tmp_path, verify=standin.service_days)
    days = {finding.site_id: finding.longest_unseen_run_days for finding in result.findings}
    assert days["works-00"] == standin.DAYS
    assert days["works-02"] == 0


def test_the_problems_of_all_files_are_listed_together(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    (tmp_path / "orders.csv").write_text(
        "order_id,site_id,start,stop,requirement\no1,nowhere,2021-12-01,2021-12-11,halt\n"
    )
    (tmp_path / "heat.csv").write_text("latitude,acq_date\n39.5,2021-11-01\n")
    with pytest.raises(InputError) as caught:
        run_there(tmp_path)
    assert {Path(problem.file).name for problem in caught.value.problems} == {"orders.csv", "heat.csv"}
    assert not (tmp_path / "out").exists()


def test_earlier_flags_that_cannot_be_read_are_not_thrown_away(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    run_there(tmp_path)
    flags = tmp_path / "out/flags.jsonl"
    flags.write_text("not a flag\n")
    written = content(tmp_path)
    with pytest.raises(InputError, match="earlier flags"):
        run_there(tmp_path)
    assert content(tmp_path) == written


def test_an_outputs_path_that_is_a_file_is_an_input_error(tmp_path: Path) -> None:
    standin.write_project(tmp_path)
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(InputError, match="out"):
        run_there(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("pool", [["--plain"], ["--workers", "2"]], ids=["loop", "cluster"])
def test_ctrl_c_keeps_finished_sites_and_the_next_run_continues(tmp_path: Path, pool: list[str]) -> None:
    standin.write_project(tmp_path, sites=12)
    command = [sys.executable, "-m", "tests.pipeline.interruptible", "run", str(tmp_path / "satverify.toml"), *pool]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    waited_from = time.monotonic()
    while len(list(tmp_path.glob("out/.state/*.zip"))) < 2 and process.poll() is None:
        assert time.monotonic() - waited_from < 60
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to the command and its workers
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "the same command continues" in said
    kept = len(list(tmp_path.glob("out/.state/*.zip")))
    assert 2 <= kept < 12
    assert not (tmp_path / "out/findings.json").exists()
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{kept} of 12 sites are finished already" in done.stderr
    assert len(done.stdout.splitlines()) == 1 + 12


def test_a_run_on_scenes_alone_reads_looks_and_shows_the_images_that_decided(tmp_path: Path) -> None:
    site, archive = archived.works(), Archive(tmp_path / "archive")
    hot: dict[int, tuple[str, ...]] = dict.fromkeys(range(12), ("w:bf1", "w:bf2"))
    archived.fill(archive, site, 20, hot | {15: ("w:bf2",), 16: ("w:bf2",)}, cloudy=[17])
    settings = read_project(archived.write_project(tmp_path, [site], archive))
    result = run(settings, lang="en")
    assert not result.failed, result.failed[0].details
    looks = pd.read_parquet(tmp_path / "out/looks.parquet")
    assert set(looks["unit_id"]) == {"w:bf1", "w:bf2", "w:ironmaking"}
    assert len(pd.read_parquet(tmp_path / "out/heat.parquet")) == 40
    p_met = {finding.unit_id: finding.p_met for finding in result.findings}
    assert p_met["w:bf1"] > 0.9
    assert p_met["w:bf2"] < 0.3
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert record["classifier"]["name"] == "model"
    (page,) = (tmp_path / "out/reports").glob("w*.html")
    assert page.read_text().count("data:image/png;base64,") >= 6
    assert run(settings).reused == 1
    archived.write_simple_model(tmp_path / "other")
    assert run(replace(settings, classifier=tmp_path / "other")).reused == 1, "the same weights are the same model"


def test_a_site_whose_scenes_are_damaged_fails_alone(tmp_path: Path) -> None:
    sites = (archived.works(), archived.works("x", archived.EAST + 0.1))
    archive = Archive(tmp_path / "archive")
    for site in sites:
        archived.fill(archive, site, 3, {0: (f"{site.site_id}:bf1",)})
    Path(archive.entries()[-1].path).write_bytes(b"<html>")
    result = run(read_project(archived.write_project(tmp_path, sites, archive)))
    (failure,) = result.failed
    (other,) = {"w", "x"} - {failure.site_id}
    assert {finding.site_id for finding in result.findings} == {other}
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert [fault["site_id"] for fault in record["sites"]["failed"]] == [failure.site_id]


def test_a_model_that_cannot_be_read_stops_the_run_before_any_output(tmp_path: Path) -> None:
    site, archive = archived.works(), Archive(tmp_path / "archive")
    archived.fill(archive, site, 1, {})
    file = archived.write_project(tmp_path, [site], archive)
    (tmp_path / "model/weights.npz").write_bytes(b"weights of something else")
    with pytest.raises(ModelError, match="SHA-256"):
        run(read_project(file))
    assert not (tmp_path / "out/findings.json").exists()
