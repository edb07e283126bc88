"""Before a season: overpasses over the window, the units that can be judged, and what history says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from satverify.archive import Archive
from satverify.config import read_project
from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.sites import Unit, UnitKind
from satverify.errors import InputError
from satverify.pipeline import power
from satverify.pipeline.power import FALSE_HEAT, SEEN_ENOUGH, UnitPower, season_power
from satverify.pipeline.project import Project
from satverify.pipeline.tables import parquet_bytes
from satverify.simulate.weather import Climate, draw_weather
from tests.pipeline import archived
from tests.pipeline.archived import L1C
from tests.verification.looks import looks_of

SITE, OTHER = archived.works(), archived.works("x", archived.EAST + 0.1)
WEEK = (date(2022, 1, 3), date(2022, 1, 10))
PASS_DAY = (date(2022, 1, 4), date(2022, 1, 5))
"""One pass of Sentinel-2."""
MODEL = archived.simple_model()
SEASONS = 6


def project_of(folder: Path, *sites: object, orders: str = "") -> Project:
    given = tuple(sites) or (SITE,)
    return read_project(archived.write_project(folder, given, Archive(folder / "archive"), orders=orders))  # type: ignore[arg-type]


def foreseen(project: Project, **options: object) -> list[UnitPower]:
    given: dict[str, object] = {"days": WEEK, "seasons": SEASONS} | options
    return list(season_power(project, MODEL, **given))  # type: ignore[arg-type]


def remember(project: Project, unit_id: str, p_detect: float, *, looks: int = SEEN_ENOUGH) -> None:
    """An earlier run's looks at one unit."""
    table = looks_of(["cold"] * looks + ["none"] * 5, sensor=L1C).assign(unit_id=unit_id, p_detect=p_detect)
    project.outputs.mkdir(exist_ok=True)
    (project.outputs / "looks.parquet").write_bytes(parquet_bytes(table.astype(LOOK_COLUMNS), LOOK_COLUMNS))


def test_every_furnace_is_told_what_its_looks_would_catch(tmp_path: Path) -> None:
    found = foreseen(project_of(tmp_path))
    assert [(each.site_id, each.unit_id, each.window) for each in found] == [
        ("w", "w:bf1", WEEK),
        ("w", "w:bf2", WEEK),
    ]
    for each in found:
        assert tuple(each.foresight.caught) == (1, 2, 3, 4, 5, 7)
        assert each.p_detect == {L1C: 0.95}
        assert each.from_history == ()
        assert each.foresight.accused == 0.0


def test_a_clearer_sky_gives_more_looks(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    few, many = (
        foreseen(project, days=PASS_DAY, seasons=30, climate=Climate(clear_in_winter=clear))[0].foresight.clear_looks[
            L1C
        ]
        for clear in (0.1, 0.9)
    )
    assert few < 0.5 * many
    assert many > 0.6  # of one pass that day


def test_windows_are_those_of_the_orders_where_none_is_given(tmp_path: Path) -> None:
    orders = "o1,w,,2022-01-03,2022-01-10,halt,,,,doc\no2,w,,2022-02-01,2022-02-08,halt,,,,doc\n"
    found = foreseen(project_of(tmp_path, SITE, OTHER, orders=orders), days=None)
    assert {(each.site_id, each.window[0]) for each in found} == {("w", WEEK[0]), ("w", date(2022, 2, 1))}


def test_a_sites_numbers_do_not_depend_on_who_else_is_looked_at(tmp_path: Path) -> None:
    project = project_of(tmp_path, SITE, OTHER)
    alone, both = foreseen(project, chosen=["x"]), foreseen(project)
    assert [each.site_id for each in alone] == ["x", "x"]
    assert alone == [each for each in both if each.site_id == "x"]
    assert any(foreseen(project, chosen=["x"], seed=seed) != alone for seed in (7, 8, 9))  # so few seasons may agree


def test_missing_windows_and_unknown_sites_are_said_at_once(tmp_path: Path) -> None:
    """Before anything is drawn: what is printed of the first sites would else be all there is to see."""
    orders = "o1,x,,2022-01-03,2022-01-10,halt,,,,doc\n"
    project = project_of(tmp_path, SITE, OTHER, orders=orders)
    with pytest.raises(InputError, match=r"satverify\.toml: no order names a window; give one with --days"):
        season_power(project, MODEL, chosen=["w"])
    with pytest.raises(InputError, match=r"sites\.geojson: no site is called nowhere"):
        season_power(project, MODEL, days=WEEK, chosen=["w", "nowhere"])


def test_a_units_own_history_takes_the_place_of_its_kinds(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    remember(project, "w:bf1", 0.6)
    own, kind = foreseen(project)
    assert (own.p_detect, own.from_history) == ({L1C: 0.6}, (L1C,))
    assert (kind.p_detect, kind.from_history) == ({L1C: 0.95}, ())


def test_a_short_history_is_none(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    remember(project, "w:bf1", 0.6, looks=SEEN_ENOUGH - 1)
    assert foreseen(project)[0].from_history == ()


def test_a_unit_under_a_closed_roof_is_listed_and_never_caught_and_never_cleared(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    remember(project, "w:bf1", 2 * FALSE_HEAT)
    hidden, plain = foreseen(project, climate=Climate(clear_in_winter=0.95))
    assert (hidden.unit_id, hidden.p_detect, hidden.from_history) == ("w:bf1", {}, (L1C,))
    assert (hidden.foresight.cleared, hidden.foresight.shortest_caught(0.01)) == (0.0, None)
    assert tuple(hidden.foresight.caught) == tuple(plain.foresight.caught)


def test_coke_ovens_are_never_ordered_to_halt(tmp_path: Path) -> None:
    ovens = Unit(
        unit_id="w:coke", site_id="w", kind=UnitKind.COKE_BATTERY, footprint=SITE.units[1].footprint,
        footprint_status=SITE.units[1].footprint_status,
    )  # fmt: skip
    found = foreseen(project_of(tmp_path, replace(SITE, units=(SITE.units[0], ovens))))
    assert {each.unit_id for each in found} == {"w:bf1"}


def test_a_sensor_that_the_project_does_not_name_is_not_counted_on(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    (source,) = project.sentinelhub
    other = replace(project, sentinelhub=(replace(source, sensors=("sentinel-5p-no2",)),))
    assert foreseen(other) == []


@pytest.mark.parametrize("sensor", [L1C, "landsat-ot-l1", "sentinel-3-slstr", power.VIIRS])
def test_overpasses_are_in_the_window_and_in_order(sensor: str) -> None:
    begin, end = datetime(2022, 1, 2, 16, tzinfo=UTC), datetime(2022, 2, 1, 16, tzinfo=UTC)
    times = power._overpasses(sensor, (archived.EAST, archived.NORTH), begin, end)
    assert (np.diff(times) >= np.timedelta64(0, "s")).all()
    assert times.min() >= np.datetime64("2022-01-02T16:00:00")
    assert times.max() < np.datetime64("2022-02-01T16:00:00")
    local = pd.DatetimeIndex(times).hour + pd.DatetimeIndex(times).minute / 60 + archived.EAST / 15
    hour = np.asarray(local) % 24
    usual = {L1C: (9.5, 11.8), "landsat-ot-l1": (9.5, 11.8), "sentinel-3-slstr": (20.5, 23.9)}
    if sensor in usual:
        assert ((hour > usual[sensor][0]) & (hour < usual[sensor][1])).all()
    least, most = {L1C: (6, 13), "landsat-ot-l1": (3, 9), "sentinel-3-slstr": (25, 62), power.VIIRS: (90, 240)}[sensor]
    assert least <= times.size <= most  # in 30 days


def test_looks_are_counted_on_the_sites_days(tmp_path: Path) -> None:
    """A night pass at 18 UTC is already the next day of the site, eight hours ahead."""
    sky = power._Sky(site=SITE, window=WEEK, timezone="Asia/Shanghai", skies=(draw_weather(np.random.default_rng(1)),))
    looks = sky.looks(power.VIIRS, 0.5, has_history=False)
    assert set(looks.day) == set(range(7))
    assert looks.is_clear.shape == (1, looks.day.size)
    assert (np.diff(looks.day) >= 0).all()
