"""Pages a person reads: one per site and an index, each a file that opens offline, in English and in Chinese."""

from __future__ import annotations

from satverify.report.names import report_name
from satverify.report.ranking import IndexView, SiteLine, index_line, index_view
from satverify.report.render import write_index, write_site_report
from satverify.report.text import LANGUAGES, known_codes, sentence
from satverify.report.view import Project, SiteView, SourceUse, site_view

__all__ = [
    "LANGUAGES",
    "IndexView",
    "Project",
    "SiteLine",
    "SiteView",
    "SourceUse",
    "index_line",
    "index_view",
    "known_codes",
    "report_name",
    "sentence",
    "site_view",
    "write_index",
    "write_site_report",
]
