"""Daily sky: percent or refused, every row accounted for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.evidence import SKY_COLUMNS
from satverify.errors import InputError, SatverifyError
from satverify.sources.cloud_cover import Sky, read_sky

HEADER = "latitude,longitude,date,cloud_cover,snow_cm\n"
Read = Callable[[str | bytes], Sky]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    path = tmp_path_factory.mktemp("sky") / "cloud.csv"

    def write_and_read(content: str | bytes) -> Sky:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        sky = read_sky(path)
        assert sky.rows_read == sky.rows_kept + sky.rows_left_out + sky.duplicates + sky.conflicts
        assert sky.table.dtypes.astype(str).to_dict() == SKY_COLUMNS
        return sky

    return write_and_read


def test_a_row_comes_out_whole(read: Read) -> None:
    row = read(HEADER + "48.5,39.3,2018-01-01,96.3,2.5\n").table.iloc[0].to_dict()
    assert row == {
        "longitude": 39.3,
        "latitude": 48.5,
        "date": pd.Timestamp("2018-01-01"),
        "cloud_cover": 96.3,
        "snow_depth": 2.5,
    }


def test_what_is_not_told_stays_unknown(read: Read) -> None:
    table = read("latitude,longitude,date,cloud_cover\n48.5,39.3,2018-01-01,\n48.5,39.3,2018-01-02,NA\n").table
    assert table["cloud_cover"].isna().all()
    assert table["snow_depth"].isna().all()


@pytest.mark.parametrize("bad", ["48.5,39.3,2018-01-02,101,0", "48.5,39.3,2018-01-02,x,0", "x,39.3,2018-01-02,9,0"])
def test_a_bad_row_is_a_problem_with_its_line(read: Read, bad: str) -> None:
    sky = read(HEADER + f"48.5,39.3,2018-01-01,96.3,0\n{bad}\n")
    assert sky.rows_kept == 1
    assert sky.problems[0].where == "line 3"


def test_of_contradicting_rows_the_cloudier_is_kept(read: Read) -> None:
    sky = read(HEADER + "1,2,2018-01-01,20,0\n1,2,2018-01-01,90,0\n1,2,2018-01-01,20,0\n1,2,2018-01-01,,0\n")
    assert sky.table["cloud_cover"].tolist() == [90]
    assert (sky.duplicates, sky.conflicts) == (1, 2)


def test_fractions_are_refused(read: Read) -> None:
    rows = "".join(f"1,2,2018-01-{day:02d},{day / 40},0\n" for day in range(1, 32))
    with pytest.raises(InputError, match="these look like fractions; multiply by 100"):
        read(HEADER + rows)


def test_a_few_clear_days_are_not_taken_for_fractions(read: Read) -> None:
    assert read(HEADER + "1,2,2018-01-01,0.5,0\n1,2,2018-01-02,0,0\n").rows_kept == 2


def test_negative_snow_is_unknown_and_noted(read: Read) -> None:
    sky = read(HEADER + "1,2,2018-01-01,50,-9999\n")
    assert sky.table["snow_depth"].isna().all()
    assert sky.notes[0].where == "snow_depth"


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_our_own_error(read: Read, content: bytes) -> None:
    for head in (b"", HEADER.encode(), HEADER.encode() + b"1,2,2018-01-01,50,0\n"):
        try:
            read(head + content)
        except SatverifyError:
            continue


def test_the_real_sky_is_kept_whole(shared_data: Path) -> None:
    sky = read_sky(shared_data / "firms" / "ukraine_cloud_cover.csv")
    assert (sky.rows_kept, sky.problems, sky.notes) == (8_764, (), ())
    assert sky.table["snow_depth"].notna().all()
    assert sky.table.groupby(["longitude", "latitude"]).size().tolist() == [2_191] * 4
