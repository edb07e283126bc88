"""A finding as a JSON object and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from satverify.domain.findings import Finding, LookCount, RunningDays, Statement, Tier, Verdict
from satverify.domain.policy import Requirement

Record: TypeAlias = dict[str, Any]
Sentence: TypeAlias = Callable[[Statement], str]


def finding_record(finding: Finding, sentence: Sentence | None = None) -> Record:
    """A finding as ``findings.json`` holds it; with ``sentence``, each statement's wording beside its code."""
    days = finding.running_days
    return {
        "finding_id": finding.finding_id,
        "order_id": finding.order_id,
        "site_id": finding.site_id,
        "unit_id": finding.unit_id,
        "requirement": finding.requirement.value,
        "window": {"start": finding.start.isoformat(), "stop": finding.stop.isoformat()},
        "verdict": finding.verdict.value,
        "p_met": finding.p_met,
        "p_met_range": list(finding.p_met_range),
        "running_days": None
        if days is None
        else {"low": days.low, "median": days.median, "high": days.high, "level": days.level},
        "longest_unseen_run_days": finding.longest_unseen_run_days,
        "looks": {
            "clear": finding.looks.clear,
            "hot": finding.looks.hot,
            "cold": finding.looks.cold,
            "unusable": finding.looks.unusable,
            "by_sensor": dict(finding.looks.by_sensor),
        },
        "tier": finding.tier.value,
        "q_value": finding.q_value,
        "reasons": [_statement_record(statement, sentence) for statement in finding.reasons],
        "alternatives": [_statement_record(statement, sentence) for statement in finding.alternatives],
    }


def finding_of(record: Mapping[str, Any]) -> Finding:
    """The finding that ``finding_record`` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        The record is not one.
    """
    low, high = record["p_met_range"]
    days, looks = record["running_days"], record["looks"]
    return Finding(
        finding_id=record["finding_id"],
        order_id=record["order_id"],
        site_id=record["site_id"],
        unit_id=record["unit_id"],
        requirement=Requirement(record["requirement"]),
        start=date.fromisoformat(record["window"]["start"]),
        stop=date.fromisoformat(record["window"]["stop"]),
        verdict=Verdict(record["verdict"]),
        p_met=record["p_met"],
        p_met_range=(low, high),
        running_days=None if days is None else RunningDays(**days),
        longest_unseen_run_days=record["longest_unseen_run_days"],
        looks=LookCount(
            clear=looks["clear"],
            hot=looks["hot"],
            cold=looks["cold"],
            unusable=looks["unusable"],
            by_sensor=tuple(sorted(looks["by_sensor"].items())),
        ),
        tier=Tier(record["tier"]),
        q_value=record["q_value"],
        reasons=tuple(_statement_of(statement) for statement in record["reasons"]),
        alternatives=tuple(_statement_of(statement) for statement in record["alternatives"]),
    )


def rounded(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """``value`` with every number to nine significant digits: more would be round-off of this machine."""
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: rounded(entry) for name, entry in value.items()}
    return [rounded(entry) for entry in value] if isinstance(value, list | tuple) else value


def _statement_record(statement: Statement, sentence: Sentence | None) -> Record:
    record: Record = {"code": statement.code, "values": dict(statement.values)}
    return record if sentence is None else {**record, "text": sentence(statement)}


def _statement_of(record: Mapping[str, Any]) -> Statement:
    return Statement(code=record["code"], values=tuple(record["values"].items()))
