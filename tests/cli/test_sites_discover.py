from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from satverify.cli import main
from satverify.registry.sites import read_sites

EAST, NORTH = 118.2, 39.6
FURNACES = (EAST - 0.016, EAST + 0.016)
"""2.7 km apart."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A works with two furnaces, seen on four days of five for eight months; the eastern one stops in June."""
    rng = np.random.default_rng(5)
    rows = ["latitude,longitude,acq_date,satellite,instrument,frp"]
    for place, stop in zip(FURNACES, (240, 150), strict=True):
        for day in range(stop):
            if day % 5:
                north, east = NORTH + rng.normal(0, 0.0012), place + rng.normal(0, 0.0015)
                rows.append(f"{north:.6f},{east:.6f},{date(2021, 1, 1) + timedelta(day)},N,VIIRS,3.5")
    (tmp_path / "heat.csv").write_text("\n".join(rows) + "\n")
    outline = [[EAST - 0.03, NORTH - 0.01], [EAST + 0.03, NORTH - 0.01], [EAST + 0.03, NORTH + 0.01]]
    outline += [[EAST - 0.03, NORTH + 0.01], outline[0]]
    site = {"site_id": "ts-1", "name": "=Works", "name_zh": "钢厂"}
    feature = {"type": "Feature", "properties": site, "geometry": {"type": "Polygon", "coordinates": [outline]}}
    (tmp_path / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    orders = "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
    (tmp_path / "orders.csv").write_text(orders)
    file = tmp_path / "satverify.toml"
    file.write_text(
        '[project]\nname = "two furnaces"\ndays = ["2021-01-01", "2021-08-29"]\n[sites]\npath = "sites.geojson"\n'
        '[orders]\npath = "orders.csv"\n[[sources]]\nkind = "firms"\npaths = ["heat.csv"]\n'
    )
    return file


def features(text: str) -> list[dict[str, Any]]:
    document = json.loads(text)
    assert document["type"] == "FeatureCollection"
    return list(document["features"])


def test_places_are_proposed_strongest_first_with_what_was_seen(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sites", "discover-units", str(project)]) == 0
    said = capsys.readouterr()
    units = features(said.out)
    assert [each["properties"]["unit_id"] for each in units] == ["ts-1:heat-1", "ts-1:heat-2"]
    first, second = (each["properties"] for each in units)
    assert first["kind"] is second["kind"] is None
    assert first["note"] == "fill in kind"
    assert (first["footprint_status"], first["first_day"], first["months_hot"]) == ("discovered", "2021-01-02", 8)
    assert (second["last_day"], second["months_hot"], second["mean_mw"]) == ("2021-05-30", 5, 3.5)
    assert first["share"] + second["share"] == pytest.approx(1.0, abs=2e-4)
    assert "ts-1: 2 places" in said.err


def test_a_site_list_and_detections_give_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = project.with_name("units.geojson")
    lists = ["--sites", str(project.with_name("sites.geojson")), "--detections", str(project.with_name("heat.csv"))]
    assert main(["sites", "discover-units", *lists, "--site", "ts-1", "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["sites", "discover-units", str(project)]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")


def test_a_place_without_a_kind_is_asked_for_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(project, discovered(project, capsys))
    assert main(["sites", "check", str(project.with_name("sites.geojson"))]) == 2
    said = capsys.readouterr()
    assert (said.out + said.err).count("kind") >= 2
    assert "unknown" not in said.out + said.err


def test_places_that_a_person_named_are_judged_one_by_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units = discovered(project, capsys)
    for each in units:
        each["properties"]["kind"] = "blast_furnace"
    add(project, units)
    assert main(["sites", "check", str(project.with_name("sites.geojson"))]) == 0
    (site,) = read_sites(project.with_name("sites.geojson"))
    assert [unit.unit_id for unit in site.units] == ["ts-1:heat-1", "ts-1:heat-2"]
    orders = project.with_name("orders.csv")
    asked = [f"o{n},ts-1,ts-1:heat-{n},2021-06-15,2021-08-15,halt,,,,test\n" for n in (1, 2)]
    orders.write_text(orders.read_text() + "".join(asked))
    assert main(["run", str(project), "--plain"]) == 0
    looks = pd.read_parquet(project.with_name("out") / "looks.parquet")
    hot = looks[looks["hot_pixels"] > 0].groupby("unit_id")["local_day"].max()
    assert set(hot.index) == {"ts-1:heat-1", "ts-1:heat-2"}
    assert hot["ts-1:heat-2"] < pd.Timestamp("2021-06-01") < hot["ts-1:heat-1"]
    findings = json.loads((project.with_name("out") / "findings.json").read_text(encoding="utf-8"))["findings"]
    verdicts = {each["unit_id"]: each["verdict"] for each in findings}
    assert verdicts == {"ts-1:heat-1": "inconsistent", "ts-1:heat-2": "consistent"}


def test_places_that_are_listed_by_now_are_found_again_under_new_numbers(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = discovered(project, capsys)
    for each in units:
        each["properties"]["kind"] = "blast_furnace"
    add(project, units)
    again = [each["properties"] for each in discovered(project, capsys)]
    assert [each["unit_id"] for each in again] == ["ts-1:heat-3", "ts-1:heat-4"]
    assert [(each["near_unit"], each["near_m"]) for each in again] == [("ts-1:heat-1", 0), ("ts-1:heat-2", 0)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "a project file, or --sites, --detections"),
        (["--sites", "sites.geojson"], "a project file, or --sites, --detections"),
        (["satverify.toml", "--sites", "sites.geojson"], "not both"),
        (["satverify.toml", "--datum", "gcj02"], "not both"),
        (["satverify.toml", "--site", "ts-2"], "did you mean 'ts-1'?"),
        (["--sites", "sites.geojson", "--detections", "none.csv"], "none.csv"),
    ],
)
def test_wrong_words_are_input_errors_and_write_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(project.parent)
    assert main(["sites", "discover-units", *options, "--out", "units.geojson"]) == 2
    assert said in capsys.readouterr().err
    assert not project.with_name("units.geojson").exists()


def discovered(project: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["sites", "discover-units", str(project)]) == 0
    return features(capsys.readouterr().out)


def add(project: Path, units: list[dict[str, Any]]) -> None:
    """Add features to the project's site list, as a person would."""
    file = project.with_name("sites.geojson")
    listed = features(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [*listed, *units]}), encoding="utf-8")
