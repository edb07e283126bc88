"""Wind and boundary-layer height at an overpass, out of reanalysis files: ERA5, and others that say what they hold."""

from satverify.sources.wind.wind import Wind, open_wind

__all__ = ["Wind", "open_wind"]
