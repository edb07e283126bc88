from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.archive import Archive
from satverify.domain.grids import Grid
from satverify.domain.scenes import Acquisition, Scene
from satverify.domain.sensors import NODATA
from satverify.errors import ProductError, QuotaExceeded
from satverify.pipeline.buying import BROKEN, Bought, buy, order_of, order_record, settle_landed
from satverify.pipeline.buying import _order as order_for
from satverify.progress import LogLines, Silent
from satverify.sources.sentinelhub.acquisitions import Listed
from satverify.sources.sentinelhub.areas import Area, parts_of
from satverify.sources.sentinelhub.bodies import process_body
from satverify.sources.sentinelhub.bundles import Bundle
from satverify.sources.sentinelhub.service import Processed, Service
from tests.sources.sentinelhub.made import GRID, SENTINEL_2, acquired, answer

DAYS = acquired(*(f"2022-01-{day:02d}T03:01:11" for day in (5, 10, 15, 20, 25)))


def bundle(*acquisitions: Acquisition, grid: Grid = GRID) -> Bundle:
    area = Area(sensor=SENTINEL_2, grid=grid, site_ids=("a", "b"), windows=(grid, grid))
    return Bundle(area=area, scenes=tuple(Listed(acquisition=one, samples=1) for one in acquisitions))


@dataclass
class Counter:
    """A service that answers rightly, but for dates that it cannot make."""

    broken: frozenset[str] = frozenset()
    served: Callable[[tuple[Acquisition, ...], Grid], bytes] = lambda acquisitions, grid: answer(
        SENTINEL_2, grid, acquisitions
    )
    fault: Exception | None = None
    asked: list[list[str]] = field(default_factory=list)
    units: float = 0.0

    def process(
        self, body: dict[str, Any], *, estimate: float, label: str, check: Callable[[bytes, str], Any]
    ) -> Processed[Any]:
        wanted = [one for one in DAYS if f"{int(one.start.timestamp() - 3 * 3600 - 71) * 1000}" in body["evalscript"]]
        days = [f"{one.start:%d}" for one in wanted]
        self.asked.append(days)
        if self.fault is not None:
            raise self.fault
        if self.broken.intersection(days):
            raise ProductError("Illegal request to creo://eodata/x", may_be_one_of_many=True)
        grid = next(part for part in GRIDS if list(part.bounds) == body["input"]["bounds"]["bbox"])
        content = self.served(tuple(wanted), grid)
        self.units += estimate
        return Processed(
            result=check(content, "application/tar"),
            content=content,
            processing_units=estimate,
            is_estimated=False,
            attempts=1,
        )


LARGE = replace(GRID, width=2503)
GRIDS = [GRID, *parts_of(LARGE)]


def bought(counter: Counter, archive: Archive, wanted: Bundle) -> Bought:
    return buy(cast(Service, counter), archive, wanted)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def test_a_bundle_becomes_scenes_of_its_dates(archive: Archive) -> None:
    counter = Counter()
    got = bought(counter, archive, bundle(*DAYS))
    assert counter.asked == [["05", "10", "15", "20", "25"]]
    assert [entry.time for entry in archive.entries("sentinel-2-l1c")] == [one.start for one in DAYS]
    assert [scene.sha256 for scene in got.scenes] == [archive.scene(e).sha256 for e in archive.entries()]
    assert got.scenes[0].site_ids == ("a", "b")
    assert archive.landed() == ()


def test_one_broken_product_costs_its_own_scene_only_and_is_remembered(archive: Archive) -> None:
    counter = Counter(broken=frozenset({"15"}))
    got = bought(counter, archive, bundle(*DAYS))
    assert [f"{scene.time:%d}" for scene in got.scenes] == ["05", "10", "20", "25"]
    assert [(f"{one.time:%d}", "Illegal request" in one.reason) for one in got.refused] == [("15", True)]
    (record,) = [record for record in archive.ledger() if record["kind"] == BROKEN]
    assert record["source_ids"] == list(DAYS[2].source_ids)
    assert ["15"] in counter.asked


def test_a_request_that_is_refused_for_itself_is_not_cut_in_pieces(archive: Archive) -> None:
    counter = Counter(fault=ProductError("HTTP 400: too large"))
    got = bought(counter, archive, bundle(*DAYS))
    assert (len(counter.asked), len(got.refused), got.scenes) == (1, 5, ())


def test_what_concerns_the_whole_run_is_passed_on(archive: Archive) -> None:
    with pytest.raises(QuotaExceeded):
        bought(Counter(fault=QuotaExceeded("spent")), archive, bundle(*DAYS))


def test_a_scene_that_is_listed_and_not_served_is_told_and_not_archived(archive: Archive) -> None:
    def partly(acquisitions: tuple[Acquisition, ...], grid: Grid) -> bytes:
        numbers = np.full((len(acquisitions), 5, *grid.shape), 7, dtype=np.uint16)
        numbers[1] = NODATA
        return answer(SENTINEL_2, grid, acquisitions, numbers, scenes=[{"place": 0, "tiles": []}])

    got = bought(Counter(served=partly), archive, bundle(*DAYS[:2]))
    assert len(got.scenes) == 1
    assert [f"{one.time:%d}" for one in got.refused] == ["10"]
    assert len(archive.entries()) == 1


def test_an_empty_scene_is_archived_so_that_it_is_not_bought_again(archive: Archive) -> None:
    def empty(acquisitions: tuple[Acquisition, ...], grid: Grid) -> bytes:
        return answer(
            SENTINEL_2, grid, acquisitions, np.full((len(acquisitions), 5, *grid.shape), NODATA, dtype=np.uint16)
        )

    got = bought(Counter(served=empty), archive, bundle(DAYS[0]))
    assert [scene.valid_share for scene in got.scenes] == [0.0]
    assert len(archive.entries()) == 1


def test_an_answer_is_landed_before_it_is_taken_apart_and_never_asked_for_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    added: list[object] = []
    add = archive.add

    def die(self: Archive, scene: Scene, pixels: NDArray[np.uint16]) -> Scene:
        if len(added) == 2:
            raise Killed
        added.append(scene)
        return add(scene, pixels)

    monkeypatch.setattr(Archive, "add", die)
    with pytest.raises(Killed):
        bought(Counter(), archive, bundle(*DAYS))
    monkeypatch.undo()
    assert len(archive.landed()) == 1
    settled = settle_landed(archive, Silent())
    assert len(settled.scenes) == 5
    assert (len(archive.entries()), archive.landed()) == (5, ())
    assert settle_landed(archive, Silent()) == Bought()


def test_a_grid_beyond_the_limit_is_asked_for_in_parts_and_stitched(archive: Archive) -> None:
    counter = Counter()
    got = bought(counter, archive, bundle(*DAYS[:2], grid=LARGE))
    assert len(counter.asked) == 2
    assert [scene.grid for scene in got.scenes] == [LARGE, LARGE]
    assert [scene.valid_share for scene in got.scenes] == [1.0, 1.0]


def test_parts_that_are_landed_wait_for_the_others(archive: Archive) -> None:
    class Cut(Exception):
        pass

    counter = Counter()

    def first_only(acquisitions: tuple[Acquisition, ...], grid: Grid) -> bytes:
        if grid == parts_of(LARGE)[1]:
            raise Cut
        return answer(SENTINEL_2, grid, acquisitions)

    counter.served = first_only
    with pytest.raises(Cut):
        bought(counter, archive, bundle(DAYS[0], grid=LARGE))
    assert settle_landed(archive, Silent()) == Bought()
    again = Counter()
    assert len(bought(again, archive, bundle(DAYS[0], grid=LARGE)).scenes) == 1
    assert len(again.asked) == 1


def test_an_order_survives_being_written_down() -> None:
    order = order_for(bundle(*DAYS))
    assert order_of(order_record(order)) == order


def test_the_request_names_place_days_and_nothing_secret() -> None:
    body = process_body(SENTINEL_2, GRID, DAYS)
    assert body["input"]["bounds"]["properties"]["crs"].endswith("/EPSG/0/32650")
    assert body["input"]["data"] == [
        {
            "type": "sentinel-2-l1c",
            "dataFilter": {"timeRange": {"from": "2022-01-05T00:00:00Z", "to": "2022-01-25T23:59:59Z"}},
            "processing": {"harmonizeValues": True},
        }
    ]
    assert [one["identifier"] for one in body["output"]["responses"]] == ["default", "userdata"]
    assert (body["output"]["width"], body["output"]["height"]) == (4, 3)


def test_what_another_version_landed_is_told_and_forgotten(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.land("old-1of1", b"whatever", {"sensor": "sentinel-9"})
    right = order_record(order_for(bundle(*DAYS)))
    archive.land(f"{right['request_hash']}-1of1", b"no archive", right)
    assert settle_landed(archive, LogLines(sys.stderr)) == Bought()
    assert archive.landed() == ()
    assert capsys.readouterr().err.count("is forgotten") == 2
