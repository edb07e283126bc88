"""``satverify sites`` and ``satverify orders``: data on stdout, messages on stderr, 2 where anything is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from shapely import box

from satverify.cli import main
from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Rating, Site, Unit, UnitKind
from satverify.registry.orders import write_orders
from satverify.registry.sites import write_sites


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    furnace = Unit(unit_id="ts-1-bf1", site_id="ts-1", kind=UnitKind.BLAST_FURNACE)
    works = Site(
        site_id="ts-1", name="Works", name_zh="钢厂", city="Tangshan", rating=Rating.C, units=(furnace,),
        outline=box(118.0, 39.0, 118.02, 39.02),
    )  # fmt: skip
    write_sites(tmp_path / "sites.geojson", [works])
    return tmp_path / "sites.geojson"


@pytest.fixture
def order_file(tmp_path: Path) -> Path:
    order = Order(
        order_id="o1", site_id="ts-1", start=date(2021, 11, 15), stop=date(2022, 1, 1), requirement=Requirement.HALT
    )
    write_orders(tmp_path / "orders.csv", [order])
    return tmp_path / "orders.csv"


def spoilt(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_good_site_list_says_so(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "check", str(site_file)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{site_file}: 1 site, 1 unit, no problems, no warnings\n"
    assert err == ""


def test_a_bad_site_list_leaves_with_two_and_all_its_problems(
    site_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt(spoilt(site_file, '"C"', '"Q"'), "blast_furnace", "blast furnce")
    assert main(["sites", "check", str(site_file)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{site_file}: 2 problems, no warnings\n"
    assert [line.partition(": feature")[0] for line in err.splitlines()] == [f"error: {site_file}"] * 2


def test_problems_can_be_had_as_json(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt(site_file, '"C"', '"Q"')
    assert main(["sites", "check", str(site_file), "--json"]) == 2
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err == ""
    assert told["file"] == str(site_file)
    assert [problem["where"] for problem in told["problems"]] == ["feature 1 (site ts-1), rating"]
    assert told["warnings"] == []


def test_sites_are_listed_with_their_names(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "list", str(site_file)]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split("\t")[:6] == ["site_id", "name", "name_zh", "city", "rating", "units"]
    assert row.split("\t")[:6] == ["ts-1", "Works", "钢厂", "Tangshan", "C", "1"]


def test_a_list_as_json_moves_with_the_datum(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "list", str(site_file), "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["sites", "list", str(site_file), "--json", "--datum", "gcj02"]) == 0
    moved = json.loads(capsys.readouterr().out)
    assert plain[0]["longitude"] == 118.01
    assert 0.004 < plain[0]["longitude"] - moved[0]["longitude"] < 0.009


def test_an_unknown_datum_is_a_usage_error(site_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "check", str(site_file), "--datum", "tokyo"]) == 2
    assert "gcj02" in capsys.readouterr().err


def test_a_good_order_list_says_so(site_file: Path, order_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orders", "check", str(order_file), "--sites", str(site_file)]) == 0
    assert capsys.readouterr().out == f"{order_file}: 1 order, no problems, no warnings\n"


def test_a_bad_order_list_leaves_with_two(
    site_file: Path, order_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt(order_file, "2021-11-15", "15/11/2021")
    assert main(["orders", "check", str(order_file), "--sites", str(site_file), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["orders"], [problem["where"] for problem in told["problems"]]) == (0, ["line 2, start"])


def test_orders_are_not_checked_against_a_broken_site_list(
    site_file: Path, order_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt(site_file, '"C"', '"Q"')
    assert main(["orders", "check", str(order_file), "--sites", str(site_file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "rating" in err


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "check", str(tmp_path / "absent.geojson")]) == 2
    assert "no such file" in capsys.readouterr().err
