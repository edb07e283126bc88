"""Order lists: what is right, what is wrong, and nothing but the project's own errors."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Site, Unit, UnitKind
from satverify.errors import InputError, SatverifyError
from satverify.registry.orders import check_orders, read_orders, write_orders

COLUMNS = "order_id,site_id,unit_id,start,stop,requirement,fraction,baseline_start,baseline_stop,source"
PLAIN = "o1,ts-1,ts-1-bf1,2021-11-15,2022-01-01,halt,,,,文件241"


def a_site(site_id: str) -> Site:
    kinds = {"bf1": UnitKind.BLAST_FURNACE, "bf2": UnitKind.BLAST_FURNACE, "coke": UnitKind.COKE_BATTERY}
    units = tuple(Unit(unit_id=f"{site_id}-{name}", site_id=site_id, kind=kind) for name, kind in kinds.items())
    return Site(site_id=site_id, name=site_id, outline=box(118, 39, 118.02, 39.02), units=units)


SITES = (a_site("ts-1"), a_site("hd-2"))


def written(folder: Path, *lines: str, header: str = COLUMNS, encoding: str = "utf-8") -> Path:
    path = folder / "orders.csv"
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


def problems(folder: Path, *lines: str, header: str = COLUMNS) -> list[str]:
    checked = check_orders(written(folder, *lines, header=header), SITES)
    return [str(problem).partition(": ")[2] for problem in checked.problems]


def suspicions(folder: Path, *lines: str) -> list[str]:
    checked = check_orders(written(folder, *lines), SITES)
    assert checked.problems == ()
    return [str(problem).partition(": ")[2] for problem in checked.warnings]


# ---------------------------------------------------------------------------------------------------- what is right


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_orders_are_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    cut = "o2,hd-2,,2022-01-01,2022-03-16,cut,0.3,2021-01-01,2021-03-16,"
    assert read_orders(written(tmp_path, PLAIN, cut, encoding=encoding), SITES) == (
        Order(
            order_id="o1",
            site_id="ts-1",
            unit_id="ts-1-bf1",
            start=date(2021, 11, 15),
            stop=date(2022, 1, 1),
            requirement=Requirement.HALT,
            source="文件241",
        ),
        Order(
            order_id="o2",
            site_id="hd-2",
            start=date(2022, 1, 1),
            stop=date(2022, 3, 16),
            requirement=Requirement.CUT,
            fraction=0.3,
            baseline_start=date(2021, 1, 1),
            baseline_stop=date(2021, 3, 16),
        ),
    )


def test_columns_may_stand_in_any_order_and_only_five_are_needed(tmp_path: Path) -> None:
    path = written(tmp_path, "halt,2021-11-20,2021-11-15,ts-1,o1", header="Requirement,stop,start,site_id, order_id ")
    (order,) = read_orders(path, SITES)
    assert (order.order_id, order.unit_id, order.days, order.source) == ("o1", None, 5, "")


def test_a_tolerance_is_read_where_its_column_is(tmp_path: Path) -> None:
    (order,) = read_orders(written(tmp_path, PLAIN + ",2.5", header=f"{COLUMNS},tolerance_days"), SITES)
    assert order.tolerance_days == 2.5


def test_quotes_blank_lines_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(f'{COLUMNS}\r\n\r\n{PLAIN[:-5]}"a ""b"",\r\nc"\r\n,,,,,,,,,\r\n'.encode())
    (order,) = read_orders(path, SITES)
    assert order.source == 'a "b",\r\nc'


def test_thousands_of_sliding_halts_do_not_contradict_each_other(tmp_path: Path) -> None:
    days = [date(2018, 1, 1) + timedelta(days=number % 1500) for number in range(6000)]
    lines = [
        f"o{n},ts-1,{'ts-1-bf1' if n % 2 else ''},{day},{day + timedelta(30)},halt,,,," for n, day in enumerate(days)
    ]
    assert len(read_orders(written(tmp_path, *lines), SITES)) == 6000


# ---------------------------------------------------------------------------------------------------- what is wrong


def test_all_problems_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        PLAIN,
        PLAIN,
        "o2,ts-3,,2021/11/15,2021-11-31,halts,,,,",
        "o3,ts-1,hd-2-bf1,2021-11-15,2021-11-15,halt,0.3,,,",
        "o4,ts-1,,2021-11-15,2021-12-15,cut,30,2020-11-15,,",
        "o5,ts-1,,2021-11-15",
        ",,,,,,,,,x",
    )
    with pytest.raises(InputError) as caught:
        read_orders(path, SITES)
    assert [str(problem).partition(": ")[2] for problem in caught.value.problems] == [
        "line 3, order_id: expected an id that occurs once, found 'o1', as on line 2",
        "line 4, site_id: expected the id of a listed site, found 'ts-3', did you mean 'ts-1'?",
        "line 4, start: expected a day written YYYY-MM-DD, such as 2021-11-15, found '2021/11/15'",
        "line 4, stop: expected a day written YYYY-MM-DD, such as 2021-11-15, found '2021-11-31'",
        "line 4, requirement: expected one of halt, cut, no_increase, exempt, found 'halts', did you mean 'halt'?",
        "line 5, unit_id: expected a unit of site ts-1, or nothing for the whole site, "
        "found 'hd-2-bf1', a unit of site hd-2",
        "line 5, stop: expected a day after start 2021-11-15 (the first day no longer in the window), found 2021-11-15",
        "line 5, fraction: expected nothing, since only a cut has one and this is halt, found '0.3'",
        "line 6, fraction: expected a part above 0 and up to 1 (for 30 % write 0.3), found 30.0",
        "line 6, baseline_stop: expected a day, found nothing",
        "line 7: expected 10 fields, as in the header, found 4",
        "line 8, order_id: expected a value, found nothing",
        "line 8, site_id: expected a value, found nothing",
        "line 8, start: expected a day, found nothing",
        "line 8, stop: expected a day, found nothing",
        "line 8, requirement: expected a value, found nothing",
    ]


@pytest.mark.parametrize("day", ["15.11.2021", "20211115", "2021-W46-1", "2021-11-15T00:00", "44515", "2021-1-5", "２０２１-11-15"])  # noqa: E501 # fmt: skip
def test_only_iso_days_are_days(tmp_path: Path, day: str) -> None:
    (problem,) = problems(tmp_path, f"o1,ts-1,,{day},2022-01-01,halt,,,,")
    assert "YYYY-MM-DD" in problem


@pytest.mark.parametrize("fraction", ["nan", "inf", "0", "-0.1", "1.01", "30%", "0,3", "x", "1_0"])
def test_only_parts_of_one_are_fractions(tmp_path: Path, fraction: str) -> None:
    found = problems(tmp_path, f'o1,ts-1,,2021-11-15,2022-01-01,cut,"{fraction}",2020-11-15,2021-01-01,')
    assert len(found) == 1
    assert found[0].startswith("line 2, fraction")


@pytest.mark.parametrize("requirement", ["cut", "no_increase"])
def test_what_is_compared_needs_a_baseline(tmp_path: Path, requirement: str) -> None:
    fraction = "0.3" if requirement == "cut" else ""
    assert problems(tmp_path, f"o1,ts-1,,2021-11-15,2022-01-01,{requirement},{fraction},,,") == [
        "line 2, baseline_start: expected a day, found nothing",
        "line 2, baseline_stop: expected a day, found nothing",
    ]


def test_a_baseline_that_ends_before_it_starts_is_an_error(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "o1,ts-1,,2021-11-15,2022-01-01,no_increase,,2021-01-01,2020-11-15,")
    assert problem.startswith("line 2, baseline_stop")


def test_a_window_of_more_than_ten_years_is_an_error(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "o1,ts-1,,0001-01-01,9999-12-31,halt,,,,")
    assert problem.endswith("line 2, stop: expected at most 3660 days after start 0001-01-01, found 9999-12-31")


def test_unknown_repeated_and_missing_columns_are_errors(tmp_path: Path) -> None:
    header = "order_id,site,unit_id,start,stop,stop,requirement"
    found = problems(tmp_path, "o,ts-1,,2021-01-01,2021-02-01,x,halt", header=header)
    assert [problem.partition(", found")[0][:60] for problem in found] == [
        "line 1, column 2: expected columns order_id, site_id, unit_i",
        "line 1, column 6: expected each column once",
        "line 1: expected a column site_id",
        "line 2, site_id: expected a value",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (COLUMNS.encode(), "at least one order"),
        (COLUMNS.replace(",", ";").encode() + b"\n", "separated by commas"),
        (COLUMNS.encode("utf-16"), "UTF-16"),
        (COLUMNS.encode() + b"\no1,ts-1,\xff\xff", "line 2: expected text in UTF-8 or GB18030, found byte 0xff"),
        (COLUMNS.encode() + b'\no1,"ts-1', "quotes closed"),
        (COLUMNS.encode() + b"\no1,ts-1,,2021-11-15,2022-01-01,halt,,,,a\x00b", "control characters"),
        (COLUMNS.encode() + b"\no\x001,ts-1,,2021-11-15,2022-01-01,halt,,,,", "control characters"),
        (COLUMNS.encode() + b"\n" + b"x" * 200_000 + b",,,,,,,,,", "field larger than field limit"),
    ],
)
def test_files_that_are_no_order_lists_are_told_apart(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_orders(path, SITES)


def test_rows_after_a_broken_one_are_still_checked(tmp_path: Path) -> None:
    found = problems(tmp_path, 'o1,"ts-1"x,,2021-11-15,2022-01-01,halt,,,,', "o2,ts-9,,2021-11-15,2022-01-01,halt,,,,")
    assert [problem.partition(":")[0] for problem in found] == ["line 2", "line 3, site_id"]


# ---------------------------------------------------------------------------------------------------- contradictions


def line(number: int, unit: str, start: str, stop: str, requirement: str) -> str:
    """An order in short: ``cut 0.3`` for a cut by 0.3."""
    word, _, fraction = requirement.partition(" ")
    baseline = "2020-01-01,2020-03-01" if word in {"cut", "no_increase"} else ","
    return f"o{number},ts-1,{unit},{start},{stop},{word},{fraction},{baseline},"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ts-1-bf1", "halt"), ("ts-1-bf1", "exempt")),
        (("", "halt"), ("", "exempt")),
        (("", "cut 0.3"), ("", "exempt")),
        (("ts-1-bf1", "no_increase"), ("ts-1-bf1", "exempt")),
        (("", "halt"), ("ts-1-bf1", "exempt")),
        (("", "exempt"), ("ts-1-bf1", "halt")),
        (("ts-1-bf1", "cut 0.3"), ("ts-1-bf1", "cut 0.5")),
        (("", "cut 0.3"), ("", "cut 0.31")),
    ],
)
def test_orders_that_cannot_both_be_obeyed_are_errors(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str]
) -> None:
    first = line(1, one[0], "2021-11-15", "2022-01-01", one[1])
    for lines in (
        [first, line(2, other[0], "2021-12-31", "2022-02-01", other[1])],
        [first, line(2, other[0], "2021-12-01", "2021-12-02", other[1])],
        [first, line(2, other[0], "2021-11-15", "2022-01-01", other[1])],
        [first, line(2, other[0], "2021-11-01", "2021-11-16", other[1])],
    ):
        (problem,) = problems(tmp_path, *lines)
        assert "no order that contradicts another on the same days" in problem
    assert problems(tmp_path, first, line(2, other[0], "2022-01-01", "2022-02-01", other[1])) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ts-1-bf1", "halt"), ("ts-1-bf2", "exempt")),
        (("ts-1-bf1", "halt"), ("ts-1-bf1", "cut 0.3")),
        (("", "halt"), ("ts-1-coke", "exempt")),
        (("", "cut 0.3"), ("ts-1-bf1", "exempt")),
        (("", "cut 0.3"), ("ts-1-bf1", "cut 0.5")),
        (("", "cut 0.3"), ("", "no_increase")),
        (("", "cut 0.3"), ("", "cut 0.3")),
        (("", "exempt"), ("", "exempt")),
    ],
)
def test_orders_that_leave_room_for_each_other_are_accepted(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str]
) -> None:
    lines = [line(number, unit, "2021-11-15", "2022-01-01", what) for number, (unit, what) in enumerate((one, other))]
    assert problems(tmp_path, *lines) == []


WINDOWS = st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from(["exempt", "halt", "cut 0.3", "cut 0.5"]))


@given(windows=st.lists(WINDOWS, max_size=12))
def test_the_sweep_names_exactly_the_orders_that_comparing_all_pairs_does(
    tmp_path_factory: pytest.TempPathFactory, windows: list[tuple[int, int, str]]
) -> None:
    def clash(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
        overlap = one[0] < other[0] + other[1] and other[0] < one[0] + one[1]
        exempts = (one[2] == "exempt") + (other[2] == "exempt")
        cuts = one[2].startswith("cut") and other[2].startswith("cut") and one[2] != other[2]
        return overlap and (exempts == 1 or cuts)

    origin = date(2021, 1, 1)
    folder = tmp_path_factory.mktemp("sweep")
    lines = [
        line(number, "ts-1-bf1", str(origin + timedelta(start)), str(origin + timedelta(start + days)), what)
        for number, (start, days, what) in enumerate(windows)
    ]
    numbers = sorted(range(len(windows)), key=lambda n: (windows[n][0], sum(windows[n][:2]), f"o{n}"))
    expected = {
        f"line {one + 2}"
        for place, one in enumerate(numbers)
        if any(clash(windows[one], windows[other]) for other in numbers[:place])
    }
    found = {problem.partition(":")[0] for problem in problems(folder, *lines)} if windows else set()
    assert found == expected


# ---------------------------------------------------------------------------------------------------- suspicions


def test_what_looks_like_a_slip_is_a_warning(tmp_path: Path) -> None:
    found = suspicions(
        tmp_path,
        "o1,ts-1,,1999-11-15,1999-12-01,halt,,,,",
        "o2,ts-1,,2020-11-15,2022-11-15,halt,,,,",
        "o3,ts-1,,2019-11-15,2020-01-01,halt,,2018-11-15,2019-01-01,",
        "o4,ts-1,,2018-11-15,2019-01-01,cut,0.3,2018-12-15,2019-01-15,",
    )
    assert [warning.partition(":")[0] for warning in found] == [
        "line 2, start",
        "line 3, stop",
        "line 4, baseline_start",
        "line 5, baseline_start",
    ]


# ---------------------------------------------------------------------------------------------------- writing

ID = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
SOURCE = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t\r=+-@'\""), max_size=12)
DAY = st.dates(date(1970, 1, 1), date(2100, 1, 1))


@st.composite
def order_lists(draw: st.DrawFn) -> list[Order]:
    orders = []
    for number, name in enumerate(draw(st.lists(ID, min_size=1, max_size=6, unique=True))):
        start = date(2000 + number, 1, 1)
        requirement = draw(st.sampled_from(Requirement))
        baseline = draw(DAY) if requirement in {Requirement.CUT, Requirement.NO_INCREASE} else None
        orders.append(
            Order(
                order_id=name,
                site_id="=1+1",
                unit_id=draw(st.sampled_from([None, "'@u"])),
                start=start,
                stop=start + timedelta(draw(st.integers(1, 300))),
                requirement=requirement,
                fraction=draw(st.floats(1e-9, 1)) if requirement is Requirement.CUT else None,
                baseline_start=baseline,
                baseline_stop=baseline + timedelta(draw(st.integers(1, 300))) if baseline else None,
                tolerance_days=draw(st.none() | st.floats(0, 1e6)),
                source=draw(SOURCE),
            )
        )
    return orders


@given(orders=order_lists())
def test_what_is_written_reads_back_the_same_and_holds_no_formula(
    tmp_path_factory: pytest.TempPathFactory, orders: list[Order]
) -> None:
    unit = Unit(unit_id="'@u", site_id="=1+1", kind=UnitKind.BLAST_FURNACE)
    sites = [Site(site_id="=1+1", name="x", outline=box(118, 39, 118.02, 39.02), units=(unit,))]
    path = tmp_path_factory.mktemp("round") / "orders.csv"
    write_orders(path, orders)
    assert list(read_orders(path, sites)) == orders
    for row in csv.reader(io.StringIO(path.read_bytes().decode(), newline="")):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)
    first = path.read_bytes()
    write_orders(path, read_orders(path, sites))
    assert path.read_bytes() == first


def an_order(**values: object) -> Order:
    given_values: dict[str, object] = {
        "order_id": "o1",
        "site_id": "ts-1",
        "start": date(2021, 11, 15),
        "stop": date(2022, 1, 1),
        "requirement": Requirement.HALT,
    }
    return Order(**(given_values | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "orders",
    [[an_order(), an_order()], [an_order(order_id="a\nb")], [an_order(site_id=" ts-1")], [an_order(source="a\x00")]],
)
def test_writing_refuses_what_could_not_be_read_back(tmp_path: Path, orders: Sequence[Order]) -> None:
    with pytest.raises(InputError, match="1 problem"):
        write_orders(tmp_path / "orders.csv", orders)
    assert list(tmp_path.iterdir()) == []


def test_the_tolerance_column_is_written_only_where_needed(tmp_path: Path) -> None:
    write_orders(tmp_path / "a.csv", [an_order()])
    write_orders(tmp_path / "b.csv", [an_order(tolerance_days=2.0)])
    assert (tmp_path / "a.csv").read_text().splitlines()[0] == COLUMNS
    assert (tmp_path / "b.csv").read_text().splitlines()[0] == f"{COLUMNS},tolerance_days"


# ---------------------------------------------------------------------------------------------------- anything at all


def only_our_errors(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            orders = read_orders(path, SITES)
        except SatverifyError:
            return
    assert all(isinstance(order, Order) for order in orders)


@given(content=st.binary(max_size=400))
def test_random_bytes_bring_nothing_but_our_errors(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "orders.csv"
    path.write_bytes(content)
    only_our_errors(path)
    path.write_bytes(COLUMNS.encode() + b"\n" + content)
    only_our_errors(path)


CELLS = st.text(max_size=12) | st.sampled_from(
    ["o1", "ts-1", "ts-1-bf1", "2021-11-15", "2022-01-01", "halt", "cut", "exempt", "0.3", "", '"', "nan", "9999-12-31"]
)


@given(rows=st.lists(st.lists(CELLS, min_size=8, max_size=12), max_size=6), quoted=st.booleans())
def test_random_rows_bring_nothing_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], quoted: bool
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "orders.csv"
    text = io.StringIO(newline="")
    text.write(f"{COLUMNS}\n")
    if quoted:
        csv.writer(text).writerows(rows)
    else:
        text.writelines(",".join(row) + "\n" for row in rows)
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    only_our_errors(path)
