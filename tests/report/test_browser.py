"""The pages in a real browser: what it loads, what it complains of, what it shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from satverify.report.names import report_name
from satverify.report.ranking import index_line, index_view
from satverify.report.render import write_index, write_site_report
from satverify.report.text import LANGUAGES, load_text
from tests.report import winter

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""Options that keep the browser from doing things of its own, and from finding any host."""
ITS_OWN = re.compile(
    r"(?:file|data|about|chrome[\w-]*):|https?://(?:[\w-]+\.)*(?:google|googleapis|gstatic|gvt1)\.com/"
)
"""What the browser asks for by itself all the same."""

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium here: install Debian's package chromium to run this"
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    view = winter.winter_view()
    for lang in LANGUAGES:
        (folder / lang).mkdir()
        write_site_report(folder / lang / report_name(view.site.site_id), view, lang)
        write_index(folder / lang / "index.html", index_view(view.project, [index_line(view)]), lang)
    return folder


def browse(page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    command = [BROWSER, *ALONE, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["example-1.html", "index.html"])
def test_a_page_opens_without_complaint_and_asks_for_nothing(
    reports: Path, tmp_path: Path, lang: str, name: str
) -> None:
    log = tmp_path / "net.json"
    seen = browse(reports / lang / name, tmp_path, f"--log-net-log={log}", "--dump-dom")
    assert "CONSOLE" not in seen.stderr
    text = load_text(lang)
    title = "index.ranked" if name == "index.html" else "summary.title"
    assert f">{text(title)}</h2>" in seen.stdout
    assert asked_for(log) == set()


def test_a_page_that_asks_for_something_would_be_found_out(tmp_path: Path) -> None:
    page, log = tmp_path / "page.html", tmp_path / "net.json"
    page.write_text('<!DOCTYPE html><img src="http://tiles.invalid/1.png">')
    browse(page, tmp_path, f"--log-net-log={log}", "--dump-dom")
    assert asked_for(log) == {"http://tiles.invalid/1.png"}


def asked_for(log: Path) -> set[str]:
    urls = set(re.findall(r'"url":"([^"]*)"', json.dumps(json.loads(log.read_text()), separators=(",", ":"))))
    return {url for url in urls if not ITS_OWN.match(url)}


def test_a_page_has_a_picture_and_prints(reports: Path, tmp_path: Path) -> None:
    picture, print_out = tmp_path / "page.png", tmp_path / "page.pdf"
    page = reports / "zh" / "example-1.html"
    browse(page, tmp_path, "--window-size=1240,3000", f"--screenshot={picture}")
    browse(page, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={print_out}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 100_000  # a blank page of this size takes 15 kB
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", print_out.read_bytes())) <= 12
