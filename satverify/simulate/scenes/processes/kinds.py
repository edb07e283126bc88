"""Which process a kind of machine has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from satverify.domain.sites import UnitKind
from satverify.simulate.scenes.processes.blast_furnace import BLAST_FURNACE
from satverify.simulate.scenes.processes.coke import COKE_BATTERY
from satverify.simulate.scenes.processes.parts import Process
from satverify.simulate.scenes.processes.sinter import PELLET_PLANT, SINTER_MACHINE
from satverify.simulate.scenes.processes.steel import CONVERTER, ELECTRIC_ARC_FURNACE

PROCESSES: Mapping[UnitKind, Process] = MappingProxyType(
    {
        UnitKind.BLAST_FURNACE: BLAST_FURNACE,
        UnitKind.IRONMAKING: BLAST_FURNACE,
        UnitKind.SINTER_MACHINE: SINTER_MACHINE,
        UnitKind.PELLET_PLANT: PELLET_PLANT,
        UnitKind.COKE_BATTERY: COKE_BATTERY,
        UnitKind.CONVERTER: CONVERTER,
        UnitKind.ELECTRIC_ARC_FURNACE: ELECTRIC_ARC_FURNACE,
    }
)
