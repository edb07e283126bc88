from __future__ import annotations

from pathlib import Path

import pytest

from satverify.config import read_project
from satverify.errors import InputError
from satverify.pipeline.flow import run
from satverify.pipeline.project import Project
from satverify.pipeline.reports import write_reports
from tests.pipeline import standin

NASTY = "../../<script>alert('x')</script>=1"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = read_project(standin.write_project(tmp_path / "project"))
    run(project, verify=standin.count_heat, lang=None)
    return project


def pages(project: Project) -> dict[str, str]:
    return {page.name: page.read_text(encoding="utf-8") for page in sorted((project.outputs / "reports").iterdir())}


def test_reports_come_from_the_outputs_alone_and_are_the_same_each_time(project: Project) -> None:
    index = write_reports(project, lang="en")
    first = pages(project)
    assert index.name in first
    (project.folder / "heat.csv").unlink()
    assert write_reports(project, lang="en") == index
    assert pages(project) == first
    assert "Works 1" in first["works-01.html"]


def test_both_languages_can_be_written(project: Project) -> None:
    write_reports(project, lang="zh")
    assert "钢厂" in pages(project)["works-00.html"]
    with pytest.raises(InputError):
        write_reports(project, lang="xx")


def test_the_page_of_a_site_that_left_the_list_goes_too(project: Project) -> None:
    write_reports(project, lang="en")
    (project.outputs / "reports" / "works-99.html").write_text("of an earlier list")
    write_reports(project, lang="en")
    assert sorted(pages(project)) == ["index.html", "works-00.html", "works-01.html", "works-02.html"]


def test_pages_of_earlier_findings_do_not_outlive_them(project: Project) -> None:
    write_reports(project, lang="en")
    run(project, verify=standin.count_heat, lang=None)
    assert len(pages(project)) == 4, "nothing changed"
    orders = (project.folder / "orders.csv").read_text()
    (project.folder / "orders.csv").write_text(orders.replace("2021-12-11", "2021-12-12"))
    run(project, verify=standin.count_heat, lang=None)
    assert pages(project) == {}


@pytest.mark.parametrize("name", ["findings.json", "looks.parquet", "run.json"])
def test_damaged_or_missing_outputs_are_told_and_nothing_is_rendered(project: Project, name: str) -> None:
    for content in (b"", b"{}", None):
        if content is None:
            (project.outputs / name).unlink()
        else:
            (project.outputs / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            write_reports(project, lang="en")
    assert not (project.outputs / "reports").exists()


def test_nasty_names_stay_inside_the_outputs_and_run_nowhere(tmp_path: Path) -> None:
    file = standin.write_project(tmp_path / "project")
    for path in (tmp_path / "project/sites.geojson", tmp_path / "project/orders.csv"):
        text = path.read_text().replace("works-01", NASTY).replace("Works 1", NASTY)
        path.write_text(text.replace("o1,", "=o1,"))
    before = set(tmp_path.rglob("*"))
    run(read_project(file), verify=standin.count_heat)
    made = set(tmp_path.rglob("*")) - before
    assert all(path.is_relative_to(tmp_path / "project/out") for path in made)
    written = pages(read_project(file))
    assert len(written) == 4
    assert not any("<script>alert" in page for page in written.values())
