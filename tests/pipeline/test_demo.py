from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely import box

from satverify.config import read_project
from satverify.domain.evidence import DETECTION_COLUMNS
from satverify.domain.findings import Finding, LookCount, Tier, Verdict
from satverify.domain.policy import Requirement
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.errors import InputError
from satverify.physics.utm import window_of
from satverify.pipeline.demo import DEMO_SCENARIO, compare, make_demo_project, simulated_scenes
from satverify.registry.orders import read_orders
from satverify.registry.sites import read_sites
from satverify.simulate.schedules import HALT_BEHAVIOURS
from satverify.simulate.season import Scenario, draw_season
from satverify.sources.cloud_cover import read_sky
from satverify.sources.firms import read_detections

SHORT = replace(DEMO_SCENARIO, days=(date(2021, 9, 1), date(2022, 1, 1)), first_order=None)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def finding(order_id: str, unit_id: str, verdict: Verdict) -> Finding:
    return Finding(
        finding_id=f"{order_id}/{unit_id}",
        order_id=order_id,
        site_id="s",
        unit_id=unit_id,
        requirement=Requirement.HALT,
        start=date(2021, 12, 1),
        stop=date(2021, 12, 31),
        verdict=verdict,
        p_met=0.5,
        p_met_range=(0.2, 0.8),
        running_days=None,
        longest_unseen_run_days=0,
        looks=LookCount(clear=3, hot=0, cold=3, unusable=0, by_sensor=(("viirs", 3),)),
        tier=Tier.NONE,
        q_value=None,
        reasons=(),
        alternatives=(),
    )


def test_the_readers_of_the_project_read_back_what_was_simulated(tmp_path: Path) -> None:
    made = make_demo_project(tmp_path, scenario=SHORT)
    project = read_project(made.file)
    sites = read_sites(tmp_path / "sites.geojson")
    assert project.simulated
    assert sites == made.sites
    assert read_orders(tmp_path / "orders.csv", sites) == made.season.orders
    read = read_detections(sorted((tmp_path / "firms").glob("*.csv")))
    order = list(DETECTION_COLUMNS)
    pd.testing.assert_frame_equal(
        read.table.sort_values(order, ignore_index=True),
        made.season.detections.drop_duplicates().sort_values(order, ignore_index=True),
    )
    assert read.problems == ()
    assert len(read_sky(tmp_path / "cloud.csv").table) == len(made.season.sky)
    (outage,) = made.season.outages
    assert [(given.satellite, given.days) for given in project.firms[0].outages] == [
        (outage.satellite, (outage.start, outage.stop))
    ]


def test_the_same_seed_gives_the_same_bytes_and_making_it_again_is_allowed(tmp_path: Path) -> None:
    make_demo_project(tmp_path / "a", scenario=SHORT, seed=5)
    first = contents(tmp_path / "a")
    make_demo_project(tmp_path / "b", scenario=SHORT, seed=5)
    make_demo_project(tmp_path / "a", scenario=SHORT, seed=5)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == first
    make_demo_project(tmp_path / "c", scenario=SHORT, seed=6)
    assert contents(tmp_path / "c") != first


def test_flags_of_another_winter_do_not_linger(tmp_path: Path) -> None:
    flags = tmp_path / "out" / "flags.jsonl"
    make_demo_project(tmp_path, scenario=SHORT, seed=5)
    flags.parent.mkdir()
    flags.write_text("{}\n", encoding="utf-8")
    make_demo_project(tmp_path, scenario=SHORT, seed=5)
    assert flags.exists()
    make_demo_project(tmp_path, scenario=SHORT, seed=6)
    assert not flags.exists()


def test_a_project_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "satverify.toml"
    file.write_text("[project]\n", encoding="utf-8")
    with pytest.raises(InputError, match="not a simulated project"):
        make_demo_project(tmp_path, scenario=SHORT)
    assert contents(tmp_path) == {"satverify.toml": b"[project]\n"}


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError):
        make_demo_project(tmp_path / "file" / "demo", scenario=SHORT)


def test_real_sites_lose_their_names_in_every_file(tmp_path: Path) -> None:
    real = Site(
        site_id="P100", name="Real Steel", name_zh="真实钢铁", city="Tangshan", outline=box(118, 39.5, 118.02, 39.52)
    )
    make_demo_project(tmp_path, sites=[real], scenario=SHORT)
    for name, content in contents(tmp_path).items():
        for trace in ("P100", "Real Steel", "真实", "Tangshan"):
            assert trace.encode() not in content, name


def test_no_sites_make_a_project_without_outlines_and_orders(tmp_path: Path) -> None:
    made = make_demo_project(tmp_path, sites=[], scenario=SHORT)
    assert made.season.orders == ()
    assert "area" not in made.file.read_text("utf-8")


def test_the_demonstration_shows_every_behaviour_inside_the_heating_season(tmp_path: Path) -> None:
    season = make_demo_project(tmp_path).season
    assert set(season.outcomes["behaviour"]) == set(HALT_BEHAVIOURS)
    assert all(date(2021, 11, 15) <= order.start < order.stop <= date(2022, 3, 16) for order in season.orders)


def test_verdicts_are_held_against_the_truth_of_their_own_unit(tmp_path: Path) -> None:
    season = make_demo_project(tmp_path, scenario=Scenario(days=SHORT.days)).season
    rows = list(season.outcomes.itertuples())
    met = next(row for row in rows if row.is_met)
    broken = next(row for row in rows if not row.is_met)
    right = finding(str(met.order_id), str(met.unit_id), Verdict.CONSISTENT)
    wrong = finding(str(broken.order_id), str(broken.unit_id), Verdict.CONSISTENT)
    open_ = replace(wrong, verdict=Verdict.UNDETERMINED)
    stranger = finding(str(met.order_id), "coke", Verdict.INCONSISTENT)
    blind = replace(open_, looks=replace(open_.looks, clear=0))
    found = compare([right, wrong, open_, stranger, blind], season)
    assert found.counts == {
        (True, Verdict.CONSISTENT): 1,
        (False, Verdict.CONSISTENT): 1,
        (False, Verdict.UNDETERMINED): 1,
    }
    assert found.wrong == (wrong,)
    assert (found.undecidable, found.untold) == (1, 1)
    assert compare([replace(right, verdict=Verdict.INCONSISTENT)], season).wrong


def test_scenes_of_a_simulated_project_are_of_its_own_works_and_sky(tmp_path: Path) -> None:
    made = make_demo_project(tmp_path, scenario=SHORT, seed=5)
    scenes, again = simulated_scenes(tmp_path), simulated_scenes(tmp_path)
    draw = draw_season(np.random.default_rng(5), made.sites, SHORT)
    assert scenes.sources is not None
    assert scenes.weather is not None
    np.testing.assert_array_equal(scenes.weather.synoptic, draw.weather.synoptic)
    west, south, east, north = made.sites[0].outline.bounds
    span = (datetime(2021, 11, 1, tzinfo=UTC), datetime(2021, 11, 12, tzinfo=UTC))
    (granule, *_) = scenes.granules("sentinel-2-l1c", (west, south, east, north), *span)
    grid = window_of(made.sites[0].outline, SENSORS["sentinel-2-l1c"])
    first, second = (provider.read(granule, ["B12"], grid)["B12"] for provider in (scenes, again))
    np.testing.assert_array_equal(first, second)


def test_a_project_that_nobody_simulated_has_no_simulated_scenes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="satverify demo"):
        simulated_scenes(tmp_path)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "scenario.json").write_text('{"seed": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="satverify demo"):
        simulated_scenes(tmp_path)
