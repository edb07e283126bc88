"""The fast parser and the exact one must cut every file into the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from satverify.errors import InputError
from satverify.sources import delimited
from satverify.sources.delimited import read_table
from satverify.sources.tables import Chunk, Column, RowLedger

COLUMNS = (Column(name="a", is_required=True), Column(name="b", also=("bee",)), Column(name="c"))
Rows = list[tuple[int, tuple[tuple[str, str], ...]]]


def rows_of(path: Path) -> tuple[Rows, RowLedger]:
    ledger = RowLedger()
    rows: Rows = []

    def convert(chunk: Chunk, _: RowLedger) -> None:
        texts = {name: text.to_pylist() for name, text in chunk.values.items()}
        for place, line in enumerate(chunk.lines):
            rows.append((int(line), tuple((name, values[place]) for name, values in sorted(texts.items()))))

    read_table(path, COLUMNS, ledger, lambda chunk, ledger: convert(chunk, ledger))
    return rows, ledger


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Path]:
    path = tmp_path_factory.mktemp("delimited") / "table.csv"

    def write(content: bytes) -> Path:
        path.write_bytes(content)
        return path

    return write


def test_line_numbers_are_those_of_the_file(file: Callable[[bytes], Path]) -> None:
    rows, ledger = rows_of(file(b"a,b\n1,2\n\n3,4\n5\n6,7,8\n9,10\n"))
    assert [line for line, _ in rows] == [2, 4, 7]
    assert [problem.where for problem in ledger.problems] == ["line 5", "line 6"]
    assert (ledger.rows_read, ledger.rows_left_out) == (5, 2)


def test_blank_lines_before_the_header_are_passed_over(file: Callable[[bytes], Path]) -> None:
    rows, _ = rows_of(file(b"\xef\xbb\xbf\r\n\r\na;b\r\n1;2\r\n"))
    assert rows == [(4, (("a", "1"), ("b", "2")))]


def test_line_numbers_hold_across_chunks(file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "CHUNK_BYTES", 64)
    lines = [b"broken" if number % 7 == 3 else b"%d,x" % number for number in range(2, 300)]
    rows, ledger = rows_of(file(b"a,b\n" + b"\n".join(lines)))
    assert all(dict(values)["a"] == str(line) for line, values in rows)
    assert len(rows) + ledger.rows_left_out == ledger.rows_read == 298
    assert ledger.problems[0].where == "line 3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "latin-1"])
def test_values_survive_their_encoding(file: Callable[[bytes], Path], encoding: str) -> None:
    word = "café" if encoding == "latin-1" else "钢铁，厂"
    rows, _ = rows_of(file(f"a,b\n{word},2\n".encode(encoding)))
    # Latin-1 is not told from GB18030 where the bytes are valid in both; what is plain text still is read right.
    assert dict(rows[0][1])["b"] == "2"
    if encoding != "latin-1":
        assert dict(rows[0][1])["a"] == word


def test_a_quote_left_open_costs_one_line(file: Callable[[bytes], Path]) -> None:
    rows, ledger = rows_of(file(b'a,b\n1,"2\n3,4\n5,6\n'))
    assert [line for line, _ in rows][-2:] == [3, 4]
    assert ledger.rows_read == 3


def test_missing_columns_are_named_with_the_nearest_found(file: Callable[[bytes], Path]) -> None:
    columns = (Column(name="latitude", is_required=True), Column(name="longitude", is_required=True))
    with pytest.raises(InputError, match="a column longitude, found no such column; the nearest is 'longitud'") as info:
        read_table(file(b"x,longitud\n1,2\n"), columns, RowLedger(), lambda chunk, _: chunk)
    assert len(info.value.problems) == 2


@pytest.mark.parametrize("content", ["a,b\n1,2\n".encode("utf-16"), b"PAR1\0\0\0"])
def test_what_is_no_text_is_refused(file: Callable[[bytes], Path], content: bytes) -> None:
    with pytest.raises(InputError, match="UTF-16 or a binary file"):
        rows_of(file(content))


def test_a_folder_or_an_absent_file_is_an_input_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(InputError, match="expected a readable file"):
            rows_of(path)


LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
FRAGMENTS = st.sampled_from(
    [
        b"",
        b"1",
        b" 2.5 ",
        b'"',
        b'""',
        b'"x"',
        b'"a,b"',
        b'x"y"',
        b'"x"y',
        b"'",
        b"\xff\xfe",
        b"\x85",
        b"\xc4\xe3",
        b"nan",
    ]
)
LINES = st.lists(st.one_of(FRAGMENTS, st.binary(max_size=6)), max_size=5).map(b",".join)


@given(lines=st.lists(st.tuples(LINES, LINE_ENDS), max_size=12))
@example(lines=[(b'1,"2', b"\n"), (b'3,4"', b"\n")])
@example(lines=[(b'1,"2"x,3', b"\r"), (b"", b"\r\n"), (b" ", b"\n")])
def test_both_parsers_agree_on_any_bytes(file: Callable[[bytes], Path], lines: list[tuple[bytes, bytes]]) -> None:
    content = b"".join(line + end for line, end in lines)
    assume(b"\0" not in content)  # refused as binary
    path = file(b"a,b,c\n" + content)
    quick = rows_of(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_scan", lambda path: (SCAN(path)[0], False))
        exact = rows_of(path)
    assert quick[0] == exact[0]
    assert quick[1].rows_read == exact[1].rows_read == len(quick[0]) + quick[1].rows_left_out
    assert [problem.where for problem in quick[1].problems] == [problem.where for problem in exact[1].problems]


SCAN = delimited._scan
