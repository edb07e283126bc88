from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from satverify.resources import resource_path

PROJECT = Path(__file__).resolve().parents[1]


SHIPPED = ("aoi", "models")
"""Folders of the project that the package links to."""


@pytest.mark.parametrize("folder", SHIPPED)
def test_the_folder_in_the_package_is_the_one_people_edit(folder: str) -> None:
    assert resource_path(folder).resolve() == PROJECT / folder


def test_a_missing_resource_says_where_it_was_looked_for() -> None:
    with pytest.raises(FileNotFoundError, match=r"own aoi/nowhere is missing: looked for .*satverify"):
        resource_path("aoi", "nowhere")


def test_a_wheel_carries_every_data_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    linked = tuple(f"satverify/{folder}/" for folder in SHIPPED)
    package = {name for name in _files_below("satverify") if not name.startswith(linked)}
    assert carried == package | {f"satverify/{name}" for folder in SHIPPED for name in _files_below(folder)}


def _files_below(folder: str) -> set[str]:
    files = (path for path in (PROJECT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PROJECT).as_posix() for path in files}
