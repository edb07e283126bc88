"""Random models and looks for the tests of this folder."""

from __future__ import annotations

import numpy as np

from satverify.inference.durations import DwellTime, FloatArray, IntArray, StateModel, phase_chain

FURNACE_LIKE = StateModel(
    dwell=(DwellTime(mean=120, phases=2), DwellTime(mean=30, phases=2), DwellTime(mean=50, phases=3)),
    following=((0.0, 0.5, 0.5), (0.7, 0.0, 0.3), (0.7, 0.3, 0.0)),
)
"""A furnace that stops often enough for a season to hold a few changes."""


def random_model(rng: np.random.Generator, *, memoryless: bool = False) -> StateModel:
    """Short stays of one to three phases, with a delay now and then."""

    def dwell() -> DwellTime:
        phases, delay = (1, 0) if memoryless else (int(rng.integers(1, 4)), int(rng.integers(0, 2)))
        return DwellTime(mean=delay + phases * float(rng.uniform(1, 4)), phases=phases, delay=delay)

    a, b, c = rng.uniform(0.05, 0.95, 3).tolist()
    return StateModel(dwell=(dwell(), dwell(), dwell()), following=((0.0, a, 1 - a), (b, 0.0, 1 - b), (c, 1 - c, 0.0)))


def random_looks(rng: np.random.Generator, *shape: int, spread: float = 2.0) -> FloatArray:
    """Log-likelihoods of shape (..., 3), zero on about a third of the days."""
    return rng.normal(0.0, spread, (*shape, 3)) * (rng.random((*shape, 1)) < 2 / 3)


def random_start(rng: np.random.Generator) -> FloatArray:
    """Probability of each state."""
    return rng.dirichlet(np.ones(3))


def simulated_states(rng: np.random.Generator, model: StateModel, days: int) -> IntArray:
    """One history of the model."""
    chain = phase_chain(model)
    phase = np.empty(days, dtype=np.intp)
    phase[0] = rng.choice(len(chain.state), p=chain.start())
    for day in range(1, days):
        phase[day] = rng.choice(len(chain.state), p=chain.transition[phase[day - 1]])
    return np.asarray(chain.state[phase])


def simulated_looks(
    rng: np.random.Generator, states: IntArray, *, missing: float, p_hot: tuple[float, float, float]
) -> FloatArray:
    """Log-likelihoods of looks at a history, seen hot with ``p_hot`` by state; (days, 3)."""
    chance = np.array(p_hot)
    hot = rng.random(len(states)) < chance[states]
    told = np.where(hot[:, np.newaxis], np.log(chance), np.log1p(-chance))
    return np.where(rng.random((len(states), 1)) < missing, 0.0, told)
