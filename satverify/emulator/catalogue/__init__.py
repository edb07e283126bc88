"""The catalogue interface: what products there are at one time, and what a search among them gives."""

from satverify.emulator.catalogue.catalog import Catalog
from satverify.emulator.catalogue.shelf import Shelf

__all__ = ["Catalog", "Shelf"]
