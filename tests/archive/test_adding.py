"""What halves that crashes left, and damaged neighbours, do to the next scene."""

from __future__ import annotations

from pathlib import Path

import pytest

from satverify.archive import Archive
from satverify.errors import RetrievalError
from tests.archive.examples import files_of, filled, pixels_of, scene_of


def test_an_image_that_a_crash_left_gets_its_item(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    before = files_of(tmp_path)
    Path(archive.entries()[0].path).with_suffix(".json").unlink()
    scene = scene_of()
    archive.add(scene, pixels_of(scene))
    assert files_of(tmp_path) == before


def test_an_item_whose_image_is_gone_gets_it_back(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    before = files_of(tmp_path)
    Path(archive.entries()[0].path).unlink()
    scene = scene_of()
    archive.add(scene, pixels_of(scene))
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("lost", [".json", ".tif"])
def test_halves_of_other_products_are_passed_over_and_kept(tmp_path: Path, lost: str) -> None:
    archive = filled(tmp_path, 1)
    half = Path(archive.entries()[0].path).with_suffix(lost)
    half.unlink()
    left = files_of(tmp_path)
    other = scene_of(source_ids=("other",))
    assert archive.add(other, pixels_of(other, 5)).revision == 2
    assert left.items() <= files_of(tmp_path).items()
    assert [entry.revision for entry in archive.entries()] == [2]
    assert [checked.is_whole for checked in archive.check()].count(False) == 1
    assert archive.add(other, pixels_of(other, 5)).revision == 2


def test_two_halves_are_passed_over_too(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    image = Path(archive.entries()[0].path)
    image.with_suffix(".json").unlink()
    image.with_name(image.name.replace("_r1", "_r2")).write_bytes(b"half of another")
    other = scene_of(source_ids=("other",))
    assert archive.add(other, pixels_of(other)).revision == 3


def test_a_damaged_item_of_the_same_acquisition_is_named(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    item = Path(archive.entries()[0].path).with_suffix(".json")
    item.write_bytes(item.read_bytes().replace(b"ts-1", b"ts-2"))
    scene = scene_of()
    with pytest.raises(RetrievalError, match="archive check --repair") as told:
        archive.add(scene, pixels_of(scene))
    assert str(item) in str(told.value)


def test_revisions_link_to_the_one_before(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for name in ("first", "second", "third"):
        scene = scene_of(source_ids=(name,))
        archive.add(scene, pixels_of(scene))
    (entry,) = archive.entries()
    text = Path(entry.path).with_suffix(".json").read_text()
    assert '"rel": "predecessor-version"' in text
    assert "./20220105T030111_sentinel-2a_r2.json" in text


def test_more_than_nine_revisions_are_counted_as_numbers(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(11):
        scene = scene_of(source_ids=(f"product-{number:02}",))
        archive.add(scene, pixels_of(scene))
    assert [entry.revision for entry in archive.entries(all_revisions=True)] == list(range(1, 12))
    assert [entry.revision for entry in archive.entries()] == [11]
