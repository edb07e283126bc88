"""Made-up sites and what they do for four months: the truth that the heat model learns from.

Two kinds of season teach different things. In one every machine changes by itself, so that each is seen halted beside
working neighbours. In the other whole sites are ordered to halt and half of the orders are ignored, so that machines
stop together as they do in earnest; haze comes with orders, obeyed or not, and so tells nothing of the state. Beside
them stand enterprises without any heat, for everything that only looks hot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from satverify.domain.policy import Order, Requirement
from satverify.domain.sites import Site
from satverify.simulate.layout import Enterprise, layout_of
from satverify.simulate.scenes import SimulatedScenes, scenes_of_season
from satverify.simulate.schedules import Behaviour
from satverify.simulate.season import Scenario, SeasonDraw, draw_season
from satverify.simulate.sites import draw_cold_site, draw_works_site
from satverify.simulate.training import training_season
from satverify.simulate.weather import draw_weather

REGION = (113.0, 34.5, 119.5, 40.5)  # [degree] west, south, east, north of the 2+26 cities, about
LENGTH = timedelta(days=135)  # a heating season and two weeks before it
NIGHTS = timedelta(days=40)
"""Of a season night scenes are made for so long only: there are two or three of a night, and they cost the most."""
WINTERS = (date(2020, 11, 1), date(2021, 11, 1))
STARTS = (*WINTERS, *WINTERS, date(2021, 3, 16), date(2021, 7, 1))
"""First days, each as likely: two winters, counted twice since orders are for winters, and the rest of a year."""

COLD_EVERY = 8
"""Of so many sites one is an enterprise without heat."""

FREE_EVERY = 3
"""Of so many works one changes machine by machine, the others under orders."""
WINDOWS = (20, 46)  # [d] shortest and longest order; the phases of the notice are 47 and 74 days long
PAUSE = (3, 15)  # [d] between two orders
CONDUCT = {Behaviour.OBEYED: 0.3, Behaviour.OBEYED_BANKED: 0.2, Behaviour.IGNORED: 0.5}
"""What is done with an order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingSeason:
    """One site, what it did, and the scenes of it."""

    site: Site
    days: tuple[date, date]
    """Local days ``[start, stop)``."""
    draw: SeasonDraw | None
    """What its machines did; none at an enterprise that has none."""
    scenes: SimulatedScenes


def drawn_site(number: int, seed: int) -> Site:
    """A made-up site of a training."""
    rng = _stream(number, seed)[0]
    west, south, east, north = REGION
    place = (float(rng.uniform(west, east)), float(rng.uniform(south, north)))
    draw = draw_cold_site if _is_cold(number) else draw_works_site
    return draw(rng, f"train-{number:04d}", *place)


def drawn_season(site: Site, number: int, seed: int) -> TrainingSeason:
    """What a made-up site does, and the scenes of it; the same for the same numbers."""
    rng = _stream(number, seed)[1]
    start = STARTS[int(rng.integers(len(STARTS)))]
    days = (start, start + LENGTH)
    of_scenes = int(rng.integers(2**31))
    if _is_cold(number):
        kind = (Enterprise.WAREHOUSES, Enterprise.GALVANISING)[int(rng.integers(2))]
        layouts = (layout_of(site, of_scenes, kind),)
        scenes = SimulatedScenes(of_scenes, weather=draw_weather(rng), layouts=layouts)
        return TrainingSeason(site=site, days=days, draw=None, scenes=scenes)
    draw = training_season(rng, [site], days) if number % FREE_EVERY == 1 else _ordered_season(rng, site, days)
    return TrainingSeason(site=site, days=days, draw=draw, scenes=scenes_of_season(of_scenes, draw))


def _ordered_season(rng: np.random.Generator, site: Site, days: tuple[date, date]) -> SeasonDraw:
    """A season of whole-site orders to halt, one after the other, half of them ignored."""
    conducts, chances = list(CONDUCT), np.array(list(CONDUCT.values()))
    orders: list[Order] = []
    behaviours: dict[str, Behaviour] = {}
    day = days[0] + timedelta(days=int(rng.integers(*PAUSE)))
    while day < days[1]:
        stop = min(day + timedelta(days=int(rng.integers(*WINDOWS))), days[1])
        order = Order(
            order_id=f"{site.site_id}-{len(orders)}",
            site_id=site.site_id,
            start=day,
            stop=stop,
            requirement=Requirement.HALT,
            source="made up for training",
        )
        orders.append(order)
        behaviours[order.order_id] = conducts[int(rng.choice(len(conducts), p=chances))]
        day = stop + timedelta(days=int(rng.integers(*PAUSE)))
    return draw_season(rng, [site], Scenario(days=days, has_outage=False), orders=orders, behaviours=behaviours)


def _stream(number: int, seed: int) -> list[np.random.Generator]:
    """Chance of one site, and of its season: other sites have nothing to do with it."""
    return np.random.default_rng([seed, number]).spawn(2)


def _is_cold(number: int) -> bool:
    return number % COLD_EVERY == COLD_EVERY - 1
