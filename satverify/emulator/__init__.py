"""A Sentinel-Hub-compatible service on this machine, for demonstrations, tests and builders of clients."""

from __future__ import annotations

from satverify.emulator.auth import Accounts
from satverify.emulator.faults.plan import Fault, FaultKind, FaultPlan
from satverify.emulator.limits import COPERNICUS_GENERAL_USER, Limits
from satverify.emulator.messages import RequestKind
from satverify.emulator.server import Emulator

__all__ = [
    "COPERNICUS_GENERAL_USER",
    "Accounts",
    "Emulator",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "Limits",
    "RequestKind",
]
