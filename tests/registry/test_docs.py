"""The examples of docs/own-sites.md are right."""

from __future__ import annotations

import re
from pathlib import Path

from satverify.registry.orders import check_orders
from satverify.registry.sites import check_sites

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-sites.md"


def example(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(text)


def test_the_examples_of_the_page_pass_the_checks_it_describes(tmp_path: Path) -> None:
    (tmp_path / "sites.geojson").write_text(example("json"), encoding="utf-8")
    (tmp_path / "orders.csv").write_text(example("csv"), encoding="utf-8")
    sites = check_sites(tmp_path / "sites.geojson")
    orders = check_orders(tmp_path / "orders.csv", sites.sites)
    assert (sites.problems, sites.warnings, orders.problems, orders.warnings) == ((), (), (), ())
    assert [len(site.units) for site in sites.sites] == [2]
    assert len(orders.orders) == 2
