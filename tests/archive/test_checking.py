from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satverify.archive import Archive, Checked, Condition
from satverify.archive.checking import _settled
from satverify.archive.image import encode
from satverify.archive.item import parse, render
from tests.archive.examples import files_of, filled, pixels_of, scene_of

Damage = Callable[[Path], object]


def problems(archive: Archive, *, repair: bool = False) -> list[Checked]:
    return [checked for checked in archive.check(repair=repair) if not checked.is_whole]


def flip(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def forge(path: Path) -> None:
    """Another image, and an item with the hash of it: only a comparison of contents tells."""
    item = parse(path.with_suffix(".json").read_bytes())
    later = replace(item.scene, time=item.scene.time.replace(second=59))
    content = encode(later, pixels_of(later))
    path.write_bytes(content)
    forged = replace(item, scene=replace(item.scene, sha256=hashlib.sha256(content).hexdigest()), size=len(content))
    path.with_suffix(".json").write_bytes(render(forged))


def shift_numbers(path: Path) -> None:
    """An image of other numbers, with an item that has its hash."""
    item = parse(path.with_suffix(".json").read_bytes())
    content = encode(item.scene, pixels_of(item.scene, 7))
    path.write_bytes(content)
    forged = replace(item, scene=replace(item.scene, sha256=hashlib.sha256(content).hexdigest()), size=len(content))
    path.with_suffix(".json").write_bytes(render(forged))


def swap(path: Path) -> None:
    """The item of another scene."""
    other = next(each for each in sorted(path.parent.glob("*.json")) if each.stem != path.stem)
    path.with_suffix(".json").write_bytes(other.read_bytes())


DAMAGES: dict[str, tuple[Damage, str]] = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-100]), "bytes"),
    "zeros": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "SHA-256"),
    "empty": (lambda path: path.write_bytes(b""), "bytes"),
    "flipped in the header": (lambda path: flip(path, 0.001), "SHA-256"),
    "flipped in the pixels": (lambda path: flip(path, 0.7), "SHA-256"),
    "item flipped": (lambda path: flip(path.with_suffix(".json"), 0.4), "a STAC item as it was written"),
    "item emptied": (lambda path: path.with_suffix(".json").write_bytes(b""), "a STAC item"),
    "item of another": (swap, "the item of"),
    "other date": (forge, "acquisition"),
    "other numbers": (shift_numbers, "numbers with SHA-256"),
}


def test_a_good_archive_has_no_problems(tmp_path: Path) -> None:
    archive = filled(tmp_path, 3)
    archive.land("answer", b"content", {"a": 1})
    archive.record({"spent": 1})
    before = files_of(tmp_path)
    assert [checked.condition for checked in archive.check(repair=True)] == [Condition.WHOLE] * 4
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_set_aside(tmp_path: Path, name: str) -> None:
    damage, expected = DAMAGES[name]
    archive = filled(tmp_path, 3)
    good = files_of(tmp_path)
    victim = archive.entries()[1]
    damage(Path(victim.path))
    damaged = files_of(tmp_path)
    (problem,) = problems(archive)
    assert problem.condition is Condition.DAMAGED
    assert Path(problem.path).with_suffix(".tif") == Path(victim.path)
    assert expected in problem.expected
    assert problem.found
    assert files_of(tmp_path) == damaged
    (repaired,) = problems(archive, repair=True)
    assert Path(repaired.moved_to).read_bytes() == damaged[str(Path(victim.path).relative_to(tmp_path))]
    assert problems(archive) == []
    assert len(archive.entries()) == 2
    scene = scene_of(days=1)
    archive.add(scene, pixels_of(scene, 1))
    kept = files_of(tmp_path)
    assert {path: content for path, content in kept.items() if not path.startswith("quarantine")} == good


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    image = Path(archive.entries()[0].path)
    for path in (image, image.with_suffix(".json")):
        content = path.read_bytes()
        for place in np.linspace(0, len(content) - 1, 15).astype(int):
            path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
            assert [problem.condition for problem in problems(archive)] == [Condition.DAMAGED], place
        path.write_bytes(content)
    assert problems(archive) == []


def test_halves_of_scenes_are_orphans(tmp_path: Path) -> None:
    archive = filled(tmp_path, 3)
    first, second, third = (Path(entry.path) for entry in archive.entries())
    first.with_suffix(".json").unlink()
    second.unlink()
    found = problems(archive)
    assert [(problem.condition, problem.path, problem.expected) for problem in found] == [
        (Condition.ORPHANED, str(first), "its item beside it"),
        (Condition.ORPHANED, str(second.with_suffix(".json")), "its image beside it"),
    ]
    assert [entry.path for entry in archive.entries()] == [str(third)]
    assert all(problem.moved_to for problem in problems(archive, repair=True))
    assert problems(archive) == []
    assert not first.exists()
    for day in range(2):
        scene = scene_of(days=day)
        archive.add(scene, pixels_of(scene, day))
    assert len(archive.entries()) == 3


def test_a_scene_under_a_wrong_name_is_an_orphan(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    path = Path(archive.entries()[0].path)
    for suffix in (".tif", ".json"):
        path.with_suffix(suffix).rename(path.with_name("renamed" + suffix))
    assert [problem.condition for problem in problems(archive)] == [Condition.ORPHANED]


def test_what_other_programs_leave_beside_images_is_no_problem(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    path = Path(archive.entries()[0].path)
    for name in (f"{path.name}.aux.xml", ".DS_Store"):
        path.with_name(name).write_text("x")
    assert problems(archive, repair=True) == []
    assert path.with_name(".DS_Store").exists()


@pytest.mark.parametrize("content", [b"", b"no json\nanswer", b'{"sha256": "0", "note": {}}\nanswer', b"[]\n"])
def test_a_damaged_answer_is_found_and_set_aside(tmp_path: Path, content: bytes) -> None:
    archive = Archive(tmp_path)
    archive.land("good", b"content", {})
    archive.land("bad", b"content", {})
    (tmp_path / "landing" / "bad").write_bytes(content)
    (problem,) = problems(archive, repair=True)
    assert problem.condition is Condition.DAMAGED
    assert problem.path == str(tmp_path / "landing" / "bad")
    assert archive.landed() == ("good",)
    said = f"{problem.path}: expected {problem.expected}, found {problem.found}"
    assert said.count(str(tmp_path)) == 1
    assert "--repair" not in said


def test_a_file_that_cannot_be_read_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(tmp_path, 1)
    archive.land("answer", b"content", {})

    def refuse(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    answer = problems(archive)[1]
    assert (answer.path, answer.found) == (str(tmp_path / "landing" / "answer"), "cannot be read: Input/output error")


def test_what_is_not_the_archives_is_told_apart_by_whether_it_is_in_the_way(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    archive.land("answer", b"content", {})
    archive.record({"spent": 1})
    folder = Path(archive.entries()[0].path).parent
    in_the_way = [folder / "notes.txt", tmp_path / "landing" / "a b", tmp_path / "scenes" / "readme.md"]
    harmless = [folder / ".DS_Store", folder / "._x.tif", tmp_path / "landing" / ".DS_Store", tmp_path / "plan.txt"]
    for path in in_the_way + harmless:
        path.write_text("x")
    (tmp_path / "older").mkdir()
    found = {checked.path: checked for checked in archive.check() if checked.condition is not Condition.WHOLE}
    assert {path for path in found if not found[path].is_whole} == {str(path) for path in in_the_way}
    assert {each.condition for each in found.values()} == {Condition.STRAY, Condition.FOREIGN}
    assert {path for path in found if found[path].is_whole} == {f"{tmp_path}/older/", *map(str, harmless)}
    assert archive.landed() == ("answer",)
    assert all(problem.moved_to and problem.is_repaired for problem in problems(archive, repair=True))
    assert problems(archive) == []
    assert all(path.exists() for path in harmless)
    assert not any(path.exists() for path in in_the_way)


def test_an_orphan_beside_a_longer_name_is_set_aside_alone(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    item = Path(archive.entries()[0].path).with_suffix(".json")
    item.rename(item.with_name(f"{item.name}.bak"))
    assert [problem.condition for problem in problems(archive, repair=True)] == [Condition.ORPHANED, Condition.STRAY]
    assert problems(archive) == []


def test_what_vanishes_while_it_is_repaired_is_no_fault(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.land("bad", b"content", {})
    (tmp_path / "landing" / "bad").write_bytes(b"no answer")
    store = archive._store
    checked = Checked(path=store.address("landing/bad"), condition=Condition.DAMAGED)
    archive.clear("bad")
    settled = _settled(store, checked, ["landing/bad"], repair=True)
    assert (settled.moved_to, settled.is_repaired) == ("", True)


def test_a_torn_record_is_kept_in_quarantine_and_the_others_stay(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number, torn in enumerate([b'{"number": 2, "spe', b"\xff\xfe"]):
        archive.record({"number": number})
        with (tmp_path / "ledger.jsonl").open("ab") as file:
            file.write(torn)
    kept = archive.ledger()
    assert kept == ({"number": 0}, {"number": 1})
    found = problems(archive, repair=True)
    assert [(each.condition, each.expected) for each in found] == [
        (Condition.LEFTOVER, "a record in line 2"),
        (Condition.LEFTOVER, "a record in line 4"),
    ]
    assert {each.moved_to for each in found} == {str(tmp_path / "quarantine" / "ledger.jsonl")}
    assert (tmp_path / "quarantine" / "ledger.jsonl").read_bytes() == b'{"number": 2, "spe\n\xff\xfe\n'
    assert problems(archive) == []
    assert archive.ledger() == kept
    archive.record({"number": 2})
    assert archive.ledger() == (*kept, {"number": 2})


def test_the_same_scene_damaged_twice_is_set_aside_twice(tmp_path: Path) -> None:
    for round_ in range(3):
        archive = filled(tmp_path, 1)
        flip(Path(archive.entries()[0].path), 0.5)
        (problem,) = problems(archive, repair=True)
        assert problem.moved_to.endswith(".tif" if round_ == 0 else f".tif.{round_ + 1}")
    assert len(list((tmp_path / "quarantine").rglob("*.tif*"))) == 3


def test_leftovers_are_removed_by_repair(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    leftover = tmp_path / ".staging" / "1-a.part"
    leftover.write_bytes(b"half")
    assert [problem.condition for problem in problems(archive, repair=True)] == [Condition.LEFTOVER]
    assert not leftover.exists()
    assert problems(archive) == []


def test_a_damaged_item_stops_neither_listing_nor_checking_and_names_itself(tmp_path: Path) -> None:
    archive = filled(tmp_path, 2)
    entry = archive.entries()[0]
    Path(entry.path).with_suffix(".json").write_bytes(b"{")
    assert len(archive.entries()) == 2
    with pytest.raises(Exception, match=r"_r1\.json: expected a STAC item .* archive check --repair"):
        archive.scene(entry)
    assert len(list(archive.check())) == 2


def test_gaps_that_repair_leaves_among_revisions_are_not_filled_below_newer_ones(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    second = scene_of(source_ids=("second",))
    archive.add(second, pixels_of(second))
    flip(Path(archive.entries(all_revisions=True)[0].path), 0.5)
    problems(archive, repair=True)
    third = scene_of(source_ids=("third",))
    assert archive.add(third, pixels_of(third)).revision == 3
    assert [entry.revision for entry in archive.entries(all_revisions=True)] == [2, 3]
