from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.truth import KnownState, Scored, Turn
from satverify.errors import InputError, SatverifyError
from satverify.registry.truth import read_truth

HEADER = "site_id,unit_id,kind,start,stop,scored,source,note"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_truth(path)
    return [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems]


def test_spells_and_turns_come_back_sorted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "b,,halted,2022-03-05,2022-04-05,,https://example.org/1,",
        "b,,restart,2022-04-06,,,https://example.org/2,two of four furnaces",
        "a,bf1,running,2020-01-01,2021-01-01,days,https://example.org/3 https://example.org/4,",
    )
    truth = read_truth(path)
    assert [(each.site_id, each.unit_id, each.state, each.scored) for each in truth.spells] == [
        ("a", "bf1", KnownState.RUNNING, Scored.DAYS),
        ("b", None, KnownState.HALTED, Scored.WINDOWS),
    ]
    (turn,) = truth.turns
    assert (turn.turn, turn.start, turn.stop) == (Turn.RESTART, date(2022, 4, 6), date(2022, 4, 7))
    assert turn.note == "two of four furnaces"


def test_a_stop_known_to_the_month_keeps_its_range(tmp_path: Path) -> None:
    (turn,) = read_truth(written(tmp_path, "a,,stop,2022-04-01,2022-05-01,,doc,")).turns
    assert (turn.start, turn.stop) == (date(2022, 4, 1), date(2022, 5, 1))


def test_all_problems_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ",,running,2020-01-01,2021-01-01,,doc,",
        "a,,runing,2020-01-01,2021-01-01,,doc,",
        "a,,running,2020-01-01,,,doc,",
        "a,,halted,2021-01-01,2020-01-01,,doc,",
        "a,,stop,2020-13-01,,,doc,",
        "a,,stop,2020-12-01,,windows,doc,",
        "a,,running,2020-01-01,2021-01-01,,,",
        "a,,running,2020-01-01",
    )
    told = problems_of(path)
    assert [each.split(":")[0] for each in told] == [
        "line 2, site_id",
        "line 3, kind",
        "line 4, stop",
        "line 5, stop",
        "line 6, start",
        "line 7, scored",
        "line 8, source",
        "line 9",
    ]
    assert "did you mean 'running'?" in told[1]


def test_spells_that_overlap_are_refused_whatever_they_say(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a,,running,2020-01-01,2020-03-01,,doc,",
        "a,,halted,2020-02-01,2020-04-01,,doc,",
        "b,,running,2020-01-01,2020-03-01,,doc,",
        "c,,running,2020-01-01,2020-03-01,,doc,",
        "c,,running,2020-03-01,2020-04-01,,doc,",
    )
    assert [each.split(":")[0] for each in problems_of(path)] == ["line 3, start"]


def test_a_stop_inside_a_spell_is_refused_and_one_at_its_edge_is_not(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a,,running,2020-01-01,2020-03-01,,doc,",
        "a,,stop,2020-02-29,,,doc,",
        "b,,halted,2020-01-01,2020-03-01,,doc,",
        "b,,stop,2020-01-01,,,doc,",
        "b,,restart,2020-03-01,,,doc,",
    )
    assert [each.split(":")[0] for each in problems_of(path)] == ["line 3, start"]


def test_two_stops_without_a_restart_between_them_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a,,stop,2020-02-01,,,doc,", "a,,stop,2020-05-01,,,doc,")
    assert [each.split(":")[0] for each in problems_of(path)] == ["line 3, kind"]


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path)) == ["file: expected at least one row below the header, found none"]


def test_an_unknown_column_is_named_with_the_nearest_known(tmp_path: Path) -> None:
    told = problems_of(
        written(tmp_path, "a,running,2020-01-01,2021-01-01,doc", header="site_id,kind,start,stop,sourse")
    )
    assert any("did you mean 'source'?" in each for each in told)


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "evaluate.md"
    (example,) = re.findall(r"```csv\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "truth.csv").write_text(example, encoding="utf-8")
    truth = read_truth(tmp_path / "truth.csv")
    assert (len(truth.spells), len(truth.turns)) == (2, 2)


def test_the_truth_of_the_tests_names_a_public_source_for_every_row() -> None:
    truth = read_truth(Path(__file__).resolve().parents[1] / "data" / "truth.csv")
    sources = [spell.source for spell in truth.spells] + [turn.source for turn in truth.turns]
    assert all(part.startswith("https://") for source in sources for part in source.split())


@given(content=st.binary(max_size=300))
def test_any_bytes_give_a_truth_or_one_of_our_errors(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("truth") / "truth.csv"
    path.write_bytes(content)
    with pytest.raises(SatverifyError):
        read_truth(path)


CELL = st.text(max_size=12) | st.sampled_from(
    ["a", "running", "halted", "stop", "restart", "2020-01-01", "2020-02-01", "9999-12-31", "windows", "", "=1"]
)


@given(rows=st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=5))
def test_any_cells_give_a_truth_or_one_of_our_errors(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("truth")
    path = folder / "truth.csv"
    lines = [HEADER, *(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        truth = read_truth(path)
    except SatverifyError:
        return
    assert truth.site_ids
