"""Truth files: the only reader of what is publicly known of works. See ``docs/evaluate.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import TypeVar

from satverify.domain.truth import DatedTurn, KnownState, Scored, Spell, Truth, Turn
from satverify.registry.cells import Row
from satverify.registry.csv_rows import table_rows
from satverify.registry.problems import Ledger

COLUMNS = ("site_id", "unit_id", "kind", "start", "stop", "scored", "source", "note")
REQUIRED = ("site_id", "kind", "start", "source")

Known = TypeVar("Known", Spell, DatedTurn)


class Kind(StrEnum):
    """What a row tells."""

    RUNNING = "running"
    HALTED = "halted"
    STOP = "stop"
    RESTART = "restart"


def read_truth(path: str | PathLike[str]) -> Truth:
    """What is known of works.

    Parameters
    ----------
    path
        CSV in UTF-8 or GB18030 with the columns ``site_id, unit_id, kind, start, stop, scored, source, note`` in any
        order; ``unit_id``, ``scored`` and ``note`` may be left out.

    Returns
    -------
    Spells and dated turns, sorted.

    Raises
    ------
    InputError
        Where anything is wrong, contradictory ones among it; ``problems`` lists all of it, each with its line.
    """
    ledger = Ledger(file=str(path))
    reader = TruthReader(ledger=ledger)
    for line, values in table_rows(Path(path), known=COLUMNS, required=REQUIRED, ledger=ledger):
        reader.take(line, values)
    reader.check()
    if not ledger.errors and not reader.spells and not reader.turns:
        ledger.error("file", "at least one row below the header", "none")
    ledger.raise_errors("known states of works")
    return reader.truth()


@dataclass(slots=True, kw_only=True)
class TruthReader:
    """Turns rows into spells and turns, and holds them against each other."""

    ledger: Ledger
    spells: list[tuple[int, Spell]] = field(default_factory=list)
    """Line and spell."""
    turns: list[tuple[int, DatedTurn]] = field(default_factory=list)
    """Line and turn."""

    def take(self, line: int, values: Mapping[str, str]) -> None:
        """One row; nothing is kept of a row with any error."""
        before = len(self.ledger.errors)
        row = Row(where=f"line {line}", values=dict(values), ledger=self.ledger)
        site_id, unit_id = row.required("site_id"), row.text("unit_id") or None
        row.required("kind")
        kind = row.word("kind", Kind)
        start, stop = _days(row, kind)
        scored = row.word("scored", Scored)
        source, note = row.required("source"), row.text("note")
        is_spell = kind in (Kind.RUNNING, Kind.HALTED)
        if scored is not None and kind is not None and not is_spell:
            row.error("scored", f"nothing, since a {kind} is scored by its date", f"{scored.value!r}")
        if len(self.ledger.errors) > before or kind is None or start is None or stop is None:
            return
        if is_spell:
            spell = Spell(
                site_id=site_id, unit_id=unit_id, state=KnownState(kind.value), start=start, stop=stop,
                scored=scored or Scored.WINDOWS, source=source, note=note,
            )  # fmt: skip
            self.spells.append((line, spell))
        else:
            turn = DatedTurn(
                site_id=site_id, unit_id=unit_id, turn=Turn(kind.value), start=start, stop=stop,
                source=source, note=note,
            )  # fmt: skip
            self.turns.append((line, turn))

    def check(self) -> None:
        """Note rows that cannot both be true, or say the same days twice."""
        for _, group in sorted(_by_unit(self.spells).items()):
            for (_, one), (line, other) in pairwise(sorted(group, key=lambda each: (each[1].start, each[0]))):
                if other.start < one.stop:
                    found = f"{other.start}, while {one.state} holds to before {one.stop}"
                    self.ledger.error(f"line {line}, start", "spells of a works that do not overlap", found)
        for _, turns in sorted(_by_unit(self.turns).items()):
            for (_, first), (line, second) in pairwise(sorted(turns, key=lambda each: (each[1].start, each[0]))):
                if second.turn is first.turn:
                    found = f"a {second.turn} after the {first.turn} of {first.start}"
                    self.ledger.error(f"line {line}, kind", "stops and restarts of a works in turn", found)
        for line, turn in self.turns:
            for _, spell in self.spells:
                is_same = (spell.site_id, spell.unit_id) == (turn.site_id, turn.unit_id)
                if is_same and spell.start < turn.start and turn.stop <= spell.stop:
                    found = f"a {turn.turn} on {turn.start}, inside {spell.state} {spell.start} to {spell.stop}"
                    self.ledger.error(f"line {line}, start", "a day that is not inside a spell", found)

    def truth(self) -> Truth:
        """All rows, sorted."""
        return Truth(
            spells=tuple(sorted((each for _, each in self.spells), key=_place)),
            turns=tuple(sorted((each for _, each in self.turns), key=_place)),
        )


def _days(row: Row, kind: Kind | None) -> tuple[date | None, date | None]:
    """First day, and first day after; a stop or restart without ``stop`` is known to the day."""
    row.required("start")
    start, stop = row.day("start"), row.day("stop")
    if stop is None and not row.is_given("stop") and kind is not None:
        if kind in (Kind.STOP, Kind.RESTART):
            stop = start + timedelta(days=1) if start is not None and start < date.max else None
        else:
            row.error("stop", "the first day after the spell", "nothing")
    if start is not None and stop is not None and stop <= start:
        row.error("stop", f"a day after start {start} (the first day no longer in it)", f"{stop}")
    return start, stop


def _by_unit(rows: Sequence[tuple[int, Known]]) -> dict[tuple[str, str], list[tuple[int, Known]]]:
    groups: dict[tuple[str, str], list[tuple[int, Known]]] = {}
    for line, each in rows:
        groups.setdefault((each.site_id, each.unit_id or ""), []).append((line, each))
    return groups


def _place(each: Spell | DatedTurn) -> tuple[str, str, date]:
    return each.site_id, each.unit_id or "", each.start
