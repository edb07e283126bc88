"""What a newcomer copies out of the README works as it stands there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from satverify.cli import main
from satverify.cli.exits import Exit

PROJECT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
FILES = {"json": "sites.geojson", "csv": "orders.csv", "toml": "satverify.toml"}
CREDENTIALS = ("SH_CLIENT_ID", "SH_CLIENT_SECRET", "FIRMS_MAP_KEY")
START, STOP = date(2020, 1, 1), date(2022, 4, 1)
HALTED = (date(2022, 1, 10), date(2022, 2, 10))


def _blocks(readme: str) -> dict[str, str]:
    return dict(BLOCK.findall((PROJECT / readme).read_text("utf-8")))


def _commands(readme: str) -> list[list[str]]:
    lines = re.findall(r"^    satverify (.+?)(?:  .*)?$", (PROJECT / readme).read_text("utf-8"), flags=re.MULTILINE)
    return [line.split() for line in lines]


def _detections() -> str:
    """Two satellites over a furnace that ran all the time but in the window of the first order."""
    random = np.random.default_rng(1)
    rows = ["latitude,longitude,acq_date,acq_time,satellite,instrument,confidence,frp,daynight"]
    for day in (START + timedelta(days=number) for number in range((STOP - START).days)):
        for satellite, minute in (("N", "1805"), ("N20", "1854")):
            if (
                not HALTED[0] <= day + timedelta(days=1) < HALTED[1] and random.random() < 0.6
            ):  # 18 h UTC: the next day there
                east, north = 118.015 + random.normal(0, 0.001), 39.61 + random.normal(0, 0.001)
                rows.append(f"{north:.5f},{east:.5f},{day},{minute},{satellite},VIIRS,n,{random.gamma(4, 1):.2f},N")
    return "\n".join(rows) + "\n"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the README's example project, made current."""
    blocks = _blocks("README.md")
    for kind, name in FILES.items():
        (tmp_path / name).write_text(blocks[kind], encoding="utf-8")
    (tmp_path / "firms").mkdir()
    (tmp_path / "firms" / "viirs.csv").write_text(_detections(), encoding="utf-8")
    (tmp_path / "aoi").symlink_to(PROJECT / "aoi")
    for variable in CREDENTIALS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_example_runs_and_gives_the_known_answer(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(_blocks("README.md")["python"], "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "o-1 example-bf1 consistent" in printed
    assert "o-2 example-bf1 inconsistent" in printed
    assert (example / "out" / "reports" / "index.html").is_file()


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("command", _commands("README.md"), ids=" ".join)
def test_every_command_of_the_readme_ends_well(command: list[str]) -> None:
    asks_a_service = command[0] == "run" and command[-1].startswith("aoi/")
    assert main(command) == (Exit.CREDENTIALS if asks_a_service else Exit.DONE)


def test_the_chinese_readme_shows_the_same_code_and_commands() -> None:
    assert _without_comments("README.zh.md") == _without_comments("README.md")
    assert _commands("README.zh.md") == _commands("README.md")


def _without_comments(readme: str) -> dict[str, str]:
    return {kind: re.sub(r" +#.*", "", text) for kind, text in _blocks(readme).items()}


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_local_link_of_the_readme_leads_somewhere(readme: str) -> None:
    links = re.findall(r"\]\(([^):#]+)\)", (PROJECT / readme).read_text("utf-8"))
    assert [link for link in links if not (PROJECT / link).exists()] == []
