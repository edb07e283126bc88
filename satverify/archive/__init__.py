"""The immutable scene store: one GeoTIFF and one STAC item per scene, in a folder or under an ``s3://`` prefix.

    <root>/scenes/<sensor>/<grid>/<YYYYMMDDTHHMMSS>_<platform>_r<revision>.tif      and .json beside it
    <root>/landing/<name>            bought answers that are not yet split into scenes
    <root>/ledger.jsonl              what was spent (``ledger/`` with a file per record at s3://)
    <root>/quarantine/               what ``check --repair`` took out, under its old path
    <root>/.staging/                 what is being written

The image goes first and its item last: a scene exists once both do.
"""

from satverify.archive.archive import Archive
from satverify.archive.checking import Checked, Condition
from satverify.archive.layout import Entry

__all__ = ["Archive", "Checked", "Condition", "Entry"]
