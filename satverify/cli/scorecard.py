"""What an evaluation prints: tables on a terminal, tab-separated ones elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from satverify.domain.truth import KnownState
    from satverify.verification.scores import Scores
    from satverify.verification.trials import Season, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of the card."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int
    """Columns of text at the left; those after them are numbers."""


def print_card(scores: Scores, stream: TextIO | None = None) -> None:
    """Print every table of an evaluation."""
    from satverify.verification.naive import RULES

    target = sys.stdout if stream is None else stream
    show = _print_rich if target.isatty() else _print_plain
    for sheet in card(scores):
        show(sheet, target)
    for name, sentence in RULES.items():
        print(f"{name}: {sentence}.", file=target)


def card(scores: Scores) -> tuple[Sheet, ...]:
    """Every table of an evaluation that has rows."""
    sheets = (_windows(scores), _sites(scores), _turns(scores), _spells(scores), _calibrations(scores))
    return tuple(sheet for sheet in sheets if sheet.rows)


def _windows(scores: Scores) -> Sheet:
    """All works together, one column for each method."""
    from satverify.verification.scores import METHODS

    together = [each for each in scores.windows if each.site_id is None]
    tallies = {(each.state, each.length, each.season, each.method): each.tally for each in together}
    rows: list[tuple[str, ...]] = []
    for state, length in sorted({(key[0], key[1]) for key in tallies}, key=lambda key: (key[0] != "running", key[1])):
        own = {key[2:]: tally for key, tally in tallies.items() if key[:2] == (state, length)}
        windows = [own[None, method] for method in METHODS]
        rows.append((_false_name(state), str(length), *(f"{tally.false} of {tally.windows}" for tally in windows)))
        for season in _seasons(own):
            name = f"{state}, decided" + (f", {season}" if season else "")
            rows.append((name, str(length), *(_share(own.get((season, method))) for method in METHODS)))
    return Sheet(title="Windows", header=("", "days", *METHODS), rows=tuple(rows), words=1)


def _seasons(own: Iterable[tuple[Season | None, str]]) -> list[Season | None]:
    """The seasons that occur; the whole year where there is only one."""
    from satverify.verification.trials import Season

    found = {season for season, _ in own}
    seasons: list[Season | None] = [season for season in Season if season in found]
    return seasons if len(seasons) > 1 else [None]


def _sites(scores: Scores) -> Sheet:
    """Our own verdicts, works by works."""
    from satverify.verification.scores import OURS
    from satverify.verification.trials import Season

    own = {
        (each.site_id, each.state, each.length, each.season): each.tally
        for each in scores.windows
        if each.method == OURS and each.site_id is not None
    }
    rows = [
        (
            _cell(site_id),
            str(state),
            str(length),
            str(tally.windows),
            str(tally.false),
            *(_share(own.get((site_id, state, length, each))) for each in (None, *Season)),
        )
        for (site_id, state, length, season), tally in own.items()
        if season is None
    ]
    header = ("works", "known", "days", "windows", "false", "decided", *(f"decided {season}" for season in Season))
    return Sheet(title="Works", header=header, rows=tuple(rows), words=2)


def _turns(scores: Scores) -> Sheet:
    rows = []
    for each in scores.turns:
        is_stop = each.known.turn == "stop"
        noticed = (each.halted_delay_days,) if is_stop else (each.running_delay_days, each.working_delay_days)
        found = [None, *noticed] if len(noticed) == 2 else [*noticed, None, None]
        delays = [_delay(days) if is_stop == (place == 0) else "" for place, days in enumerate(found)]
        interval = "" if each.low is None or each.high is None else f"{each.low} .. {each.high}"
        covered = "" if each.is_covered is None else ("yes" if each.is_covered else "no")
        error = "none dated" if each.error_days is None else f"{each.error_days:+d}"
        estimate = "" if each.estimate is None else str(each.estimate)
        known = (_cell(each.known.site_id), str(each.known.turn), str(each.known.start))
        rows.append((*known, estimate, error, interval, covered, *delays))
    header = (
        "works", "change", "known day", "estimate", "error [d]", "90 % interval", "covers",
        "P(halted) >= 0.95 after [d]", "P(running) >= 0.95 after [d]", "1 - P(halted) >= 0.95 after [d]",
    )  # fmt: skip
    return Sheet(title="Stops and restarts", header=header, rows=tuple(rows), words=7)


def _spells(scores: Scores) -> Sheet:
    rows = [
        (
            _cell(each.spell.site_id),
            str(each.spell.state),
            f"{each.spell.start} to {each.spell.stop}",
            *map(str, (each.days, each.running_days, each.working_days, each.surely_halted_days, each.changes)),
        )
        for each in scores.spells
    ]
    header = (
        "works", "known", "days", "accounted [d]", "likeliest running [d]", "P(halted) < 0.5 [d]",
        "P(halted) >= 0.95 [d]", "changes dated inside",
    )  # fmt: skip
    return Sheet(title="Days of known states, from all looks", header=header, rows=tuple(rows), words=3)


def _calibrations(scores: Scores) -> Sheet:
    rows = [
        (
            each.what,
            each.method,
            "both truths equal" if each.is_balanced else "as they are",
            str(each.calibration.cases),
            _number(each.calibration.brier),
            _number(each.calibration.expected_error),
        )
        for each in scores.calibrations
        if each.calibration.brier is not None
    ]
    header = ("probability", "method", "weights", "cases", "Brier", "ECE")
    return Sheet(title="Calibration", header=header, rows=tuple(rows), words=3)


def _false_name(state: KnownState) -> str:
    return f'{state}, false "{"consistent" if state == "running" else "inconsistent"}"'


def _share(tally: Tally | None) -> str:
    """Decided share, cut off after a tenth of a per cent rather than rounded up to a target."""
    if tally is None or tally.decided_share is None:
        return ""
    return f"{int(1000 * tally.decided / tally.windows) / 10:.1f} % of {tally.windows}"


def _delay(days: int | None) -> str:
    return "never" if days is None else str(days)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _cell(text: str) -> str:
    """A name that stays in its column, sends nothing to the terminal, and is no formula to a spreadsheet."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{shown}" if shown.lstrip()[:1] in tuple("=+-@") else shown


def _print_plain(sheet: Sheet, stream: TextIO) -> None:
    lines = [f"# {sheet.title}", "\t".join(sheet.header), *("\t".join(row) for row in sheet.rows), ""]
    print("\n".join(lines), file=stream)


def _print_rich(sheet: Sheet, stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=sheet.title, title_justify="left", pad_edge=False)
    for place, name in enumerate(sheet.header):
        table.add_column(Text(name), justify="left" if place < sheet.words else "right", overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(value) for value in row))
    Console(file=stream).print(table)
