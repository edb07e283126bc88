from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import shapely
from shapely import box

from satverify.domain.sites import FootprintStatus, Rating, Site, Unit, UnitKind
from satverify.pipeline.fictional import anonymised, fictional_sites
from satverify.registry.sites import check_sites, write_sites
from satverify.resources import resource_path

REAL = Site(
    site_id="P100",
    name="Real Steel Co Ltd",
    name_zh="真实钢铁有限公司",
    city="Tangshan",
    rating=Rating.B,
    outline=box(118.0, 39.5, 118.02, 39.52),
    units=(Unit(unit_id="P100-bf1", site_id="P100", kind=UnitKind.BLAST_FURNACE, name="Real Steel No. 1"),),
)


def test_every_fictional_works_says_in_both_languages_that_it_is_simulated() -> None:
    for site in fictional_sites():
        assert site.name.endswith("(simulated)")
        assert site.name_zh.endswith("（模拟）")


def test_no_fictional_works_has_the_name_or_the_place_of_a_real_one() -> None:
    listed = json.loads(resource_path("aoi", "sites", "2plus26-2021-2022.geojson").read_text("utf-8"))
    real = [feature["properties"] for feature in listed["features"] if "unit_id" not in feature["properties"]]
    names = {str(properties.get(key)).lower() for properties in real for key in ("name", "name_zh", "city")}
    china = box(73, 18, 122.3, 54)  # the mainland ends west of 122.3 E at these latitudes
    for site in fictional_sites():
        bare = {
            site.name.removesuffix(" (simulated)").lower(),
            site.name_zh.removesuffix("（模拟）"),
            site.city.lower(),
        }
        assert bare.isdisjoint(names)
        assert not shapely.intersects(china, site.outline)


def test_fictional_sites_pass_the_check_of_sites(tmp_path: Path) -> None:
    write_sites(tmp_path / "sites.geojson", fictional_sites())
    checked = check_sites(tmp_path / "sites.geojson")
    assert checked.problems == ()
    assert checked.warnings == ()
    assert checked.sites == fictional_sites()


def test_one_works_has_furnaces_that_can_be_told_apart() -> None:
    *_, twin = fictional_sites()
    first, second = (unit.footprint for unit in twin.units)
    assert first is not None
    assert second is not None
    assert {unit.footprint_status for unit in twin.units} == {FootprintStatus.SURVEYED}
    assert shapely.distance(first, second) * 111.2 * 0.8 > 0.75  # two pixels; a degree east is 0.8 of one north here


def test_nothing_of_a_real_site_but_its_ground_and_equipment_is_left() -> None:
    site, other = anonymised([REAL, replace(REAL, site_id="P101", units=())])
    text = repr(replace(site, outline=box(0, 0, 1, 1)))
    for trace in ("P100", "Real", "真实", "Tangshan"):
        assert trace not in text
    assert (site.name, other.name) == ("Works 001 (simulated)", "Works 002 (simulated)")
    assert site.outline == REAL.outline
    assert [unit.kind for unit in site.units] == [UnitKind.BLAST_FURNACE]
