"""What a process or a statistics request of Sentinel Hub gives, worked out on this machine from any scenes."""

from satverify.emulator.engine.cost import processing_units
from satverify.emulator.engine.engine import Engine
from satverify.emulator.engine.options import EngineOptions
from satverify.emulator.engine.reply import Reply, ServiceError

__all__ = ["Engine", "EngineOptions", "Reply", "ServiceError", "processing_units"]
