"""An emulator over stand-ins, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from satverify.emulator import Emulator
from tests.emulator.standin import Client, FakeEngine, ListProvider, Time


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def emulator(engine: FakeEngine, time: Time) -> Iterator[Emulator]:
    with Emulator(ListProvider(), engine=engine, clock=time) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with Client(emulator) as made:
        yield made
