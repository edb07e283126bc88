import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satverify.inference.visibility import (
    FOREIGN_HEAT,
    FOREIGN_HEAT_POOLED,
    HIDDEN,
    HIDDEN_SHARE,
    OwnLooks,
    Visibility,
    own_looks,
)

KIND = Visibility(mean=0.8, strength=4.0)
HOT, COLD = (np.log(60.0), np.log(40.0)), (np.log(0.21), np.log(0.25))


def looks(kinds: str, days: list[int], *, at_work: float = 0.9, windows: tuple[tuple[int, int], ...] = ()) -> OwnLooks:
    ratio = np.array([HOT if kind == "h" else COLD for kind in kinds]).reshape(-1, 2)
    return own_looks(ratio, np.array(days), np.full(len(kinds), at_work), [KIND] * len(kinds), windows)


def test_a_works_that_hides_everything_is_not_cleared_by_seeing_nothing_again() -> None:
    hidden = looks("c" * 60 + "c" * 10, [*range(0, 240, 4), *range(300, 340, 4)], windows=((300, 340),))
    open_ = looks("h" * 60 + "c" * 10, [*range(0, 240, 4), *range(300, 340, 4)], windows=((300, 340),))
    assert hidden.p_detect[-1] < 0.1
    assert hidden.loglik[60:, 0].sum() > -1.0
    assert open_.p_detect[-1] > 0.85
    assert open_.loglik[60:, 0].sum() < -10.0


def test_without_a_history_many_cold_looks_count_for_no_more_than_the_doubt_about_roofs_allows() -> None:
    alone = looks("c" * 40, list(range(40)), windows=((0, 40),))
    apart = looks("c", [0], windows=((0, 40),))
    assert alone.loglik[:, 0].sum() > np.log(HIDDEN_SHARE) - 1.0
    assert alone.loglik[:, 0].sum() > 40 * apart.loglik[0, 0]


def test_hot_looks_alone_never_accuse_by_more_than_foreign_heat_allows() -> None:
    window = looks("h" * 30, list(range(30)), windows=((0, 30),))
    against = window.loglik[:, 0] - window.loglik[:, 2]
    assert against.sum() == pytest.approx(-np.log(FOREIGN_HEAT), rel=1e-3)
    assert (np.diff(against) <= 1e-12).all()


def test_looks_inside_a_window_do_not_teach_how_visible_the_unit_is() -> None:
    days = [*range(0, 100, 5), *range(200, 240, 4)]
    one = looks("h" * 20 + "c" * 10, days, windows=((200, 240),))
    other = looks("h" * 20 + "h" * 10, days, windows=((200, 240),))
    np.testing.assert_array_equal(one.p_detect, other.p_detect)
    np.testing.assert_array_equal(one.loglik[:20], other.loglik[:20])


def test_windows_that_follow_each_other_begin_anew_and_overlapping_ones_are_one() -> None:
    days = list(range(40))
    apart = looks("c" * 40, days, windows=((0, 20), (20, 40)))
    together = looks("c" * 40, days, windows=((0, 21), (20, 40)))
    np.testing.assert_allclose(apart.loglik[20:], apart.loglik[:20])
    assert together.loglik[20:, 0].sum() > apart.loglik[20:, 0].sum()


def test_days_on_which_the_unit_stood_teach_nothing() -> None:
    idle = looks("c" * 51, list(range(51)), at_work=0.0)
    assert idle.p_detect == pytest.approx((1 - HIDDEN_SHARE) * KIND.mean + HIDDEN_SHARE * HIDDEN, abs=0.005)


def test_no_looks_give_no_looks() -> None:
    nothing = own_looks(np.zeros((0, 2)), np.zeros(0, dtype=int), np.zeros(0), [], [(0, 9)])
    assert nothing.loglik.shape == (0, 3)


@given(
    kinds=st.text("hc", min_size=1, max_size=25),
    at_work=st.floats(0, 1),
    mean=st.floats(0.05, 0.95),
    strength=st.floats(0.5, 50),
)
def test_likelihoods_are_finite_and_probabilities_are_probabilities(
    kinds: str, at_work: float, mean: float, strength: float
) -> None:
    ratio = np.array([HOT if kind == "h" else COLD for kind in kinds])
    kind = Visibility(mean=mean, strength=strength)
    seen = own_looks(ratio, np.arange(len(kinds)), np.full(len(kinds), at_work), [kind] * len(kinds), [(3, 12)])
    assert np.isfinite(seen.loglik).all()
    assert ((seen.p_detect >= 0) & (seen.p_detect <= 1)).all()


def test_heat_that_looks_like_reduced_work_accuses_no_further_than_foreign_heat_allows() -> None:
    ratio = np.tile([np.log(2.0), np.log(60.0)], (30, 1))
    own = own_looks(ratio, np.arange(30), np.ones(30), [KIND] * 30, [(0, 30)])
    assert (own.loglik[:, 1] - own.loglik[:, 2]).sum() == pytest.approx(-np.log(FOREIGN_HEAT), rel=1e-3)


def test_sensors_of_different_pixels_have_doubts_of_their_own() -> None:
    ratio, kinds = np.tile(HOT, (20, 1)), [KIND] * 20
    coarse = own_looks(ratio, np.arange(20), np.ones(20), kinds, [(0, 20)], FOREIGN_HEAT_POOLED)
    both = own_looks(
        ratio,
        np.arange(20),
        np.ones(20),
        kinds,
        [(0, 20)],
        np.where(np.arange(20) % 2, FOREIGN_HEAT, FOREIGN_HEAT_POOLED),
    )
    weight = (coarse.loglik[:, 0] - coarse.loglik[:, 2]).sum()
    assert weight == pytest.approx(-np.log(FOREIGN_HEAT_POOLED), rel=1e-3)
    together = (both.loglik[:, 0] - both.loglik[:, 2]).sum()
    assert together == pytest.approx(-np.log(FOREIGN_HEAT_POOLED * FOREIGN_HEAT), rel=1e-2)
