"""The images that decided, on a page that asks nobody for anything."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from satverify.domain.evidence import LOOK_COLUMNS
from satverify.domain.findings import Verdict
from satverify.report.chips import BRIGHTEST, MOST_CHIPS, Chip, deciding_looks, drawn, with_chips
from satverify.report.render import render_site
from satverify.report.sightings import EvidenceRow
from satverify.report.text import LANGUAGES
from satverify.report.view import FindingView, SiteView, site_view
from tests.report import winter

SITE = winter.works()
WINDOW = (date(2021, 11, 15), date(2021, 11, 29))


def image_looks(*rows: tuple[date, float, int], sensor: str = "sentinel-2-l1c") -> pd.DataFrame:
    """Looks at scenes, each with how much it favours running and its hot pixels."""
    looks = winter.looks_table(SITE, (date(2021, 11, 1), date(2021, 11, 1 + len(rows))), [], seed=1)
    looks = looks.drop_duplicates("local_day").reset_index(drop=True)
    day = pd.to_datetime(pd.Series([row[0] for row in rows]))
    return looks.assign(
        sensor=sensor,
        satellite="sentinel-2a",
        local_day=day.astype("datetime64[us]"),
        time=(day.dt.tz_localize("UTC") + pd.Timedelta(hours=3)).astype("datetime64[us, UTC]"),
        quality="clear",
        scene_id=[f"{sensor}_{row[0]:%Y%m%d}" for row in rows],
        hot_pixels=[row[2] for row in rows],
        loglik_running=[row[1] for row in rows],
        loglik_halted=0.0,
    ).astype(LOOK_COLUMNS)


def page_of(*tables: pd.DataFrame) -> SiteView:
    """One order to halt and the looks of these tables, VIIRS first."""
    viirs = winter.looks_table(SITE, (date(2021, 11, 1), date(2021, 12, 1)), [], seed=2)
    looks = pd.concat([viirs, *tables], ignore_index=True).astype(LOOK_COLUMNS)
    order = winter._order(SITE, "N-1", (2021, 11, 15), (2021, 11, 29))
    return site_view(
        winter.project((date(2021, 11, 1), date(2021, 12, 1))),
        SITE,
        orders=[order],
        findings=[winter.finding(SITE, order, looks, Verdict.INCONSISTENT)],
        looks=looks,
        activity=winter.activity_table(looks),
        cells=winter.cells_table(SITE),
        changes=winter.changes_table(SITE, [], WINDOW),
    )


def in_window(count: int) -> list[tuple[date, float, int]]:
    return [(WINDOW[0] + timedelta(days=day), 0.5 + day / 10, day % 2) for day in range(count)]


def chosen(*tables: pd.DataFrame) -> tuple[tuple[EvidenceRow, bool], ...]:
    (item,) = page_of(*tables).detailed
    return deciding_looks(item)


def chip(look: EvidenceRow, *, is_reference: bool = False) -> Chip:
    """A dark scene with one hot pixel inside a square footprint, and one pixel missing."""
    reflectance = np.full((3, 12, 16), 0.2, dtype=np.float32)
    reflectance[:, 5, 7] = (1.4, 0.6, 0.25)
    reflectance[:, 0, 0] = np.nan
    ring = ((6.0, 4.0), (9.0, 4.0), (9.0, 7.0), (6.0, 7.0), (6.0, 4.0))
    return Chip(look=look, reflectance=reflectance, outlines=(ring,), is_reference=is_reference)


def shown(lang: str = "en") -> str:
    view = page_of(image_looks((date(2021, 11, 9), 3.0, 4), *in_window(3)))
    (item,) = view.detailed
    chips = [chip(look, is_reference=is_reference) for look, is_reference in deciding_looks(item)]
    return render_site(with_chips(view, {item.finding.finding_id: chips}), lang)


class Pictures(HTMLParser):
    """Images of a page, what is drawn over each, and every place it points to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.paths: list[str] = []
        self.places: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "image":
            self.images.append(found)
        if tag == "path" and found.get("class") in {"under", "over"}:
            self.paths.append(found["d"] or "")
        self.places += [value for name, value in attrs if name in {"href", "src", "xlink:href", "srcset"} and value]


def decoded(address: str | None) -> NDArray[np.uint8]:
    assert address is not None
    head, _, content = address.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content, validate=True))))


def test_the_looks_that_weigh_most_are_shown_in_order_of_time_and_the_one_to_compare_with_first() -> None:
    found = chosen(image_looks((date(2021, 11, 9), 3.0, 4), *in_window(10)))
    assert [is_reference for _, is_reference in found] == [True, *[False] * MOST_CHIPS]
    assert found[0][0].local_day == date(2021, 11, 9)
    days = [look.local_day for look, is_reference in found if not is_reference]
    assert days == [WINDOW[0] + timedelta(days=day) for day in range(10 - MOST_CHIPS, 10)]


def test_cold_looks_that_weigh_decide_too() -> None:
    found = chosen(image_looks(*((WINDOW[0] + timedelta(days=day), -3.0 + day / 10, 0) for day in range(3))))
    assert [look.favours < 0 for look, _ in found] == [True] * 3


def test_coarse_scenes_take_no_place_from_those_that_can_be_shown() -> None:
    night = image_looks((date(2021, 11, 8), 4.0, 3), *in_window(10), sensor="sentinel-3-slstr")
    heavy = night.assign(loglik_running=4.5)
    found = chosen(heavy, image_looks((date(2021, 11, 9), 1.0, 1), *in_window(2)))
    assert {look.sensor for look, _ in found} == {"sentinel-2-l1c"}
    assert [is_reference for _, is_reference in found] == [True, False, False]


def test_a_scene_late_in_a_long_window_is_shown_however_many_looks_come_before_it() -> None:
    site, late = SITE, date(2022, 2, 20)
    days = (date(2021, 11, 1), date(2022, 3, 1))
    looks = pd.concat([winter.looks_table(site, days, [], seed=2), image_looks((late, 4.0, 3))], ignore_index=True)
    order = winter._order(site, "N-1", (2021, 11, 15), (2022, 2, 28))
    view = site_view(
        winter.project(days), site, orders=[order],
        findings=[winter.finding(site, order, looks.astype(LOOK_COLUMNS), Verdict.INCONSISTENT)],
        looks=looks.astype(LOOK_COLUMNS), activity=winter.activity_table(looks), cells=winter.cells_table(site),
        changes=winter.changes_table(site, [], days),
    )  # fmt: skip
    assert [look.local_day for look, _ in deciding_looks(view.detailed[0])] == [late]


def test_detections_and_unusable_scenes_have_no_image() -> None:
    assert chosen() == ()
    assert chosen(image_looks(*in_window(2)).assign(quality="cloudy")) == ()
    assert chosen(image_looks(*in_window(2)).assign(scene_id="")) == ()
    (item,) = page_of().detailed
    assert deciding_looks(replace(item, evidence=None)) == ()


def test_a_look_to_compare_with_must_have_seen_heat_before_the_window() -> None:
    for row in ((date(2021, 11, 9), 3.0, 0), (date(2021, 11, 9), -3.0, 4), (date(2021, 11, 30), 3.0, 4)):
        assert not any(is_reference for _, is_reference in chosen(image_looks(row, *in_window(2))))


def test_where_no_scene_decided_there_is_nothing_to_compare_with() -> None:
    assert chosen(image_looks((date(2021, 11, 9), 3.0, 4))) == ()


def test_every_chip_has_the_same_stretch() -> None:
    """The same reflectance gets the same colour, whatever else a scene holds."""
    dark = np.full((3, 2, 2), 0.1, dtype=np.float32)
    with_flame = dark.copy()
    with_flame[:, 0, 0] = 30.0
    np.testing.assert_array_equal(drawn(with_flame)[1, 1], drawn(dark)[1, 1])
    assert drawn(with_flame)[0, 0].tolist() == [255, 255, 255]
    brighter = [int(drawn(np.full((3, 1, 1), level, dtype=np.float32))[0, 0, 0]) for level in (-0.1, 0, 0.1, 0.4, 0.8)]
    assert brighter == sorted(brighter)
    assert (brighter[0], brighter[-1]) == (0, 255)
    assert BRIGHTEST == 0.8


def test_bands_are_red_green_and_blue_and_what_is_missing_is_grey() -> None:
    reflectance = np.zeros((3, 1, 3), dtype=np.float32)
    reflectance[0, 0, 0] = BRIGHTEST
    reflectance[2, 0, 1] = np.nan
    assert drawn(reflectance)[0].tolist() == [[255, 0, 0], [128, 128, 128], [0, 0, 0]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_carries_its_images_and_asks_nobody_for_anything(lang: str) -> None:
    page = shown(lang)
    read = Pictures(page)
    assert len(read.images) == 4
    for image in read.images:
        colours = decoded(image["href"])
        assert colours.shape == (12, 16, 3)
        assert colours[5, 7, 0] == 255
        assert colours[5, 7, 2] < colours[5, 7, 1] < 255  # heat is yellow to red
        assert colours[0, 0].tolist() == [128, 128, 128]
        assert (image["width"], image["height"]) == ("16", "12")
    assert all(re.match(r"#|data:image/png;base64,|data:,|[a-z0-9_~-]+\.html$", place) for place in read.places)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "<script" not in page


def test_the_footprint_is_drawn_round_the_hot_pixel() -> None:
    read = Pictures(shown())
    assert len(read.paths) == 8  # dark below bright, on each of four chips
    assert set(read.paths) == {"M6 4L9 4L9 7L6 7L6 4Z"}


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["The images that decided", "1 hot pixel", "no heat", "At work, to compare with", "Sentinel-2A"]),
     ("zh", ["起决定作用的影像", "1 个热像元", "未见热源", "运行时影像，供对照", "哨兵二号A星"])],
)  # fmt: skip
def test_captions_say_what_is_seen_in_the_readers_language(lang: str, words: list[str]) -> None:
    page = shown(lang)
    for said in words:
        assert said in page
    assert "11:00" in page  # 03:00 UTC at the site


def test_a_page_without_images_says_nothing_of_them() -> None:
    page = render_site(page_of(), "en")
    assert "The images that decided" not in page
    assert "data:image/png" not in page


def test_images_go_to_their_own_finding() -> None:
    view = page_of(image_looks(*in_window(1)))
    (item,) = view.detailed
    (look,) = (look for look, _ in deciding_looks(item))
    other = with_chips(view, {"another": [chip(look)]})
    assert isinstance(other.detailed[0], FindingView)
    assert other.detailed[0].chips == ()
