"""What every archive must do, in a folder and on a real S3 server alike."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from satverify.archive import Archive, Condition
from satverify.domain.scenes import Scene
from satverify.errors import InputError
from tests.archive.conftest import S3
from tests.archive.examples import SITE, START, WINTER, files_of, grid_of, moved, pixels_of, scene_of

Opener = Callable[[], Archive]
_numbers = count()


@pytest.fixture(params=["folder", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens one new archive, again with every call."""
    if request.param == "folder":
        return lambda: Archive(tmp_path / "archive")
    server: S3 = request.getfixturevalue("s3")
    root = f"s3://archive/{next(_numbers)}"
    return lambda: Archive(root, storage_options=server.options())


def test_an_archive_that_is_not_there_is_empty_and_stays_away(opened: Opener, tmp_path: Path) -> None:
    archive = opened()
    assert archive.entries() == ()
    assert archive.landed() == ()
    assert archive.ledger() == ()
    assert list(archive.check()) == []
    assert archive.open(SITE, "sentinel-2-l1c", WINTER).sizes["time"] == 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_added_comes_back(opened: Opener) -> None:
    scene = scene_of()
    pixels = pixels_of(scene)
    archived = opened().add(scene, pixels)
    assert archived == replace(scene, sha256=archived.sha256)
    assert len(archived.sha256) == 64
    (entry,) = opened().entries()
    assert (entry.sensor, entry.grid, entry.time) == (scene.sensor, scene.grid, scene.time)
    assert (entry.platform, entry.revision) == ("sentinel-2a", 1)
    assert opened().scene(entry) == archived
    read = opened().open(SITE, "sentinel-2-l1c", WINTER)
    stored = np.stack([read[name].values[0] for name in read.data_vars])
    np.testing.assert_allclose(stored / 1e-4, np.where(pixels == 65535, np.nan, pixels), atol=0.01)  # float32


def test_the_same_again_changes_nothing(opened: Opener) -> None:
    scene = scene_of()
    first = opened().add(scene, pixels_of(scene))
    again = replace(scene, site_ids=("ts-1", "ts-2"), request_hash="c" * 64)
    assert opened().add(again, pixels_of(scene)) == first
    assert len(opened().entries(all_revisions=True)) == 1


@pytest.mark.parametrize(
    "other",
    [
        scene_of(source_ids=("S2A_MSIL1C_later",)),
        scene_of(timeliness="OFFL"),
        scene_of(baseline="04.00"),
    ],
    ids=["source ids", "timeliness", "baseline"],
)
def test_a_replaced_product_becomes_the_next_revision_and_its_predecessor_stays(opened: Opener, other: Scene) -> None:
    scene = scene_of()
    first, second = opened().add(scene, pixels_of(scene)), opened().add(other, pixels_of(other))
    assert (first.revision, second.revision) == (1, 2)
    assert [opened().scene(entry) for entry in opened().entries()] == [second]
    assert [opened().scene(entry) for entry in opened().entries(all_revisions=True)] == [first, second]
    assert opened().add(scene, pixels_of(scene)) == first
    assert all(checked.is_whole for checked in opened().check())


def test_other_numbers_of_the_same_products_are_a_revision_too(opened: Opener) -> None:
    scene = scene_of()
    opened().add(scene, pixels_of(scene))
    assert opened().add(scene, pixels_of(scene, seed=1)).revision == 2


def test_entries_are_sorted_and_cut_at_utc_days(opened: Opener) -> None:
    archive = opened()
    times = [3, 1.9, 0, 1]
    for day in times:
        scene = scene_of(days=day)
        archive.add(scene, pixels_of(scene))
    cloud = scene_of("sentinel-2-l2a")
    archive.add(cloud, pixels_of(cloud))
    found = archive.entries("sentinel-2-l1c")
    assert [entry.time - START for entry in found] == [timedelta(days=day) for day in sorted(times)]
    assert [entry.time for entry in archive.entries("sentinel-2-l1c", (date(2022, 1, 6), date(2022, 1, 8)))] == [
        START + timedelta(days=1),
        START + timedelta(days=1.9),
    ]
    assert [entry.sensor for entry in archive.entries()] == ["sentinel-2-l1c"] * 4 + ["sentinel-2-l2a"]


def test_writers_of_one_scene_at_once_end_with_one_good_scene(opened: Opener) -> None:
    scene = scene_of()
    with ThreadPoolExecutor(8) as pool:
        archived = list(pool.map(lambda _: opened().add(scene, pixels_of(scene)), range(8)))
    assert set(archived) == {archived[0]}
    assert len(opened().entries(all_revisions=True)) == 1
    assert [checked.condition for checked in opened().check()] == [Condition.WHOLE]


def test_writers_of_different_products_at_once_lose_none(opened: Opener) -> None:
    scenes = [scene_of(source_ids=(f"product-{number}",)) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda scene: opened().add(scene, pixels_of(scene)), scenes))
    archive = opened()
    kept = {archive.scene(entry).acquisition.source_ids for entry in archive.entries(all_revisions=True)}
    assert kept == {scene.acquisition.source_ids for scene in scenes}
    assert all(checked.is_whole for checked in archive.check())


def test_bought_answers_are_kept_until_they_are_cleared(opened: Opener) -> None:
    content = bytes(range(256)) * 10
    opened().land("site-month.tar", content, {"sensor": "sentinel-2-l1c", "scenes": [1, 2.5, None], "名": "钢厂"})
    opened().land("other", b"", {})
    assert opened().landed() == ("other", "site-month.tar")
    assert opened().landing("site-month.tar") == (
        content,
        {"sensor": "sentinel-2-l1c", "scenes": [1, 2.5, None], "名": "钢厂"},
    )
    assert opened().landing("other") == (b"", {})
    opened().land("other", b"newer", {})
    assert opened().landing("other") == (b"newer", {})
    opened().clear("other")
    opened().clear("other")
    assert opened().landed() == ("site-month.tar",)
    assert len(list(opened().check())) == 1


def test_an_archive_whose_landing_is_empty_again_is_as_good_as_new(opened: Opener) -> None:
    scenes = [scene_of(days=day) for day in range(2)]
    for number, scene in enumerate(scenes):
        opened().land("answer", b"content", {})
        assert opened().landed() == ("answer",)
        opened().add(scene, pixels_of(scene))
        opened().record({"request": number})
        opened().clear("answer")
        assert opened().landed() == ()
        assert [checked.condition for checked in opened().check(repair=True)] == [Condition.WHOLE] * (number + 1)
    assert len(opened().entries()) == 2
    assert opened().ledger() == ({"request": 0}, {"request": 1})


def test_a_probe_of_a_place_that_can_be_written_to_leaves_nothing(opened: Opener) -> None:
    for size in (0, 1, 3 * 2**20 + 1):
        opened().require_writable(size)
    assert list(opened().check()) == []
    assert opened()._store.leftovers() == []


def test_the_ledger_keeps_every_record_in_order(opened: Opener) -> None:
    for number in range(5):
        opened().record({"request": number, "processing_units": 0.1 * number, "city": "唐山"})
    assert opened().ledger() == tuple(
        {"request": number, "processing_units": 0.1 * number, "city": "唐山"} for number in range(5)
    )


def test_records_of_many_writers_are_all_kept(opened: Opener) -> None:
    def spend(writer: int) -> None:
        archive = opened()
        for number in range(5):
            archive.record({"writer": writer, "number": number, "text": "x" * 500})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(spend, range(6)))
    found = [(record["writer"], record["number"]) for record in opened().ledger()]
    assert sorted(found) == [(writer, number) for writer in range(6) for number in range(5)]
    for writer in range(6):
        assert [number for who, number in found if who == writer] == list(range(5))


def test_damaged_scenes_are_set_aside_and_can_be_fetched_again(opened: Opener) -> None:
    archive = opened()
    scenes = [scene_of(days=day) for day in range(3)]
    for scene in scenes:
        archive.add(scene, pixels_of(scene))
    before = archive.entries()
    archive._store.replace(before[1].key + ".tif", b"II*\0" + bytes(5000))
    found = [checked for checked in archive.check(repair=True) if not checked.is_whole]
    assert [(checked.path, checked.condition) for checked in found] == [(before[1].path, Condition.DAMAGED)]
    assert "quarantine/scenes/sentinel-2-l1c" in found[0].moved_to
    assert opened().entries() == (before[0], before[2])
    assert all(checked.is_whole for checked in opened().check())
    archive.add(scenes[1], pixels_of(scenes[1]))
    assert opened().entries() == before


def test_an_archive_and_what_it_opens_travel_to_other_processes(opened: Opener) -> None:
    scene = scene_of()
    archive = pickle.loads(pickle.dumps(opened()))
    archive.add(scene, pixels_of(scene))
    there = pickle.loads(pickle.dumps(archive.open(SITE, "sentinel-2-l1c", WINTER)))
    np.testing.assert_array_equal(there["nir08"], opened().open(SITE, "sentinel-2-l1c", WINTER)["nir08"])


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (replace(scene_of(), sensor="sentinel-9"), "sentinel-9"),
        (replace(scene_of(), time=datetime(2022, 1, 5, 3)), "UTC"),
        (replace(scene_of(), time=START.astimezone(timezone(timedelta(hours=8)))), "UTC"),
        (replace(scene_of(), time=START + timedelta(microseconds=1)), "whole seconds"),
        (scene_of(platform="../up"), "file name"),
        (scene_of(platform=""), "file name"),
        (replace(scene_of(), valid_share=float("nan")), "valid share"),
        (scene_of(grid=replace(grid_of(), pixel_width=20.00000001)), "told by its name"),
        (scene_of(grid=moved(grid_of(), 0, 0, wider=1)), "expected uint16 of (5,"),
        (scene_of("sentinel-2-l2a"), "expected uint16 of (1,"),
    ],
)
def test_what_could_not_be_found_again_is_refused_and_nothing_is_written(
    tmp_path: Path, scene: Scene, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        Archive(tmp_path / "archive").add(scene, pixels_of(scene_of()))
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_another_type_are_refused(tmp_path: Path) -> None:
    scene = scene_of()
    with pytest.raises(InputError, match="found float32"):
        Archive(tmp_path).add(scene, pixels_of(scene).astype(np.float32))


def test_addresses_with_credentials_are_refused_without_repeating_them() -> None:
    with pytest.raises(InputError, match="environment") as refused:
        Archive("s3://AKIAKEY:hush@bucket/prefix")
    assert "hush" not in str(refused.value)
    assert "AKIAKEY" not in str(refused.value)


def test_a_file_address_is_a_folder(tmp_path: Path) -> None:
    scene = scene_of()
    Archive(f"file://{tmp_path}/a%20b").add(scene, pixels_of(scene))
    assert len(Archive(tmp_path / "a b").entries()) == 1


def test_an_empty_address_and_an_unknown_one_are_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        Archive("")
    with pytest.raises(InputError, match=r"expected a folder, file:// or s3://"):
        Archive("nowhere://bucket").entries()


def test_the_order_in_which_scenes_come_makes_no_difference_to_the_bytes(tmp_path: Path) -> None:
    scenes = [scene_of(days=day) for day in range(3)]
    for name, order in (("a", scenes), ("b", scenes[::-1])):
        for scene in order:
            Archive(tmp_path / name).add(scene, pixels_of(scene))
    first, second = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert first == second
    assert len(first) == 6


def test_times_are_those_of_utc(tmp_path: Path) -> None:
    scene = scene_of()
    Archive(tmp_path).add(scene, pixels_of(scene))
    (entry,) = Archive(tmp_path).entries()
    assert entry.time.tzinfo is UTC
