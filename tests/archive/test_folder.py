from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from satverify.archive import Archive, Condition
from satverify.archive.folder import STAGING, FolderStore
from satverify.errors import InputError, RetrievalError
from tests.archive.examples import files_of, filled, pixels_of, scene_of

KILLED = """
import os, random, signal, sys
from tests.archive.examples import filled

def fill(root, events=None):
    done = [0]

    def count(*_):
        done[0] += 1
        if done[0] == events:
            os.kill(os.getpid(), signal.SIGKILL)

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        sys.addaudithook(count)
        filled(root, 4)
        os.write(writer, str(done[0]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        total = told.read()
    return total, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

root, moments = sys.argv[1], random.Random(3)
filled(root + "/warm", 1)
total, _ = fill(root + "/whole")
for number in range(10):
    print(number, fill(f"{root}/{number}", moments.randrange(1, int(total)))[1])
"""
"""Fills archives, each in a process that is killed where it opens, links, removes or the like for the n-th time."""


def test_a_full_disk_is_told_and_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(tmp_path, 1)
    archive.record({"spent": 1})
    before = files_of(tmp_path)
    monkeypatch.setattr(os, "write", _fills_up_after(2000))
    scene = scene_of(days=1)
    with pytest.raises(RetrievalError, match="No space left on device") as told:
        archive.add(scene, pixels_of(scene))
    assert str(tmp_path) in str(told.value)
    monkeypatch.setattr(os, "write", _fills_up_after(2000))
    with pytest.raises(RetrievalError, match="No space left on device"):
        archive.land("answer", bytes(5000), {})
    monkeypatch.setattr(os, "write", _fills_up_after(2000))
    with pytest.raises(RetrievalError, match="No space left on device"):
        archive.record({"spent": "x" * 5000})
    monkeypatch.undo()
    assert files_of(tmp_path) == before
    assert archive.ledger() == ({"spent": 1},)
    assert archive.add(scene, pixels_of(scene)).revision == 1


def test_a_disk_without_room_for_what_comes_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(tmp_path, 1)
    before = files_of(tmp_path)
    monkeypatch.setattr(os, "write", _fills_up_after(3_000_000))
    with pytest.raises(RetrievalError, match="4000000 bytes cannot be written there: No space left on device") as told:
        archive.require_writable(4_000_000)
    assert str(tmp_path) in str(told.value)
    monkeypatch.setattr(os, "write", _fills_up_after(3_000_000))
    archive.require_writable(3_000_000)
    assert files_of(tmp_path) == before


def test_a_probe_is_no_larger_than_it_must_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", _fills_up_after(64_000_000))
    Archive(tmp_path).require_writable(10**12)


def test_a_place_that_is_no_folder_is_known_before(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no folder")
    with pytest.raises(RetrievalError, match="cannot be written there"):
        Archive(tmp_path / "archive").require_writable(1)


def test_a_record_added_while_the_ledger_is_mended_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Archive(tmp_path).record({"number": 1})
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(b'{"torn')
    has_opened = threading.Event()
    lock = fcntl.flock

    def told(descriptor: int, operation: int) -> None:
        has_opened.set()  # what is opened by now is the ledger that is about to be replaced
        lock(descriptor, operation)

    with ThreadPoolExecutor(1) as pool:

        def is_kept(line: bytes) -> bool:
            if line != b'{"torn':
                return True
            monkeypatch.setattr(fcntl, "flock", told)
            waiting.append(pool.submit(Archive(tmp_path).record, {"number": 2}))
            assert has_opened.wait(timeout=30)
            return False

        waiting: list[Future[None]] = []
        FolderStore(tmp_path).retain("ledger.jsonl", is_kept)
        waiting[0].result(timeout=30)
    assert Archive(tmp_path).ledger() == ({"number": 1}, {"number": 2})


def test_an_image_whose_item_no_longer_fits_the_disk_is_no_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_of()
    whole = Archive(tmp_path / "whole")
    whole.add(scene, pixels_of(scene))
    (image,) = (tmp_path / "whole").rglob("*.tif")
    monkeypatch.setattr(os, "write", _fills_up_after(image.stat().st_size))
    with pytest.raises(RetrievalError, match="No space left on device"):
        Archive(tmp_path / "full").add(scene, pixels_of(scene))
    monkeypatch.undo()
    full = Archive(tmp_path / "full")
    assert full.entries() == ()
    assert [checked.condition for checked in full.check()] == [Condition.ORPHANED]
    full.add(scene, pixels_of(scene))
    assert files_of(tmp_path / "full") == files_of(tmp_path / "whole")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_ledger_on_a_full_device_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").symlink_to("/dev/full")
    with pytest.raises(RetrievalError, match="No space left on device"):
        Archive(tmp_path).record({"spent": 1})


def test_killed_at_any_moment_and_resumed_the_archive_has_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    expected = files_of(tmp_path / "whole")
    how_many = set()
    for number, code in (line.split() for line in done.stdout.splitlines()):
        assert int(code) == -signal.SIGKILL
        there = Archive(tmp_path / number)
        how_many.add(len(there.entries()))
        assert all(checked.condition is not Condition.DAMAGED for checked in there.check())
        filled(tmp_path / number, 4)
        assert files_of(tmp_path / number) == expected
    assert len(how_many) > 2  # else they were not killed in the middle of the work


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc on this system")
def test_every_file_and_its_folder_are_forced_to_the_disk_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: forced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
    )
    archive = filled(tmp_path, 1)
    grid = archive.entries()[0].grid.name
    assert [name.rpartition(".")[2] if name.endswith(".part") else name for name in forced][-4:] == [
        "part",
        grid,
        "part",
        grid,
    ]
    assert {tmp_path.name, "scenes", "sentinel-2-l1c"} <= set(forced)


@pytest.mark.parametrize("step", ["fsync", "hardlink_to"])
def test_dying_between_any_two_steps_leaves_no_half_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    scene = scene_of()
    filled(tmp_path / "whole", 1)
    for calls in range(20):
        root = tmp_path / str(calls)
        with monkeypatch.context() as dying:
            owner: Any = os if step == "fsync" else Path
            dying.setattr(owner, step, _dies_after(calls, getattr(owner, step)))
            try:
                Archive(root).add(scene, pixels_of(scene))
                break
            except _DiedError:
                pass
        there = Archive(root)
        assert [there.scene(entry).sha256 for entry in there.entries()] in ([], [_sha(tmp_path / "whole")])
        there.add(scene, pixels_of(scene))
        assert files_of(root) == files_of(tmp_path / "whole")
    assert calls > 1


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path: Path) -> None:
    archive = filled(tmp_path, 1)
    (tmp_path / STAGING / "123-abc.part").write_bytes(b"half")
    assert [(each.condition, each.path) for each in archive.check() if not each.is_whole] == [
        (Condition.LEFTOVER, str(tmp_path / STAGING / "123-abc.part"))
    ]
    filled(tmp_path, 2)
    assert list((tmp_path / STAGING).iterdir()) == []


def test_what_is_being_written_is_not_taken_for_a_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def looked_at(_: int) -> None:
        if any(tmp_path.glob(f"{STAGING}/*")):
            seen.append(FolderStore(tmp_path).leftovers())

    monkeypatch.setattr(os, "fsync", looked_at)
    filled(tmp_path, 1)
    assert seen
    assert not any(seen)


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    filled(tmp_path / "linked", 2)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    filled(tmp_path / "renamed", 2)
    filled(tmp_path / "renamed", 2)
    assert files_of(tmp_path / "renamed") == files_of(tmp_path / "linked")


def test_a_file_in_place_of_the_archive_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("no folder")
    with pytest.raises(InputError, match="expected a folder of an archive, found a file"):
        Archive(tmp_path / "archive").entries()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    scene = scene_of()
    with pytest.raises(RetrievalError, match="Permission denied"):
        Archive(tmp_path / "archive").add(scene, pixels_of(scene))


def test_a_record_that_a_crash_cut_short_costs_no_other(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record({"number": 1})
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(b'{"number": 2, "spe')
    assert archive.ledger() == ({"number": 1},)
    archive.record({"number": 3})
    assert archive.ledger() == ({"number": 1}, {"number": 3})
    assert [(each.condition, each.expected) for each in archive.check()] == [(Condition.LEFTOVER, "a record in line 2")]
    for line in (tmp_path / "ledger.jsonl").read_text().splitlines()[::2]:
        json.loads(line)


def _fills_up_after(room: int) -> Callable[[int, bytes], int]:
    """A stand-in for ``os.write`` to a disk with some room."""
    left = [room]

    def write(descriptor: int, content: bytes) -> int:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(left[0], len(content))
        left[0] -= taken
        return real_write(descriptor, content[:taken])

    return write


real_write = os.write


class _DiedError(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def _dies_after(calls: int, function: Callable[..., object]) -> Callable[..., object]:
    made = [0]

    def called(*arguments: object) -> object:
        made[0] += 1
        if made[0] > calls:
            raise _DiedError
        return function(*arguments)

    return called


def _sha(root: Path) -> str:
    archive = Archive(root)
    return archive.scene(archive.entries()[0]).sha256
