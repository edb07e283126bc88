"""Where a scene lies, and what its path alone tells: a listing needs no item to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from satverify.domain.grids import Grid
from satverify.domain.scenes import Scene
from satverify.errors import InputError

SCENES = "scenes"
IMAGE, ITEM = ".tif", ".json"

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_GRID = re.compile(rf"(\d+)-({_NUMBER})(?:x({_NUMBER}))?m-({_NUMBER})-({_NUMBER})-(\d+)x(\d+)")
_STEM = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)_([A-Za-z0-9][A-Za-z0-9.+_-]*)_r([1-9]\d*)")
_PLATFORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One complete scene as the listing shows it."""

    sensor: str
    """Key into ``SENSORS``."""
    grid: Grid
    """Where its pixels lie."""
    time: datetime
    """Time of acquisition. UTC"""
    platform: str
    """In the catalogue's spelling, such as ``sentinel-2a``."""
    revision: int
    """1, and one more for each time that the service replaced the products."""
    path: str
    """The image file: a path, or an address such as ``s3://bucket/prefix/scenes/…``."""

    @property
    def scene_id(self) -> str:
        """As ``Scene.scene_id`` has it."""
        moment = f"{self.time:%Y%m%dT%H%M%S}"
        return f"{self.sensor}_{moment}_{self.platform}_{self.grid.name}_r{self.revision}"

    @property
    def key(self) -> str:
        """Image and item under the archive's root, without their endings."""
        return f"{SCENES}/{self.sensor}/{self.grid.name}/{stem(self.time, self.platform, self.revision)}"


def stem(time: datetime, platform: str, revision: int) -> str:
    """File name of a scene without its ending."""
    return f"{time:%Y%m%dT%H%M%S}_{platform}_r{revision}"


def folder_of(scene: Scene) -> str:
    """Folder of a scene under the archive's root."""
    return f"{SCENES}/{scene.sensor}/{scene.grid.name}"


def key_of(scene: Scene) -> str:
    """Image and item of a scene under the archive's root, without their endings."""
    return f"{folder_of(scene)}/{stem(scene.time, scene.acquisition.platform, scene.revision)}"


def require_names(scene: Scene) -> None:
    """Refuse what a path could not tell, before anything is written.

    Raises
    ------
    InputError
        The platform does not fit in a file name, or the name of the grid would be read back as another grid.
    """
    platform = scene.acquisition.platform
    if not _PLATFORM.fullmatch(platform):
        raise InputError(f"{scene.sensor}, {scene.time}: platform {platform!r} cannot stand in a file name")
    if grid_of(scene.grid.name) != scene.grid:
        raise InputError(f"{scene.sensor}, {scene.time}: {scene.grid} cannot be told by its name {scene.grid.name}")


@lru_cache(maxsize=4096)
def grid_of(name: str) -> Grid | None:
    """The grid of a folder, none where the name is not one of a grid."""
    match = _GRID.fullmatch(name)
    if match is None:
        return None
    epsg, wide, high, left, top, width, height = match.groups()
    try:
        return Grid(
            epsg=int(epsg),
            left=float(left),
            top=float(top),
            pixel_width=float(wide),
            pixel_height=float(high or wide),
            width=int(width),
            height=int(height),
        )
    except InputError:
        return None


def entry_of(key: str, path: str) -> Entry | None:
    """The scene that an image's key names, none where it names none."""
    parts = key.removesuffix(IMAGE).split("/")
    if len(parts) != 4 or parts[0] != SCENES or not key.endswith(IMAGE):
        return None
    grid, match = grid_of(parts[2]), _STEM.fullmatch(parts[3])
    if grid is None or match is None:
        return None
    year, month, day, hour, minute, second, platform, revision = match.groups()
    try:
        time = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    return Entry(sensor=parts[1], grid=grid, time=time, platform=platform, revision=int(revision), path=path)


def complete(keys: Iterable[str]) -> Iterator[str]:
    """Keys of images that have an item beside them."""
    known = set(keys)
    for key in known:
        if key.endswith(IMAGE) and key.removesuffix(IMAGE) + ITEM in known:
            yield key


def newest(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Of each acquisition on each grid the highest revision."""
    best: dict[tuple[str, Grid, datetime, str], Entry] = {}
    for entry in entries:
        acquisition = (entry.sensor, entry.grid, entry.time, entry.platform)
        held = best.get(acquisition)
        if held is None or held.revision < entry.revision:
            best[acquisition] = entry
    yield from best.values()


def order(entry: Entry) -> tuple[str, datetime, str, str, int]:
    """What listings are sorted by."""
    return entry.sensor, entry.time, entry.platform, entry.grid.name, entry.revision


def is_within(entry: Entry, days: tuple[date, date] | None) -> bool:
    """Whether a scene was taken on one of the UTC days ``[start, stop)``."""
    return days is None or days[0] <= entry.time.date() < days[1]
