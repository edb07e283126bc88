from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from satverify.domain import evidence
from satverify.domain.findings import Finding
from satverify.domain.sensors import SENSORS

TERMS = Path(__file__).resolve().parents[1] / "TERMS.md"
ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<symbol>[^|]*)\| (?P<unit>[^|]+) \| (?P<meaning>[^|]+) \| (?P<source>[^|]+) \|$"
)
UNITS = {"-", "1", "%", "degree", "km", "cm", "MW", "d", "K", "W m-2 sr-1 um-1", "W sr-1 um-1", "m2", "mol m-2"}


def _terms() -> list[dict[str, str]]:
    return [match.groupdict() for line in TERMS.read_text("utf-8").splitlines() if (match := ROW.match(line))]


def _names_in_code() -> set[str]:
    tables = [table for name, table in vars(evidence).items() if name.endswith("_COLUMNS")]
    bands = {band.name for sensor in SENSORS.values() for band in sensor.bands}
    return {column for table in tables for column in table} | {field.name for field in fields(Finding)} | bands


def test_every_column_every_band_and_every_field_of_a_finding_is_a_term() -> None:
    assert _names_in_code() - {term["name"] for term in _terms()} == set()


def test_no_term_is_left_over_or_told_twice() -> None:
    names = [term["name"] for term in _terms()]
    assert set(names) - _names_in_code() == set()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("term", _terms(), ids=lambda term: term["name"])
def test_a_term_has_a_unit_a_meaning_and_a_listed_source(term: dict[str, str]) -> None:
    listed = set(re.findall(r"^\| ([\w ]+) \| ", TERMS.read_text("utf-8"), flags=re.MULTILINE)) - {"key"}
    assert term["unit"] in UNITS
    assert term["meaning"].strip()
    assert set(term["source"].split(", ")) <= listed
