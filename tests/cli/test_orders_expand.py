from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from satverify.cli import main
from satverify.registry.orders import read_orders
from satverify.registry.sites import read_sites
from satverify.resources import resource_path

NOTICE = resource_path("aoi", "policies") / "heating-season-2021-2022.toml"
REGISTRY = resource_path("aoi", "sites") / "2plus26-2021-2022.geojson"


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    square = {
        "type": "Polygon",
        "coordinates": [[[118.2, 39.6], [118.22, 39.6], [118.22, 39.62], [118.2, 39.62], [118.2, 39.6]]],
    }
    works = [("a", "A", "Tangshan"), ("b", "C", "唐山市"), ("c", None, "Handan"), ("d", "C", "Xuzhou")]
    features = [
        {
            "type": "Feature",
            "properties": {"site_id": site_id, "name": site_id, "city": city, "rating": rating},
            "geometry": square,
        }
        for site_id, rating, city in works
    ]
    path = tmp_path / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def expand(sites: Path, *options: str) -> int:
    return main(["orders", "expand", "--policy", str(NOTICE), "--sites", str(sites), *options])


def test_orders_are_printed_and_gaps_told_apart(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert expand(sites) == 0
    said = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert {(row["site_id"], row["requirement"]) for row in rows} == {("a", "no_increase")}
    assert "no ratio is given for this rating: no default order in phase-1 (1): b" in said.err
    assert "rating unknown: no default order (1): c" in said.err
    assert "outside the policy's cities, or without a city: no default order (1): d" in said.err


def test_what_is_written_can_be_read_as_orders(sites: Path, tmp_path: Path) -> None:
    ratios, ratings, named, out = (tmp_path / f"{name}.csv" for name in ("ratios", "ratings", "named", "out"))
    ratios.write_text("rating,fraction,source\nC,0.3,Plan of the city\n", encoding="utf-8")
    ratings.write_text("site_id,rating\nc,C\n", encoding="utf-8")
    named.write_text(
        "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source\n"
        "n1,b,,2022-01-27,2022-02-20,halt,,,,Notice of the city\n",
        encoding="utf-8",
    )
    options = ("--ratios", str(ratios), "--ratings", str(ratings), "--orders", str(named), "--out", str(out))
    assert expand(sites, *options) == 0
    orders = read_orders(out, read_sites(sites))
    assert [(order.site_id, str(order.start), str(order.stop), order.requirement.value) for order in orders] == [
        ("a", "2021-11-15", "2022-01-01", "no_increase"),
        ("a", "2022-01-01", "2022-03-16", "no_increase"),
        ("b", "2021-11-15", "2022-01-01", "cut"),
        ("b", "2022-01-01", "2022-01-27", "cut"),
        ("b", "2022-01-27", "2022-02-20", "halt"),
        ("b", "2022-02-20", "2022-03-16", "cut"),
        ("c", "2021-11-15", "2022-01-01", "cut"),
        ("c", "2022-01-01", "2022-03-16", "cut"),
    ]


def test_standings_aggravate(sites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ratios, standings = tmp_path / "ratios.csv", tmp_path / "standings.csv"
    ratios.write_text("rating,fraction,circumstance\nC,0.3,\nC,0.5,over_utilisation\n", encoding="utf-8")
    standings.write_text("site_id,code,source\nb,over_utilisation,Inspection\n", encoding="utf-8")
    assert expand(sites, "--ratios", str(ratios), "--standings", str(standings)) == 0
    rows = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert {row["fraction"] for row in rows if row["site_id"] == "b"} == {"0.5"}


def test_a_standing_the_notice_does_not_know_is_an_input_error(
    sites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standings = tmp_path / "standings.csv"
    standings.write_text("site_id,code\nb,lateness\n", encoding="utf-8")
    assert expand(sites, "--standings", str(standings)) == 2
    assert "over_utilisation" in capsys.readouterr().err


def test_the_shipped_registry_gets_no_order_out_of_ratings_nobody_gave(capsys: pytest.CaptureFixture[str]) -> None:
    assert expand(REGISTRY) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert "(104)" in said.err
