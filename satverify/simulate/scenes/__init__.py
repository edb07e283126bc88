"""Simulated scenes of all sensors, anywhere on Earth and on any day that the satellites are in service."""

from satverify.simulate.scenes.provider import LEVEL_BANDS, SimulatedScenes, scenes_of_season

__all__ = ["LEVEL_BANDS", "SimulatedScenes", "scenes_of_season"]
