from __future__ import annotations

from pathlib import Path

import pytest

from satverify.cli import main
from satverify.registry.sites import read_sites
from satverify.resources import resource_path

NOTICE = resource_path("aoi", "policies") / "heating-season-2021-2022.toml"
PLANTS = (
    "plant-id,plant-name-(english),plant-name-(other-language),lat,lng,coordinate-accuracy,start-date,city_2p26\n"
    "P1,North Works,北方钢铁,39.60,118.20,exact,2002,Tangshan\n"
    "P2,South Works,南方钢铁,34.58,117.34,exact,2002,Xuzhou\n"
)
UNITS = (
    "gem-plant-id,gem-unit-id,tab-type,unit-name,status,current-capacity-(ttpa),start-date\n"
    "P1,U1,Blast_furnaces,BF 1,operating,1095,2002\n"
    "P1,U2,Electric_arc_furnaces,EAF 1,operating,365,2022\n"
    "P2,U3,Electric_arc_furnaces,EAF 1,operating,365,2002\n"
)


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    (tmp_path / "plants.csv").write_text(PLANTS, encoding="utf-8")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    return [str(tmp_path / "plants.csv"), str(tmp_path / "units.csv")]


def ids(path: Path) -> dict[str, list[str]]:
    return {site.site_id: [unit.unit_id for unit in site.units] for site in read_sites(path)}


def test_tables_become_a_site_list(tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sites.geojson"
    assert main(["sites", "import", *tables, "--out", str(out), "--as-of", "2021-11-15"]) == 0
    assert ids(out) == {"P1": ["U1"], "P2": ["U3"]}
    said = capsys.readouterr()
    assert said.out == ""
    assert "left out: P1 North Works, U2 EAF 1: started 2022" in said.err
    assert "2 sites, 2 units, 1 left out" in said.err


def test_the_season_of_the_policy_is_the_time_asked_for(tables: list[str], tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    assert main(["sites", "import", *tables, "--out", str(out), "--cities-of", str(NOTICE)]) == 0
    assert ids(out) == {"P1": ["U1", "U2"]}


def test_units_may_come_in_a_file_of_their_own(tables: list[str], tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    words = ["sites", "import", tables[0], "--units", tables[1], "--out", str(out), "--as-of", "2021-11-15"]
    assert main([*words, "--must-have", "blast_furnace", "--city", "P1=Xinji"]) == 0
    assert [site.city for site in read_sites(out)] == ["Xinji"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--as-of"),
        (["--as-of", "2021-11-31"], "2021-11-31"),
        (["--as-of", "9999-12-31"], "9999-12-31"),
        (["--as-of", "2021-11-15", "--kind", "blast_furnaces"], "did you mean 'blast_furnace'?"),
        (["--as-of", "2021-11-15", "--city", "P1"], "--city"),
        (["--as-of", "2021-11-15", "--must-have", "coke_battery"], "no works are left"),
        (["--as-of", "2021-11-15", "--outlines", "none.geojson"], "none.geojson"),
    ],
)
def test_wrong_options_are_input_errors_and_write_nothing(
    tables: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    out = tmp_path / "sites.geojson"
    assert main(["sites", "import", *tables, "--out", str(out), *options]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
