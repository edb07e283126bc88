"""Writes what a run found. Files appear together, each whole; the same inputs give the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as pq

from satverify import __version__
from satverify.domain.evidence import SiteResult
from satverify.domain.findings import Finding, Verdict
from satverify.errors import InputError
from satverify.pipeline.classifier import Classifier
from satverify.pipeline.files import StagedFiles
from satverify.pipeline.identity import code_hash, library_versions, value_hash
from satverify.pipeline.inputs import Inputs
from satverify.pipeline.ledger import cost_spent, open_archive
from satverify.pipeline.project import Project
from satverify.pipeline.records import finding_record, rounded
from satverify.pipeline.run import Failure
from satverify.pipeline.state import SiteStore
from satverify.pipeline.tables import TABLES, arrow_schema, arrow_table
from satverify.report.text import sentence
from satverify.verification.fdr import with_q_values
from satverify.verification.flags import flag_lines, last_look_times, parse_flag_lines, raise_flags

Flag: TypeAlias = dict[str, Any]
FINDINGS_SCHEMA = "satverify/findings/1"
RUN_SCHEMA = "satverify/run/1"


@dataclass(slots=True)
class _Gathered:
    """What all sites together gave, besides the tables."""

    findings: list[Finding] = field(default_factory=list)
    last_looks: dict[str, datetime] = field(default_factory=dict)


def write_outputs(
    project: Project,
    inputs: Inputs,
    store: SiteStore,
    keys: Mapping[str, str],
    failed: Sequence[Failure],
    classifier: Classifier | None = None,
) -> tuple[tuple[Finding, ...], tuple[Flag, ...]]:
    """Write every output but the reports.

    Parameters
    ----------
    project, inputs
        What was asked and read.
    store, keys
        Results of finished sites, and their keys by site id.
    failed
        Sites with a fault.
    classifier
        The model that made looks of scenes; none where there were none.

    Returns
    -------
    All findings with their q-values, and all flags, as written.

    Raises
    ------
    InputError
        The folder cannot be written to, or the earlier flags in it cannot be read.
    """
    previous = _earlier_flags(project.outputs / "flags.jsonl")
    with StagedFiles(project.outputs) as staged:
        gathered = _write_tables(staged, store, keys)
        findings = with_q_values(sorted(gathered.findings, key=_place))
        flags = _flags(project, inputs, findings, gathered.last_looks, previous, {fault.site_id for fault in failed})
        staged.write("findings.json", _findings_json(findings))
        staged.write("flags.jsonl", flag_lines(flags).encode())
        record = json_bytes(_run_record(project, inputs, findings, failed, classifier, staged.hashes()))
        staged.write("run.json", record)
        _remove_pages_of_others(project.outputs, record)
        staged.publish()
    return findings, tuple(flags)


def json_bytes(value: object) -> bytes:
    """JSON that people can read and programs can compare: keys in a fixed order, Chinese legible, no NaN."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _place(finding: Finding) -> tuple[str, ...]:
    return finding.site_id, finding.order_id, finding.unit_id, finding.start.isoformat(), finding.finding_id


def _write_tables(staged: StagedFiles, store: SiteStore, keys: Mapping[str, str]) -> _Gathered:
    """One Parquet file per table, site after site, so that memory does not grow with the number of sites."""
    gathered = _Gathered()
    writers = {}
    try:
        for name, columns in TABLES.items():
            path = staged.path(f"{name}.parquet")
            writers[name] = pq.ParquetWriter(path, arrow_schema(columns), compression="zstd")
        for _, key in sorted(keys.items()):
            result = _loaded(store, key)
            for name, columns in TABLES.items():
                writers[name].write_table(arrow_table(getattr(result, name), columns))
            gathered.findings += result.findings
            gathered.last_looks |= last_look_times(result.findings, result.looks)
    except OSError as exc:
        raise InputError(f"{staged.folder}: cannot be written to: {exc.strerror or exc}") from exc
    finally:
        for writer in writers.values():
            writer.close()
    return gathered


def _loaded(store: SiteStore, key: str) -> SiteResult:
    result = store.load(key)
    if result is None:
        raise InputError(f"the state of a finished site vanished while the run went on: {key}; run again")
    return result


def _remove_pages_of_others(outputs: Path, record: bytes) -> None:
    """Pages that show other findings than these would be taken for pages of these."""
    if _bytes_of(outputs / "run.json") == record:
        return
    for page in (outputs / "reports").glob("*.html"):
        page.unlink(missing_ok=True)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _findings_json(findings: Sequence[Finding]) -> bytes:
    records = [rounded(finding_record(finding, lambda said: sentence(said, "en"))) for finding in findings]
    return json_bytes({"schema": FINDINGS_SCHEMA, "findings": records})


def _earlier_flags(path: Path) -> list[Flag]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: the earlier flags cannot be read: {exc}; mend the file or move it away") from exc
    return parse_flag_lines(text, file=str(path))


def _flags(
    project: Project,
    inputs: Inputs,
    findings: Sequence[Finding],
    last_looks: Mapping[str, datetime],
    previous: Sequence[Flag],
    failed: set[str],
) -> list[Flag]:
    """Flags of this run. What an earlier run said of a site that failed now stands: nothing was learned of it."""
    standing = [flag for flag in previous if flag["data"]["site"]["site_id"] in failed]
    raised = raise_flags(
        findings,
        inputs.sites,
        [flag for flag in previous if flag not in standing],
        orders=inputs.obligations.orders,
        last_looks=last_looks,
        timezone=project.timezone,
        project=project.name,
        simulated=project.simulated,
    )
    return sorted([*raised, *standing], key=lambda flag: str(flag["data"]["flag_id"]))


def _run_record(
    project: Project,
    inputs: Inputs,
    findings: Sequence[Finding],
    failed: Sequence[Failure],
    classifier: Classifier | None,
    outputs: Mapping[str, str],
) -> dict[str, Any]:
    verdicts = Counter(finding.verdict for finding in findings)
    start, stop = project.days
    return {
        "schema": RUN_SCHEMA,
        "project": {
            "name": project.name,
            "timezone": project.timezone,
            "days": [start.isoformat(), stop.isoformat()],
            "simulated": project.simulated,
        },
        "code": {"version": __version__, "sha256": code_hash(), "libraries": dict(library_versions())},
        "model_sha256": value_hash((code_hash(), inputs.obligations.rules, classifier and classifier.digest)),
        "classifier": None if classifier is None else {"name": classifier.model.name, "sha256": classifier.digest},
        "rules": asdict(inputs.obligations.rules),
        "settings_sha256": project.settings_hash,
        "inputs_sha256": inputs.hashes,
        "seeds": {},
        "sources": list(inputs.used),
        "scenes": _archived(project),
        "wind": list(inputs.wind),
        "cost_spent": cost_spent(project),
        "sites": {
            "listed": len(inputs.sites),
            "failed": [{"site_id": fault.site_id, "fault": _placeless(project, fault.message)} for fault in failed],
        },
        "orders": len(inputs.obligations.orders),
        "policy_gaps": list(inputs.obligations.gaps),
        "findings": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "outputs_sha256": dict(outputs),
    }


def _archived(project: Project) -> list[dict[str, Any]]:
    """What ``run.json`` says of the scenes of each source."""
    if not project.sentinelhub:
        return []
    archive = open_archive(project)
    return [
        {
            "service": source.base_url or "embedded emulator",
            "archived": {name: len(archive.entries(name)) for name in source.sensors},
        }
        for source in project.sentinelhub
    ]


def _placeless(project: Project, message: str) -> str:
    """A message without the folder it happened in."""
    return message.replace(str(project.folder), ".")
