"""FIRMS files as NASA gives them, as spreadsheets leave them, and as chance makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satverify.domain.evidence import DETECTION_COLUMNS
from satverify.errors import InputError, SatverifyError
from satverify.sources.firms import Detections, read_detections

TODAY = date(2026, 11, 1)
ARCHIVE = """\
latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,daynight,type
53.52415,9.90209,305.06,0.46,0.47,2023-01-03,0053,N,VIIRS,n,2,272.98,1.05,N,3
"""
Read = Callable[..., Detections]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("firms")

    def write_and_read(*contents: str | bytes) -> Detections:
        paths = [folder / f"{number}.csv" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = read_detections(paths, today=TODAY)
        assert found.rows_read == found.rows_kept + found.rows_left_out + found.duplicates + found.conflicts
        assert found.rows_kept == len(found.table)
        assert found.table.dtypes.astype(str).to_dict() == DETECTION_COLUMNS
        return found

    return write_and_read


def only_row(found: Detections) -> dict[str, Any]:
    assert len(found.table) == 1
    return {str(name): value for name, value in found.table.iloc[0].to_dict().items()}


def test_an_archive_row_comes_out_whole(read: Read) -> None:
    row = only_row(read(ARCHIVE))
    assert row == {
        "longitude": 9.90209,
        "latitude": 53.52415,
        "time": pd.Timestamp("2023-01-03 00:53", tz="UTC"),
        "utc_date": pd.Timestamp("2023-01-03"),
        "sensor": "viirs",
        "satellite": "N",
        "day_night": "N",
        "confidence": "nominal",
        "scan": 0.46,
        "track": 0.47,
        "fire_radiative_power": 1.05,
    }


def test_three_columns_are_enough(read: Read) -> None:
    found = read("latitude,longitude,acq_date\n47.1,37.6,2022-03-01\n")
    row = only_row(found)
    assert pd.isna(row["time"])
    assert pd.isna(row["fire_radiative_power"])
    assert (row["sensor"], row["satellite"], row["day_night"], row["confidence"]) == ("viirs", "", "", "")
    assert "taken as viirs" in found.notes[0].found
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("0053", 53), ("53", 53), ("00:53", 53), ("0:53:00", 53), ("0", 0), ("1302.0", 782), ("", None)],
)
def test_times_are_read_as_people_save_them(read: Read, text: str, minutes: int | None) -> None:
    time = only_row(read(f"latitude,longitude,acq_date,acq_time\n1,2,2023-01-03,{text}\n"))["time"]
    wanted = pd.NaT if minutes is None else pd.Timestamp("2023-01-03", tz="UTC") + pd.Timedelta(minutes, "min")
    assert time is wanted or time == wanted


@pytest.mark.parametrize(
    ("satellite", "sensor", "name"),
    [
        ("N", "viirs", "N"),
        ("1", "viirs", "N20"),
        ("N20", "viirs", "N20"),
        ("NOAA-21", "viirs", "N21"),
        ("2", "viirs", "N21"),
        ("Suomi NPP", "viirs", "N"),
        ("T", "modis", "Terra"),
        ("Aqua", "modis", "Aqua"),
    ],
)
def test_satellites_get_one_name_and_bring_their_sensor(read: Read, satellite: str, sensor: str, name: str) -> None:
    row = only_row(read(f"latitude,longitude,acq_date,satellite\n1,2,2024-01-03,{satellite}\n"))
    assert (row["sensor"], row["satellite"]) == (sensor, name)


def test_without_satellite_the_brightness_column_tells_the_sensor(read: Read) -> None:
    assert only_row(read("latitude,longitude,brightness,acq_date\n1,2,300,2024-01-03\n"))["sensor"] == "modis"


@pytest.mark.parametrize(
    ("told", "word"),
    [("l", "low"), ("High", "high"), ("29", "low"), ("30", "nominal"), ("79", "nominal"), ("80", "high"), ("", "")],
)
def test_confidence_becomes_one_of_three_words(read: Read, told: str, word: str) -> None:
    assert only_row(read(f"latitude,longitude,acq_date,confidence\n1,2,2024-01-03,{told}\n"))["confidence"] == word


@pytest.mark.parametrize(
    ("longitude", "latitude", "moment", "wanted"),
    [
        (116.4, 39.9, "2022-01-15,1730", "N"),
        (116.4, 39.9, "2022-01-15,0530", "D"),
        (0.0, 70.0, "2022-06-21,0000", "D"),  # midnight sun
        (0.0, 70.0, "2022-12-21,1200", "N"),  # polar night
    ],
)
def test_day_or_night_follows_the_sun_where_not_told(
    read: Read, longitude: float, latitude: float, moment: str, wanted: str
) -> None:
    found = read(f"longitude,latitude,acq_date,acq_time\n{longitude},{latitude},{moment}\n")
    assert only_row(found)["day_night"] == wanted


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("abc,2,2023-01-03,0053,N", "a latitude between -90 and 90"),
        ("nan,2,2023-01-03,0053,N", "a latitude between -90 and 90"),
        ("1,181,2023-01-03,0053,N", "a longitude between -180 and 180"),
        ("1,inf,2023-01-03,0053,N", "a longitude between -180 and 180"),
        ("1,2,2023-02-29,0053,N", "an acq_date such as"),
        ("1,2,,0053,N", "an acq_date such as"),
        ("1,2,03/01/2023,0053,N", "an acq_date such as"),
        ("1,2,2023-01-03,2460,N", "an acq_time between"),
        ("1,2,2023-01-03,-5,N", "an acq_time between"),
        ("1,2,2026-11-02,0053,N", "a date that is not in the future"),
        ("1,2,2010-01-03,0053,N", "a date after the satellite's launch"),
        ("1,2,2023-01-03,0053,GOES-16", "a satellite among"),
        ("1,2,2023-01-03,0053", "5 fields"),
    ],
)
def test_a_bad_row_is_a_problem_with_its_line_and_does_not_stop_the_rest(read: Read, row: str, complaint: str) -> None:
    found = read(f"latitude,longitude,acq_date,acq_time,satellite\n1,2,2023-01-03,0053,N\n{row}\n")
    assert found.rows_kept == 1
    assert [(problem.file, problem.where) for problem in found.problems] == [("0.csv", "line 3")]
    assert found.problems[0].expected.startswith(complaint)


def test_an_instrument_must_fit_its_satellite(read: Read) -> None:
    text = "latitude,longitude,acq_date,satellite,instrument\n1,2,2023-01-03,N,VIIRS\n1,2,2023-01-03,N,MODIS\n"
    assert "instrument its satellite carries" in read(text).problems[0].expected


def test_a_file_of_bad_rows_alone_is_refused(read: Read) -> None:
    with pytest.raises(InputError, match="none of 2 detection rows is usable") as info:
        read("latitude,longitude,acq_date\n1,2,x\n95,2,2023-01-01\n")
    assert [problem.where for problem in info.value.problems] == ["line 2", "line 3"]


def test_problems_are_counted_beyond_those_kept(read: Read) -> None:
    found = read(ARCHIVE + "x,9.9,,,,2023-01-03,0053,N,VIIRS,n,2,,,N,3\n" * 1500)
    assert (found.rows_left_out, len(found.problems)) == (1500, 1000)


def test_missing_columns_of_all_files_are_told_at_once(read: Read) -> None:
    with pytest.raises(InputError) as info:
        read("latitude,lon,when\n1,2,3\n", "a,b\n1,2\n")
    assert [(problem.file, problem.expected) for problem in info.value.problems] == [
        ("0.csv", "a column acq_date"),
        ("1.csv", "a column latitude"),
        ("1.csv", "a column longitude"),
        ("1.csv", "a column acq_date"),
    ]


@pytest.mark.parametrize("content", ["", "latitude,longitude,acq_date\n", "\n\n"])
def test_an_empty_file_gives_an_empty_table(read: Read, content: str) -> None:
    assert read(content).rows_read == 0


def test_no_files_give_an_empty_table(read: Read) -> None:
    assert read().table.empty


def test_exact_repeats_are_dropped_and_counted(read: Read) -> None:
    found = read(ARCHIVE, ARCHIVE + ARCHIVE.splitlines()[1])
    assert (found.rows_kept, found.duplicates, found.conflicts) == (1, 2, 0)


@pytest.mark.parametrize("moved", ["53.52480,9.90160", "53.52350,9.90250", "53.52420,9.90280", "53.52415,9.90209"])
def test_the_archive_replaces_near_real_time_even_where_it_moved_a_little(read: Read, moved: str) -> None:
    real_time = ARCHIVE.replace("53.52415,9.90209", moved).replace(",2,272.98,1.05", ",2.0NRT,272.98,1.31")
    elsewhere = ARCHIVE.replace("53.52415", "53.53000").replace(",2,272", ",2.0NRT,272")
    for order in ((ARCHIVE, real_time, elsewhere), (elsewhere, real_time, ARCHIVE)):
        found = read(*order)
        assert (found.rows_kept, found.duplicates, found.conflicts) == (2, 0, 1)
        assert found.table["fire_radiative_power"].tolist() == [1.05, 1.05]
        assert found.table["latitude"].tolist() == [53.52415, 53.53]


def test_a_row_with_a_time_replaces_the_same_detection_without(read: Read) -> None:
    found = read(ARCHIVE, "latitude,longitude,acq_date,satellite\n53.52415,9.90209,2023-01-03,N\n")
    assert (found.rows_kept, found.conflicts) == (1, 1)
    assert only_row(found)["time"] == pd.Timestamp("2023-01-03 00:53", tz="UTC")


def test_of_two_contradicting_rows_the_stronger_is_kept(read: Read) -> None:
    found = read(ARCHIVE + ARCHIVE.splitlines()[1].replace(",1.05,", ",3.5,"))
    assert (found.rows_kept, found.conflicts) == (1, 1)
    assert only_row(found)["fire_radiative_power"] == 3.5


def test_two_satellites_at_one_place_and_time_are_two_detections(read: Read) -> None:
    assert read(ARCHIVE, ARCHIVE.replace(",N,VIIRS", ",1,VIIRS")).rows_kept == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "latin-1"])
def test_encodings_delimiters_quotes_and_line_ends_make_no_difference(read: Read, encoding: str) -> None:
    remark = "café" if encoding == "latin-1" else "首钢"
    lines = [line + end for line, end in zip(ARCHIVE.split(), [",remark", f",{remark}"], strict=True)]
    plain = "\n".join(lines)
    quoted = "\r\n".join(";".join(f'"{field}"' for field in line.split(",")) for line in lines) + "\r\n"
    for text in (plain, quoted, quoted.replace(";", "\t")):
        pd.testing.assert_frame_equal(read(text.encode(encoding)).table, read(ARCHIVE).table)


def test_a_decimal_comma_is_understood_where_the_delimiter_is_none(read: Read) -> None:
    row = only_row(read("latitude;longitude;acq_date\n53,5;9,25;2023-01-03\n"))
    assert (row["latitude"], row["longitude"]) == (53.5, 9.25)


def test_the_order_of_rows_and_files_makes_no_difference(read: Read) -> None:
    rng = np.random.default_rng(1)
    rows = [
        f"{lat:.2f},{lon:.2f},2023-01-{day:02d},{minute},{satellite}"
        for lat, lon, day, minute, satellite in zip(
            rng.uniform(50, 50.2, 300),
            rng.uniform(6, 6.2, 300),
            rng.integers(1, 4, 300),
            rng.choice(["", "10", "1230"], 300),
            rng.choice(["N", "N20", ""], 300),
            strict=True,
        )
    ]
    header = "latitude,longitude,acq_date,acq_time,satellite\n"
    first = read(header + "\n".join(rows))
    shuffled = [rows[place] for place in rng.permutation(300)]
    second = read(header + "\n".join(shuffled[:100]), header + "\n".join(shuffled[100:]))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.table["utc_date"].is_monotonic_increasing


VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "90", "-181", "nan", "2023-01-03", "20230103", "0053", "N", "1", "VIIRS", "n", '"', "\n"]
    ),
    st.text(max_size=8),
)


@given(rows=st.lists(st.lists(VALUES, min_size=1, max_size=6).map(",".join), max_size=8))
def test_any_rows_are_accounted_for_or_refused_by_our_own_error(read: Read, rows: list[str]) -> None:
    header = "latitude,longitude,acq_date,acq_time,satellite,frp"
    text = "\n".join([header, "1,2,2023-01-03,0053,N,1", *rows])
    try:
        found = read(text.encode("utf-8", "surrogatepass"))
    except SatverifyError:
        return
    assert found.rows_kept >= 1


@given(content=st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused_by_our_own_error(read: Read, content: bytes) -> None:
    for head in (b"", b"latitude,longitude,acq_date\n"):
        try:
            read(head + content)
        except SatverifyError:
            continue


def test_every_row_of_the_real_files_is_kept(shared_data: Path) -> None:
    paths = [path for path in (shared_data / "firms").glob("*.csv") if path.name.startswith(("ger", "tur", "ukr"))]
    paths = [path for path in paths if "cloud" not in path.name]
    found = read_detections(paths, today=TODAY)
    assert (found.rows_read, found.rows_kept, found.problems, found.notes) == (74_436, 74_436, (), ())
    assert sorted(found.table["satellite"].unique()) == ["", "N", "N20", "N21"]
    timed = found.table["time"].notna()
    assert timed.sum() == 7_731
    assert (found.table.loc[timed, "day_night"] != "").all()


def test_the_sun_agrees_with_nasa_on_day_and_night(shared_data: Path, tmp_path: Path) -> None:
    differing = 0
    for path in sorted((shared_data / "firms").glob("[gt]*.csv")):
        bare = tmp_path / path.name
        pd.read_csv(path, dtype=str).drop(columns="daynight").to_csv(bare, index=False)
        told, computed = read_detections([path], today=TODAY), read_detections([bare], today=TODAY)
        differing += int((told.table["day_night"] != computed.table["day_night"]).sum())
    assert differing <= 2  # of 7,731: Hamburg on a June morning, the sun within a degree of the horizon
