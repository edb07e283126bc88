from __future__ import annotations

import contextlib
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.domain.notices import CityScope, Policy
from satverify.domain.policy import Requirement
from satverify.domain.sites import Rating, UnitKind
from satverify.errors import InputError, SatverifyError
from satverify.registry.policies import read_policy
from satverify.resources import resource_path

SHIPPED = resource_path("aoi", "policies") / "heating-season-2021-2022.toml"

CORE_CITIES = {
    "北京市 天津市",
    "石家庄市 唐山市 邯郸市 邢台市 保定市 沧州市 廊坊市 衡水市",
    "太原市 阳泉市 长治市 晋城市",
    "济南市 淄博市 济宁市 德州市 聊城市 滨州市 菏泽市",
    "郑州市 开封市 安阳市 鹤壁市 新乡市 焦作市 濮阳市",
}

SMALL = """
schema = "satverify/policy/1"
policy_id = "small"
title = "A small notice"
title_zh = "小通知"
document = "No. 1"
issued = 2021-10-01
issuers = []
start = 2021-11-15
stop = 2022-01-01

[[phases]]
phase_id = "only"
start = 2021-11-15
stop = 2022-01-01
baseline_start = 2020-11-15
baseline_stop = 2021-01-01
requires = "Cut."
requires_zh = "减产"

[[cities]]
name = "Tangshan"
name_zh = "唐山市"
province = "Hebei"
scope = "core"

[[ratings]]
rating = "C"
requirement = "cut"
text = "Cut."
text_zh = "减产"
"""


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return read_policy(SHIPPED)


def problems_of(text: str, folder: Path) -> list[str]:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_policy(path)
    return [f"{problem.where}: {problem.expected} / {problem.found}" for problem in caught.value.problems]


def test_the_shipped_notice_covers_the_two_and_twenty_six_cities(shipped: Policy) -> None:
    core = [city.name_zh for city in shipped.cities if city.scope is CityScope.CORE]
    assert sorted(core) == sorted(" ".join(CORE_CITIES).split())
    assert len(core) == 2 + 26
    included = {city.name for city in shipped.cities if city.scope is CityScope.INCLUDED}
    assert included == {"Xiong'an", "Dingzhou", "Xinji", "Jiyuan"}
    reference = {city.name for city in shipped.cities if city.scope is CityScope.REFERENCE}
    assert reference == {"Chengde", "Zhangjiakou", "Qinhuangdao", "Linfen", "Rizhao", "Linyi", "Weifang", "Tai'an"}


def test_the_shipped_phases_have_the_days_of_the_notice(shipped: Policy) -> None:
    first, second = shipped.phases
    assert ((first.stop - first.start).days, (second.stop - second.start).days) == (47, 74)
    assert (shipped.start, shipped.stop) == (first.start, second.stop) == (date(2021, 11, 15), date(2022, 3, 16))
    assert first.stop == second.start
    assert (second.baseline_start, second.baseline_stop) == (date(2021, 1, 1), date(2021, 3, 16))
    assert (first.regional_floor, second.regional_floor) == (None, 0.30)


def test_the_shipped_ratings_carry_no_ratio(shipped: Policy) -> None:
    asked = {rule.rating: rule.requirement for rule in shipped.ratings}
    assert asked == {
        Rating.A: Requirement.NO_INCREASE,
        Rating.B: Requirement.CUT,
        Rating.B_MINUS: Requirement.CUT,
        Rating.C: Requirement.CUT,
        Rating.D: Requirement.CUT,
    }
    assert "fraction" not in SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_notice_spares_coke_ovens_and_names_satellites(shipped: Policy) -> None:
    assert shipped.never_halted == {UnitKind.COKE_BATTERY}
    assert [clause.text_zh for clause in shipped.verification] == [
        "电量分析",
        "现场核查",
        "台账核查",
        "运输核查",
        "在线监测",
        "卫星遥感",
    ]
    assert {clause.code for clause in shipped.aggravations} == {
        "central_inspection",
        "capacity_look_back",
        "over_utilisation",
        "not_on_compliance_list",
    }
    assert shipped.rotation is not None
    assert shipped.rotation.allowed
    assert shipped.rotation.utilisation_limit == 1.0


def test_the_lunar_new_year_of_the_baseline_came_eleven_days_later(shipped: Policy) -> None:
    assert shipped.lunar_shift_days == 11


@pytest.mark.parametrize("name", ["Tangshan", "tangshan city", "唐山", "唐山市", " TANGSHAN "])
def test_a_city_is_found_however_it_is_written(shipped: Policy, name: str) -> None:
    city = shipped.city(name)
    assert city is not None
    assert city.name == "Tangshan"


@pytest.mark.parametrize("name", ["", "Xuzhou", "Tang", "City", "市"])
def test_other_places_are_not_covered(shipped: Policy, name: str) -> None:
    assert shipped.city(name) is None


def test_apostrophes_do_not_matter(shipped: Policy) -> None:
    assert shipped.city("Xiong’an New Area") == shipped.city("Xiongan") == shipped.city("雄安新区")
    assert shipped.city("Taian") is not None


def test_a_policy_sets_its_own_rule_of_verdicts(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL + "[verdict]\nprior_low = 0.1\ntolerance_days = 3\n", encoding="utf-8")
    verdict = read_policy(path).verdict
    assert (verdict.prior_low, verdict.tolerance_days, verdict.consistent_at) == (0.1, 3.0, None)


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    text = SMALL.replace('title_zh = "小通知"', 'title_zh = "小通知"\nissuer = "x"').replace("province", "provinse")
    problems = problems_of(text, tmp_path)
    assert any(line.startswith("issuer:") and "did you mean 'issuers'?" in line for line in problems)
    assert any(line.startswith("cities[1].provinse:") and "'province'?" in line for line in problems)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = (
        SMALL.replace("satverify/policy/1", "satverify/policy/9")
        .replace('rating = "C"', 'rating = "E"')
        .replace("stop = 2022-01-01\nbaseline", "stop = 2021-11-01\nbaseline")
        .replace('document = "No. 1"\n', "")
        .replace('scope = "core"', 'scope = "centre"')
    )
    where = {line.split(":")[0] for line in problems_of(text, tmp_path)}
    assert where == {"schema", "ratings[1].rating", "phases[1]", "document", "cities[1].scope"}


def test_phases_and_names_that_clash_are_told_together(tmp_path: Path) -> None:
    phase = SMALL[SMALL.index("[[phases]]") : SMALL.index("[[cities]]")]
    city = SMALL[SMALL.index("[[cities]]") : SMALL.index("[[ratings]]")]
    text = SMALL.replace("start = 2021-11-15\nstop = 2022-01-01\n\n", "start = 2021-11-20\nstop = 2022-01-01\n\n", 1)
    problems = problems_of(text + phase + city, tmp_path)
    assert len([line for line in problems if "days inside the season" in line]) == 2
    assert any("'only' 2 times" in line for line in problems)
    assert any("'tangshan' 2 times" in line for line in problems)


def test_phases_may_follow_one_another_or_leave_a_gap_but_not_overlap(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    later = text.replace("start = 2022-01-01\n", "start = 2022-01-02\n")
    (tmp_path / "gap.toml").write_text(later, encoding="utf-8")
    assert len(read_policy(tmp_path / "gap.toml").phases) == 2
    (problem,) = problems_of(text.replace("start = 2022-01-01\n", "start = 2021-12-31\n"), tmp_path)
    assert problem.startswith("phase phase-2: a start on or after 2022-01-01")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("utilisation_limit = 1.0", "utilisation_limit = 1.2"),
        ("regional_floor = 0.30", "regional_floor = 30"),
        ("baseline_stop = 2021-03-16", "baseline_stop = 2021-03-01"),
        ("baseline_stop = 2021-03-16", "baseline_stop = 2022-03-16"),
        ("allowed = true", 'allowed = "yes"'),
        ("issued = 2021-09-30", "issued = 2021-09-30T12:00:00"),
        ('never_halted = ["coke_battery"]', 'never_halted = ["coke_oven"]'),
        ("lunar_new_year = 2022-02-01", "lunar_new_year = 20220201"),
    ],
)
def test_each_number_and_day_is_checked(tmp_path: Path, line: str, wrong: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert line in text
    assert len(problems_of(text.replace(line, wrong), tmp_path)) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"a = [", b"a" * 10, b"\xb9\xa4 = \x80", b"a=" + b"[" * 5000]
)
def test_a_file_that_is_no_toml_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_policy(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        read_policy(tmp_path / "none.toml")


def test_a_policy_saved_by_a_chinese_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(SMALL.encode("gb18030"))
    assert read_policy(path).cities[0].name_zh == "唐山市"


KEYS = sorted({*tomllib.loads(SMALL), "verdict", "rotation", "never_halted", "processes", "notes", "phase_id", "x"})
VALUES = st.one_of(
    st.sampled_from(['"C"', '"cut"', "1", "-1", "nan", "inf", "true", "2021-11-15", "12:00:00", "[]", "{}", "1e400"]),
    st.sampled_from(["9" * 30, "[{}]", "[[1]]", '{ rating = "A" }', '[{ code = "a", text = "b", text_zh = "c" }]']),
    st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r'), max_size=9).map(lambda text: f'"{text}"'),
)


@given(lines=st.lists(st.tuples(st.sampled_from(KEYS), VALUES), max_size=6), at_end=st.booleans())
def test_random_files_raise_nothing_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]], at_end: bool
) -> None:
    drawn = "\n".join(f"{key} = {value}" for key, value in lines)
    path = tmp_path_factory.mktemp("policy") / "policy.toml"
    path.write_text(f"{SMALL}\n{drawn}" if at_end else f"{drawn}\n{SMALL}", encoding="utf-8")
    with contextlib.suppress(SatverifyError):
        read_policy(path)


@given(content=st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("policy") / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(SatverifyError):
        read_policy(path)
