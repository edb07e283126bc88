"""Views onto pages: one self-contained HTML file each, the same bytes for the same view."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from satverify.errors import InputError
from satverify.report import figures
from satverify.report.chips import chip_strip
from satverify.report.gauge import verdict_mark, weight_bar, weight_code, weight_factor
from satverify.report.lanes import lane_name
from satverify.report.names import display_name, report_name
from satverify.report.ranking import MAX_STRIPS, IndexView
from satverify.report.text import Text, load_text, sentence
from satverify.report.view import MAX_ROWS, MAX_UNITS, SiteView
from satverify.report.wording import (
    counted,
    headline,
    leading_words,
    missed,
    order_sentence,
    reasons,
    running_days,
    unit_words,
    window_words,
)

_HTML_LANG = {"en": "en", "zh": "zh-CN"}


def write_site_report(path: Path, view: SiteView, lang: str = "en") -> None:
    """Write one site's page to ``path``, whole or not at all.

    Raises
    ------
    InputError
        If ``lang`` is no language of the reports, or the file cannot be written.
    """
    _write(path, render_site(view, lang))


def write_index(path: Path, view: IndexView, lang: str = "en") -> None:
    """Write the page that ranks sites to ``path``, whole or not at all.

    Raises
    ------
    InputError
        If ``lang`` is no language of the reports, or the file cannot be written.
    """
    _write(path, render_index(view, lang))


def render_site(view: SiteView, lang: str) -> str:
    """One site's page as HTML."""
    text = load_text(lang)
    return _page("site.html", text, view=view, max_rows=MAX_ROWS, max_units=MAX_UNITS)


def render_index(view: IndexView, lang: str) -> str:
    """The ranking of sites as HTML."""
    return _page("index.html", load_text(lang), view=view, max_strips=MAX_STRIPS)


def _page(template: str, text: Text, **values: object) -> str:
    return _environment().get_template(template).render(t=text, lang=_HTML_LANG[text.lang], **values) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("satverify.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader = environment.loader
    assert loader is not None
    environment.globals.update(
        {
            "style": Markup(loader.get_source(environment, "style.css")[0]),
            "figures": figures,
            "chip_strip": chip_strip,
            "headline": headline,
            "leading_words": leading_words,
            "order_sentence": order_sentence,
            "missed": missed,
            "counted": counted,
            "reasons": reasons,
            "running_days": running_days,
            "unit_words": unit_words,
            "window_words": window_words,
            "report_name": report_name,
            "sentence": sentence,
            "lane_name": lane_name,
            "verdict_mark": verdict_mark,
            "weight_bar": weight_bar,
            "weight_code": weight_code,
            "weight_factor": weight_factor,
        }
    )
    environment.filters["shown"] = display_name
    return environment


def _write(path: Path, page: str) -> None:
    """Write beside ``path``, then rename: a reader sees the old page or the new one."""
    try:
        handle, name = tempfile.mkstemp(prefix=".report-", suffix=".html", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(page)
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise InputError(
            f"report {path.name}: expected a folder that can be written to, found: {exc.strerror}"
        ) from exc
