"""What finished sites gave, kept between runs: a run that was interrupted continues, an unchanged site is not redone.

A site's result is one ZIP of Parquet tables and JSON, named after the hash of everything it follows from. ZIP checks
its own content; a file that is damaged or not ours counts as absent.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from satverify.domain.evidence import SiteResult, SiteTask
from satverify.errors import InputError
from satverify.pipeline.files import write_whole
from satverify.pipeline.identity import code_hash, value_hash
from satverify.pipeline.records import finding_of, finding_record
from satverify.pipeline.tables import TABLES, frame_of, parquet_bytes


def task_key(task: SiteTask, judge: str = "") -> str:
    """Hash of all that a site's result follows from: the task, the code, and the name of the function that judges."""
    return value_hash((task, code_hash(), judge))


class SiteStore:
    """Results of finished sites in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, key: str, result: SiteResult) -> None:
        """Keep ``result`` under ``key``: whole, or not at all."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            findings = [finding_record(finding) for finding in result.findings]
            archive.writestr("result.json", json.dumps({"site_id": result.site_id, "findings": findings}))
            for name, columns in TABLES.items():
                archive.writestr(f"{name}.parquet", parquet_bytes(getattr(result, name), columns))
        write_whole(self._path(key), buffer.getvalue())

    def load(self, key: str) -> SiteResult | None:
        """The result under ``key``, none where there is none or it is damaged."""
        try:
            with zipfile.ZipFile(self._path(key)) as archive:
                said = json.loads(archive.read("result.json"))
                findings = tuple(finding_of(record) for record in said["findings"])
                tables = {name: frame_of(archive.read(f"{name}.parquet"), TABLES[name]) for name in TABLES}
        except (
            OSError,
            EOFError,
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ):
            return None
        except pa.ArrowException:
            return None
        return SiteResult(site_id=str(said["site_id"]), findings=findings, **tables)

    def keep_only(self, keys: Collection[str]) -> None:
        """Delete results under other keys: they belong to inputs or code that are no more."""
        wanted = {self._path(key) for key in keys}
        for path in self._folder.glob("*.zip"):
            if path not in wanted:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise InputError(f"state key {key!r} is not a hash")
        return self._folder / f"{key}.zip"
