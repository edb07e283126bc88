from __future__ import annotations

import errno
from pathlib import Path

import pytest

from satverify.errors import InputError
from satverify.pipeline.files import StagedFiles, require_writable, write_whole


def test_staged_files_appear_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def interrupted() -> None:
        with StagedFiles(tmp_path) as staged:
            staged.write("a", b"new")
            staged.write("b", b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]
    with StagedFiles(tmp_path / "deeper" / "folder") as staged:
        staged.write("a", b"new")
        staged.publish()
    assert (tmp_path / "deeper/folder/a").read_bytes() == b"new"


def test_hashes_are_those_of_the_staged_content(tmp_path: Path) -> None:
    with StagedFiles(tmp_path) as staged:
        staged.write("b", b"abc")
        staged.write("a", b"")
        assert list(staged.hashes()) == ["a", "b"]
        assert staged.hashes()["b"].startswith("ba7816bf")  # FIPS 180-4, example "abc"


def test_a_place_that_cannot_be_written_to_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file"):
        write_whole(tmp_path / "file" / "a", b"x")
    (tmp_path / "folder" / "a").mkdir(parents=True)
    with pytest.raises(InputError, match="folder"):
        write_whole(tmp_path / "folder" / "a", b"x")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["a"]


def test_a_folder_is_tried_before_the_work_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    require_writable(tmp_path / "deeper" / "out")
    assert list((tmp_path / "deeper" / "out").iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be made"):
        require_writable(tmp_path / "file")


def test_a_disk_turned_read_only_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(InputError, match="Read-only"):
        write_whole(tmp_path / "a", b"x")
