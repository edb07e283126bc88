"""Pages a person reads: one per site and an index, each a file that opens offline, in English and in Chinese."""

from __future__ import annotations

from satverify.report.chips import BAND_ORDER, Chip, deciding_looks, with_chips
from satverify.report.names import report_name
from satverify.report.ranking import IndexView, SiteLine, index_line, index_view
from satverify.report.render import write_index, write_site_report
from satverify.report.sightings import EvidenceRow
from satverify.report.text import LANGUAGES, known_codes, sentence
from satverify.report.view import Project, SiteView, SourceUse, site_view

__all__ = [
    "BAND_ORDER",
    "LANGUAGES",
    "Chip",
    "EvidenceRow",
    "IndexView",
    "Project",
    "SiteLine",
    "SiteView",
    "SourceUse",
    "deciding_looks",
    "index_line",
    "index_view",
    "known_codes",
    "report_name",
    "sentence",
    "site_view",
    "with_chips",
    "write_index",
    "write_site_report",
]
