"""How many days a unit ran inside a window: the exact distribution, the chain restarted on the window's first day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from satverify.errors import InputError, ModelError
from satverify.inference.durations import N_STATES, FloatArray, PhaseChain, StateModel, phase_chain
from satverify.inference.passes import emission

HALF_DAYS = (2, 1, 0)  # weight of a running, reduced and halted day, in half-days
WINDOWS_AT_ONCE = 64  # keeps the working set inside the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowPosterior:
    """Distribution of a window's total weight before and after the looks, for one prior of the first day's state."""

    prior: FloatArray
    """P(total weight) before any look, shape (weights,); index ``k`` is a total of ``k``."""
    posterior: FloatArray
    """P(total weight | looks in the window), shape (weights,) or (windows, weights)."""
    log_evidence: FloatArray
    """Log-probability of the looks, shape () or (windows,)."""

    def p_at_most(self, limit: int, *, prior: float | None = None) -> FloatArray:
        """P(total <= limit | looks), shape () or (windows,). [0, 1]

        Parameters
        ----------
        limit
            Largest total that belongs to the event.
        prior
            Prior probability the event is to have instead of the chain's own; none keeps the chain's. (0, 1)
        """
        inside, outside = _split(self.posterior, limit)
        if prior is not None:
            inside_before, outside_before = _split(self.prior, limit)
            if inside_before > 0 and outside_before > 0:  # else the event is certain or impossible, whatever its prior
                inside, outside = inside * (prior / inside_before), outside * ((1 - prior) / outside_before)
        return np.asarray(inside / (inside + outside))

    def log_bayes_factor(self, limit: int) -> FloatArray:
        """Log of P(looks | total <= limit) / P(looks | total > limit), shape () or (windows,).

        NaN where the chain makes the event certain or impossible.
        """
        inside, outside = _split(self.posterior, limit)
        inside_before, outside_before = _split(self.prior, limit)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(inside / outside) - np.log(inside_before / outside_before))

    def quantile(self, probability: float) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Smallest total whose cumulative posterior reaches ``probability``, shape () or (windows,)."""
        reached = np.cumsum(self.posterior, axis=-1) >= probability - 1e-12  # round-off of the sum
        return np.asarray(np.argmax(reached, axis=-1))


def _split(pmf: FloatArray, limit: int) -> tuple[FloatArray, FloatArray]:
    """Mass at or below, and mass above a total."""
    cut = max(limit + 1, 0)
    return np.asarray(pmf[..., :cut].sum(axis=-1)), np.asarray(pmf[..., cut:].sum(axis=-1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowEvidence:
    """What the looks of a window say of its total weight, for each state of the first day."""

    prior: FloatArray
    """P(total | first state), shape (3, weights)."""
    joint: FloatArray
    """P(total, looks | first state) over ``exp(log_scale)``, shape (3, weights) or (windows, 3, weights)."""
    log_scale: FloatArray
    """What ``joint`` was divided by, shape () or (windows,)."""

    def posterior(self, *, p_halted: float, reduced_share: float = 0.0) -> WindowPosterior:
        """Mix the first day's states.

        Parameters
        ----------
        p_halted
            Probability that the unit is halted on the first day. [0, 1]
        reduced_share
            Share of the rest that is reduced rather than running. [0, 1]
        """
        if not (0 <= p_halted <= 1 and 0 <= reduced_share <= 1):
            raise InputError(f"window prior: expected two probabilities, found {p_halted} and {reduced_share}")
        working = 1 - p_halted
        first = np.array([working * (1 - reduced_share), working * reduced_share, p_halted])
        joint = np.einsum("s,...sk->...k", first, self.joint)
        total = np.asarray(joint.sum(axis=-1))
        if not np.all(total > 0):
            raise ModelError(f"window: expected looks that the state model allows, found probability 0 from {first}")
        return WindowPosterior(
            prior=first @ self.prior,
            posterior=joint / total[..., np.newaxis],
            log_evidence=np.asarray(np.log(total) + self.log_scale),
        )


def window_evidence(
    loglik: FloatArray, model: StateModel, *, weights: tuple[int, int, int] = HALF_DAYS
) -> WindowEvidence:
    """Weigh every number of running days a window could hold against the looks inside it.

    Parameters
    ----------
    loglik
        Log-likelihood of the looks of each day of the window, shape (days, 3), or (windows, days, 3) for many windows
        of one length; zeros where nothing was seen.
    model
        State model of the unit. A state of the first day has been going on for an unknown time.
    weights
        What a day in each state adds to the total; integers, half-days by default.

    Raises
    ------
    InputError
        For a window without days, a negative weight, NaN, or a day that is impossible under every state.
    ModelError
        Where the model cannot bring about what was seen.
    """
    many = loglik if loglik.ndim == N_STATES else loglik[np.newaxis]
    if many.ndim != N_STATES or many.shape[1] == 0 or min(weights) < 0:
        raise InputError(f"window: expected days and weights >= 0, found shape {loglik.shape} and weights {weights}")
    chain = phase_chain(model)
    prior, _ = _count(np.zeros((1, *many.shape[1:])), chain, weights)
    joint = np.empty((len(many), *prior.shape[1:]))
    log_scale = np.empty(len(many))
    for at in range(0, len(many), WINDOWS_AT_ONCE):
        some = slice(at, at + WINDOWS_AT_ONCE)
        joint[some], log_scale[some] = _count(many[some], chain, weights)
    if loglik.ndim < N_STATES:
        return WindowEvidence(prior=prior[0], joint=joint[0], log_scale=log_scale[0])
    return WindowEvidence(prior=prior[0], joint=joint, log_scale=log_scale)


def _count(loglik: FloatArray, chain: PhaseChain, weights: tuple[int, int, int]) -> tuple[FloatArray, FloatArray]:
    """P(total, looks | first state), shape (windows, 3, weights), over ``exp`` of the second, shape (windows,)."""
    windows, days, _ = loglik.shape
    seen = emission(loglik)
    # Columns are (window, first state): the three possible beginnings of a window travel side by side.
    likelihood = np.repeat(seen.likelihood, N_STATES, axis=2)
    totals, phases = max(weights) * days + 1, len(chain.state)
    mass = np.zeros((phases, totals, windows * N_STATES))
    stepped = np.zeros((phases, totals, windows * N_STATES))
    for state in range(N_STATES):
        stepped[chain.block(state), 0, state::N_STATES] = chain.residual[chain.block(state), np.newaxis]
    log_scale = seen.log_peak
    onward = np.ascontiguousarray(chain.transition.T)
    for day in range(days):
        if day:
            np.matmul(onward, mass.reshape(phases, -1), out=stepped.reshape(phases, -1))
        _add_day(stepped, likelihood[day], chain, weights, out=mass)
        scale = mass.sum(axis=(0, 1)).reshape(windows, N_STATES).max(axis=1)
        if not np.all(scale > 0):
            where = f"window {int(np.argmin(scale))}, day {day}"
            raise ModelError(f"{where}: expected looks that the state model allows, found probability 0")
        mass /= np.repeat(scale, N_STATES)
        log_scale += np.log(scale)
    return mass.sum(axis=0).reshape(totals, windows, N_STATES).transpose(1, 2, 0), log_scale


def _add_day(
    stepped: FloatArray, likelihood: FloatArray, chain: PhaseChain, weights: tuple[int, int, int], *, out: FloatArray
) -> None:
    """Weigh (phases, totals, columns) by a day's looks, and move each state's mass up by the weight of its day.

    ``out`` starts as zeros, and its rows below a state's weight stay so.
    """
    totals = stepped.shape[1]
    for state, weight in enumerate(weights):
        block = chain.block(state)
        np.multiply(stepped[block, : totals - weight], likelihood[state], out=out[block, weight:])
