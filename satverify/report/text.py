"""Every sentence of the reports: the wording lies in ``text/<lang>.toml``, the filling-in here."""

from __future__ import annotations

import datetime as dt
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

from satverify.domain.findings import Statement
from satverify.errors import InputError
from satverify.report.names import display_name

LANGUAGES = ("en", "zh")
_STATEMENT_SECTIONS = ("reasons", "alternatives")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The wording of one language: ``text("summary.more", count=3)``."""

    lang: str
    """``en`` or ``zh``."""
    entries: Mapping[str, str]
    """Wording by dotted key."""
    months: tuple[str, ...]
    """Names of the months, January first."""

    def __call__(self, key: str, **values: object) -> str:
        """The sentence ``key`` with ``values`` filled in, as plain text."""
        wording = self.entries[key]
        return _Filler(self).vformat(wording, (), values) if "{" in wording else wording

    def markup(self, key: str, **values: object) -> Markup:
        """The same as HTML: values that are no markup already are escaped."""
        filled = {name: value if isinstance(value, Markup) else escape(_plain(value)) for name, value in values.items()}
        bare = {name: values[name] if isinstance(values[name], int | float) else filled[name] for name in values}
        return Markup(_Filler(self).vformat(escape(self.entries[key]), (), bare))

    def has(self, key: str) -> bool:
        """Whether there is wording for ``key``."""
        return key in self.entries

    def word(self, section: str, value: str) -> str:
        """The word for one value of a list of choices, or the value itself where there is none."""
        return self.entries.get(f"{section}.{value}", display_name(value))

    def date(self, day: dt.date) -> str:
        """A day as people write it."""
        return self("format.date", day=day.day, month=self.months[day.month - 1], year=day.year)

    def days(self, first: dt.date, last: dt.date) -> str:
        """A run of days by its first and last."""
        return self("format.date_range", first=self.date(first), last=self.date(last))

    def axis_day(self, day: dt.date) -> str:
        """A day without its year, short."""
        return self("format.axis_day", day=day.day, month=self.months[day.month - 1])

    def probability(self, p: float) -> str:
        """A probability to as many digits as tell something."""
        value, side = _digits(p)
        return self(f"format.{side}_short", value=value) if side else value

    def p_equals(self, p: float) -> str:
        """``P = 0.98``, or ``P < 0.001``."""
        value, side = _digits(p)
        return self(f"format.{side or 'equal'}", value=value)

    def probabilities(self, bounds: tuple[float, float]) -> str:
        """A range of probabilities."""
        low, high = (self.probability(p) for p in bounds)
        is_open = any(_digits(p)[1] for p in bounds)
        key = "format.probability_range_open" if is_open else "format.probability_range"
        return low if low == high else self(key, low=low, high=high)

    def join(self, words: Sequence[str]) -> str:
        """Words in a row."""
        return self.entries["format.list_separator"].join(words)


class _Filler(string.Formatter):
    """Fills in values the way the text files ask for, see the head of ``text/en.toml``."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec.startswith("#"):
            one, other = format_spec[1:].split("|")
            return f"{_number(value)} {one if value == 1 else other}"
        match format_spec:
            case "":
                return value if isinstance(value, str) else _plain(value)
            case "p":
                return self.text.probability(float(str(value)))
            case "pct":
                return f"{round(100 * float(str(value)))}%"
            case "n":
                return _number(value)
            case "date" | "last":
                return self._date(str(value), earlier=format_spec == "last")
            case "kind":
                return self.text.join([self.text.word("unit_kind", kind) for kind in str(value).split(", ")])
        raise ValueError(f"format {format_spec!r} is unknown")

    def _date(self, iso: str, *, earlier: bool) -> str:
        day = dt.date.fromisoformat(iso[:10])
        return self.text.date(day - dt.timedelta(days=1) if earlier else day)


def _digits(p: float) -> tuple[str, str]:
    """A probability in digits; ``above`` or ``below`` where it lies beyond them."""
    if p > 0.9995:
        return "0.999", "above"
    if p < 0.0005:
        return "0.001", "below"
    return (f"{p:.3f}" if p >= 0.995 or p < 0.01 else f"{p:.2f}"), ""


def _number(value: object) -> str:
    """A number without digits that say nothing; thousands are set apart."""
    number = round(float(str(value)), 1)
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}"


def _plain(value: object) -> str:
    if isinstance(value, float):
        return _number(value)
    return display_name(value) if isinstance(value, str) else str(value)


@cache
def load_text(lang: str) -> Text:
    """The wording of ``lang``.

    Raises
    ------
    InputError
        If there is none.
    """
    if lang not in LANGUAGES:
        raise InputError(f"report language: expected one of {', '.join(LANGUAGES)}, found {lang!r}")
    tables = tomllib.loads((resources.files("satverify.report") / "text" / f"{lang}.toml").read_text(encoding="utf-8"))
    months = tuple(tables["format"].pop("months"))
    entries = {f"{section}.{key}": wording for section, table in tables.items() for key, wording in table.items()}
    return Text(lang=lang, entries=entries, months=months)


def sentence(statement: Statement, lang: str) -> str:
    """``statement`` in words.

    A statement without wording, or with other values than its wording asks for, is given as its code and values.
    """
    text = load_text(lang)
    for section in _STATEMENT_SECTIONS:
        key = f"{section}.{statement.code}"
        if text.has(key):
            values = {name: _plain_text(value) for name, value in statement.values}
            is_one_day = values.get("days") == 1 and text.has(f"{key}_on_one_day")
            try:
                return text(f"{key}_on_one_day" if is_one_day else key, **values)
            except (KeyError, ValueError):
                break
    listed = ", ".join(f"{name}={_plain_text(value)}" for name, value in statement.values)
    return f"{display_name(statement.code)}({listed})"


def _plain_text(value: str | float) -> str | int | float:
    return display_name(value) if isinstance(value, str) else value


def known_codes() -> frozenset[str]:
    """Codes of statements that have wording."""
    keys = (key.split(".") for key in load_text("en").entries)
    return frozenset(
        code for section, code in keys if section in _STATEMENT_SECTIONS and not code.endswith("_on_one_day")
    )


def placeholders(wording: str) -> frozenset[str]:
    """Names that a sentence fills in."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(wording) if name)
