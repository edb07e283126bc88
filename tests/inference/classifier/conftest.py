from __future__ import annotations

import pytest

from satverify.inference.classifier.fitting import Fitted, fit_heat_model
from tests.inference.classifier.made_heat import FURNACE, SINTER, made_looks

LOOKS = made_looks(sites=16, looks=24, kinds=(FURNACE, SINTER))


@pytest.fixture(scope="package")
def fitted() -> Fitted:
    """Return a model of two kinds of unit, and what it said of its own looks."""
    return fit_heat_model(LOOKS, "made", 1)
