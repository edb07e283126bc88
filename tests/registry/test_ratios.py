from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from satverify.domain.ratios import Ratio, Standing
from satverify.domain.sites import Rating, Site
from satverify.errors import InputError, SatverifyError
from satverify.registry.ratios import read_ratings, read_ratios, read_standings


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ratios_are_read_from_csv(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ratios.csv",
        "rating,phase_id,circumstance,fraction,source\nC,,,0.3,City plan\nB−,phase-2,over_utilisation,0.25,\n",
    )
    assert read_ratios(path).ratios == (
        Ratio(rating=Rating.C, fraction=0.3, source="City plan"),
        Ratio(rating=Rating.B_MINUS, fraction=0.25, phase_id="phase-2", circumstance="over_utilisation"),
    )


def test_ratios_and_standings_are_read_from_toml(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ratios.toml",
        """
        schema = "satverify/ratios/1"
        ratios = [{ rating = "C", fraction = 0.3 }]
        standings = [{ site_id = "a", code = "over_utilisation" }]
        """,
    )
    file = read_ratios(path)
    assert file.ratios == (Ratio(rating=Rating.C, fraction=0.3),)
    assert file.standings == (Standing(site_id="a", code="over_utilisation"),)


def test_all_problems_of_a_ratio_file_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "ratios.csv", "rating,fraction\nE,0.3\nC,30\nC,\nD,much\nC,0.3,0.4\n")
    with pytest.raises(InputError) as caught:
        read_ratios(path)
    lines = {problem.where.split(",")[0] for problem in caught.value.problems}
    assert lines == {"line 2", "line 3", "line 4", "line 5", "line 6"}


def test_a_percentage_is_no_fraction(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"outside \(0, 1\]"):
        read_ratios(written(tmp_path, "ratios.csv", "rating,fraction\nC,30\n"))


def test_an_unknown_column_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'fraction'"):
        read_ratios(written(tmp_path, "ratios.csv", "rating,fractoin\nC,0.3\n"))


def test_standings_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "standings.csv", "site_id,code,source\nP1,not_on_compliance_list,List of 2021\n")
    assert read_standings(path) == (Standing(site_id="P1", code="not_on_compliance_list", source="List of 2021"),)


def test_a_standing_needs_site_and_code(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_standings(written(tmp_path, "standings.csv", "site_id,code\n,x\ny,\n"))
    assert [problem.where for problem in caught.value.problems] == ["line 2, site_id", "line 3, code"]


CELLS = st.one_of(
    st.sampled_from(["rating", "fraction", "site_id", "code", "C", "B-", "0.3", "nan", "", '"', "-1", "1e999", "\x00"]),
    st.text(max_size=5),
)


@given(table=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), ending=st.sampled_from(["csv", "toml"]))
def test_random_tables_raise_nothing_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], ending: str
) -> None:
    text = "\n".join(",".join(row) for row in table)
    path = tmp_path_factory.mktemp("ratios") / f"table.{ending}"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    for read in (read_ratios, read_standings, lambda file: read_ratings(file, [])):
        with contextlib.suppress(SatverifyError):
            read(path)


def site(site_id: str, rating: Rating | None = None) -> Site:
    return Site(site_id=site_id, name=site_id, outline=box(118, 39, 118.01, 39.01), rating=rating)


def test_ratings_are_laid_over_those_of_the_sites(tmp_path: Path) -> None:
    path = written(tmp_path, "ratings.csv", "site_id,rating,source\na,B-,List of the province\nb,c,\n")
    rated = read_ratings(path, [site("a", Rating.D), site("b"), site("c", Rating.A)])
    assert [found.rating for found in rated] == [Rating.B_MINUS, Rating.C, Rating.A]


def test_ratings_of_unknown_sites_and_second_ratings_are_problems(tmp_path: Path) -> None:
    path = written(tmp_path, "ratings.csv", "site_id,rating\nworks-1,A\nworks-1,B\nworks-2,A\n,E\n")
    with pytest.raises(InputError) as caught:
        read_ratings(path, [site("works-1")])
    where = [problem.where for problem in caught.value.problems]
    assert where == ["line 3, site_id", "line 4, site_id", "line 5, site_id", "line 5, rating"]
    assert "did you mean 'works-1'?" in str(caught.value)
