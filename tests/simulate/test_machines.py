from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satverify.domain.sites import UnitKind
from satverify.errors import InputError
from satverify.simulate.history import level_at
from satverify.simulate.machines import CLOSED, Machinery, draw_openness
from tests.simulate.machines_made import NEW_YEAR, STEADY, history, machine


def test_roofs_leave_as_much_as_expected_on_average_and_at_some_machines_next_to_nothing() -> None:
    rng = np.random.default_rng(0)
    openness = np.concatenate([draw_openness(rng, 4) for _ in range(5000)])
    assert openness.mean() == pytest.approx(1.0, abs=0.03)  # 5,000 sites that differ by a factor of 1.5
    assert (openness <= CLOSED[1]).mean() == pytest.approx(0.06, abs=0.006)  # three standard deviations
    assert openness.min() > 0


def test_machines_of_a_site_are_alike_in_their_openness() -> None:
    rng = np.random.default_rng(1)
    drawn = np.log(np.stack([draw_openness(rng, 2) for _ in range(4000)]))
    usual = drawn[(drawn > np.log(CLOSED[1])).all(axis=1)]
    assert np.corrcoef(usual.T)[0, 1] == pytest.approx(0.5, abs=0.06)


def test_a_units_output_is_the_mean_of_its_machines_by_capacity() -> None:
    small = replace(machine(UnitKind.BLAST_FURNACE, 1000.0, history((0, 1.0))), unit_id="s:a")
    large = replace(machine(UnitKind.BLAST_FURNACE, 3000.0, history((0, 0.0))), unit_id="s:b")
    coke = replace(machine(UnitKind.COKE_BATTERY, 9000.0), unit_id="s:c")
    site = Machinery(site_id="s", machines=(small, large, coke))
    now = np.array([NEW_YEAR + 5.0])
    assert site.mean("s:ironmaking", lambda did: level_at(did, now)).tolist() == [0.25]
    assert site.mean("s:a", lambda did: level_at(did, now)).tolist() == [1.0]
    with pytest.raises(InputError, match="no unit s:d"):
        site.of("s:d")


def test_machines_without_size_are_refused() -> None:
    with pytest.raises(InputError, match="positive"):
        machine(UnitKind.CONVERTER, 0.0, STEADY)
    with pytest.raises(InputError, match="positive"):
        machine(UnitKind.CONVERTER, 1.0, STEADY, openness=0.0)
