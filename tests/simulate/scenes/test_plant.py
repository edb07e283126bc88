from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from scipy import constants

from satverify.domain.sites import UnitKind
from satverify.physics.utm import project
from satverify.simulate.layout import layout_of
from satverify.simulate.scenes.frames import Pixels, UtmFrame
from satverify.simulate.scenes.heat import hot_pixels, sources_of, steam_vents, units_at_work
from satverify.simulate.scenes.plant import Plant, heat_of_plant, plant_of, vents_of_plant, working_units
from satverify.simulate.scenes.sources import HeatSources, glow_near
from satverify.simulate.training import training_season
from satverify.simulate.truth import levels_at
from tests.simulate.scenes.made import PLACE, winter
from tests.simulate.works_at import works_at

NOON = datetime(2022, 1, 15, 3, tzinfo=UTC).timestamp()
METRES = 111_200.0


def plant(*, grounded: bool = True) -> Plant:
    draw = winter()
    layout = layout_of(draw.works[0].site, 7) if grounded else None
    return plant_of(draw.works[0], draw.machinery[0], layout)


def sources(number: int = 1) -> HeatSources:
    draw = winter()
    layouts = [layout_of(one.site, 7) for one in draw.works]
    return sources_of(
        draw.works * number,
        draw.schedules * number,
        draw.scenario.days[0],
        draw.scenario.timezone,
        machinery=draw.machinery * number,
        layouts=layouts * number,
    )


def block(size: float, reach: int, place: tuple[float, float] = PLACE) -> Pixels:
    x, y = (float(part) for part in project(32650, *place))
    columns, rows = (int(part // size) + np.arange(-reach, reach + 1) for part in (x, y))
    return Pixels(frame=UtmFrame(epsg=32650), size=(size, size), columns=columns[None, :], rows=rows[:, None])


def test_every_machine_stands_on_the_ground_of_its_unit() -> None:
    layout = layout_of(winter().works[0].site, 7)
    for _, placed in plant().kinds:
        for each in placed:
            ground = layout.grounds[each.machine.unit_id]
            scale = METRES * np.array([np.cos(np.radians(layout.middle[1])), 1.0])
            places = (np.stack([each.longitude, each.latitude], axis=1) - np.array(layout.middle)) * scale
            assert shapely.contains_xy(shapely.buffer(ground, 0.1), places).all()
            assert each.room == pytest.approx(ground.area)
            extent = np.ptp(places, axis=0).max()
            assert extent > 0.4 * np.sqrt(ground.area)  # spread over it, not in a heap


def test_without_a_layout_furnaces_stand_where_the_detections_have_their_heat() -> None:
    works = winter().works[0]
    furnaces = next(placed for kind, placed in plant(grounded=False).kinds if kind is UnitKind.BLAST_FURNACE)
    for row, each in enumerate(furnaces):
        mine = works.spots.source == row
        north = METRES * (each.latitude.mean() - works.middle[1])
        assert north == pytest.approx(1000 * works.spots.north[mine].mean(), abs=60)


def test_all_power_of_the_parts_falls_in_pixels_of_any_size() -> None:
    whole = glow_near(sources(), block(20.0, 150), NOON, 3)
    watt = constants.sigma * (whole.area * whole.temperature**4).sum()
    heat, ambient = heat_of_plant(sources().plants[0], NOON, 3)
    assert watt == pytest.approx(constants.sigma * (heat.area * heat.temperature**4).sum())
    assert np.all(whole.ambient == ambient)
    sent = []
    for size, reach in ((20.0, 150), (30.0, 100), (500.0, 8), (1000.0, 5)):
        hot = hot_pixels(sources(), block(size, reach), NOON, 3)
        assert hot is not None
        sent.append(hot.radiance(2.2).sum() * size * size)
        assert hot.share.sum() * size * size == pytest.approx(whole.area.sum())
    np.testing.assert_allclose(sent, sent[0], rtol=1e-3)  # what the blur leaves beyond its reach


def test_part_of_a_block_holds_the_same_heat_to_the_last_bit() -> None:
    large, small = block(20.0, 120), block(20.0, 40)
    images = []
    for pixels in (large, small):
        hot = hot_pixels(sources(), pixels, NOON, 3)
        assert hot is not None
        images.append(dict(zip(hot.key.tolist(), hot.radiance(1.61).tolist(), strict=True)))
    rows, columns = small.rows[2:-2, 0], small.columns[0, 2:-2]
    inside = {int(row) << 32 | int(column) for row in rows for column in columns}
    shared = inside & images[1].keys()
    assert len(shared) > 20
    assert all(images[0][key] == images[1][key] for key in shared)


def test_works_far_away_are_not_asked() -> None:
    assert hot_pixels(sources(), block(20.0, 50, (118.4, 39.5)), NOON, 3) is None
    assert steam_vents(sources(), NOON, 3, near=block(20.0, 50, (118.4, 39.5)))[0].size == 0


def test_the_same_moment_is_the_same_for_everybody_and_another_is_not() -> None:
    one, two = plant(), plant()
    np.testing.assert_array_equal(heat_of_plant(one, NOON, 3)[0].area, heat_of_plant(two, NOON, 3)[0].area)
    assert not np.array_equal(heat_of_plant(one, NOON, 3)[0].area, heat_of_plant(one, NOON + 3600, 3)[0].area)
    assert not np.array_equal(heat_of_plant(one, NOON, 3)[0].area, heat_of_plant(one, NOON, 4)[0].area)


def test_works_steam_at_places_of_their_own() -> None:
    longitude, latitude, strength = steam_vents(sources(), NOON, 3)
    assert longitude.size == latitude.size == strength.size == 2 * 2 + 1  # two furnaces, and a battery
    assert np.all((strength >= 0) & (strength <= 1))
    assert strength.max() > 0
    near = steam_vents(sources(), NOON, 3, near=block(20.0, 50))
    np.testing.assert_array_equal(near[2], vents_of_plant(sources().plants[0], NOON, 3)[2])
    assert np.hypot(*(np.stack([longitude, latitude]) - np.array(PLACE)[:, None])).max() < 0.05


def test_units_are_at_work_where_the_truth_says_so() -> None:
    site = works_at("s", (118.0, 39.5), 9000, 2)
    draw = training_season(np.random.default_rng(4), [site], (winter().scenario.days[0], winter().scenario.days[1]))
    made = sources_of(
        draw.works, draw.schedules, draw.scenario.days[0], draw.scenario.timezone, machinery=draw.machinery
    )
    for day in range(0, 140, 7):
        seconds = datetime(2021, 11, 2, 3, tzinfo=UTC).timestamp() + 86_400.0 * day
        times = np.array([seconds]).astype("datetime64[s]")
        level = levels_at(draw, "s", ["s:bf0", "s:bf1", "s:coke"], times)[:, 0]
        at_work = units_at_work(made, "s", seconds)
        assert [at_work[unit_id] for unit_id in ("s:bf0", "s:bf1", "s:coke")] == (level > 0).tolist()
        assert working_units(made.plants[0], seconds) == at_work
    assert units_at_work(made, "stranger", 0.0) == {}


def test_no_works_have_no_vents_and_no_glow() -> None:
    none = sources_of((), (), winter().scenario.days[0], "Asia/Shanghai")
    assert steam_vents(none, NOON, 1)[0].size == 0
    assert hot_pixels(none, block(20.0, 5), NOON, 1) is None


def test_a_season_with_machines_keeps_fires_and_neighbours_as_spots() -> None:
    works = winter().works[0]
    assert sources().longitude.size == works.spots.power.size - works.own_spots
    assert sources().activity.shape == (1, 151)
    plain = sources_of(winter().works, winter().schedules, winter().scenario.days[0], "Asia/Shanghai")
    assert plain.longitude.size == works.spots.power.size
    assert plain.plants == ()
    assert 1 < plain.emission[0] < 8  # [mol/s] 12,000 t/d at 1.2 kg of NO2 a tonne is 3.6, roofs and practice a factor
