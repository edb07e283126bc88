"""Stand-ins behind the service: a provider of a few granules, an engine that computes nothing, and clients."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import requests
from numpy.typing import NDArray
from shapely import Polygon, box

from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.emulator import Emulator
from tests.packing import geotiff

EPOCH = datetime(2022, 3, 1, tzinfo=UTC).timestamp()
CATALOG = "/api/v1/catalog/1.0.0"
TILE_A = box(118.0, 39.5, 119.0, 40.5)
TILE_B = box(118.8, 39.5, 119.8, 40.5)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sentinel_2(time: str, tile: str, footprint: Polygon, cloud: float, **more: Any) -> Granule:  # noqa: ANN401 -- whatever requests and Granule take
    moment = at(time)
    name = f"S2A_MSIL1C_{moment:%Y%m%dT%H%M%S}_N0301_R075_T{tile}_{moment:%Y%m%d}T050000.SAFE"
    return Granule(
        **{
            "granule_id": name,
            "collection": "sentinel-2-l1c",
            "platform": "sentinel-2a",
            "time": moment,
            "footprint": footprint,
            "cloud_cover": cloud,
            "relative_orbit": 75,
            "epsg": 32650,
            "processing_baseline": "03.01",
            "data_path": f"creo://eodata/Sentinel-2/MSI/L1C/{moment:%Y/%m/%d}/{name}",
            **more,
        }
    )


def sentinel_3(time: str, state: str) -> Granule:
    moment = at(time)
    stamp = f"{moment:%Y%m%dT%H%M%S}"
    name = f"S3A_SL_1_RBT____{stamp}_{stamp}_{stamp}_0179_080_246_2340_LN2_O_NT_004.SEN3"
    return Granule(
        granule_id=name,
        collection="sentinel-3-slstr",
        platform="sentinel-3a",
        time=moment,
        footprint=box(110, 33, 125, 45),
        orbit_state=state,
        cloud_cover=50.0,
        data_path=f"creo://eodata/Sentinel-3/SLSTR/SL_1_RBT/{moment:%Y/%m/%d}/{name}",
    )


def sentinel_5p(timeliness: str, published: str, withdrawn: str | None) -> Granule:
    return Granule(
        granule_id=f"S5P_{timeliness}_L2__NO2____20220105T043012_20220105T061142_21920_02_020301_20220106T202122",
        collection="sentinel-5p-l2",
        platform="sentinel-5p",
        time=at("2022-01-05T04:52:00"),
        footprint=box(100, 20, 130, 60),
        absolute_orbit=21920,
        product_type="NO2",
        timeliness=timeliness,
        orbit_state="ascending",
        published=at(published),
        withdrawn=None if withdrawn is None else at(withdrawn),
    )


GRANULES = (
    sentinel_2("2022-01-05T03:01:11.25", "50TMK", TILE_A, 12.5),
    sentinel_2("2022-01-05T03:01:25.5", "50TNK", TILE_B, 40.0),
    sentinel_2("2022-01-10T03:01:10", "50TMK", TILE_A, 80.0),
    sentinel_2("2022-01-15T03:01:09", "50TMK", TILE_A, 5.0),
    sentinel_2("2022-01-20T03:01:08", "50TMK", TILE_A, 0.0, cloud_cover=None),
    sentinel_3("2022-01-05T13:40:00", "ascending"),
    sentinel_3("2022-01-05T02:20:00", "descending"),
    sentinel_3("2022-01-06T13:14:00", "ascending"),
    sentinel_5p("NRTI", "2022-01-05T07:00:00", "2022-01-11T00:00:00"),
    sentinel_5p("OFFL", "2022-01-11T00:00:00", "2022-08-01T00:00:00"),
    sentinel_5p("RPRO", "2022-08-01T00:00:00", None),
)


@dataclass
class ListProvider:
    """Serves a fixed list of granules; every pixel of every band is 1."""

    listed: tuple[Granule, ...] = GRANULES

    def collections(self) -> Sequence[str]:
        return tuple(dict.fromkeys(granule.collection for granule in self.listed))

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        west, south, east, north = box
        return tuple(
            granule
            for granule in sorted(self.listed, key=lambda granule: granule.time)
            if granule.collection == collection
            and start <= granule.time < stop
            and _meets(granule, west, south, east, north)
        )

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        return {band: np.ones(grid.shape, np.float32) for band in bands}


def _meets(granule: Granule, west: float, south: float, east: float, north: float) -> bool:
    left, bottom, right, top = granule.footprint.bounds
    return west <= right and east >= left and south <= top and north >= bottom


@dataclass(frozen=True, kw_only=True)
class FakeReply:
    status: int = 200
    content_type: str = "image/tiff"
    content: bytes = b""
    processing_units: float = 0.0


GRID = Grid(epsg=32650, left=400_000, top=4_400_000, pixel_width=20, pixel_height=20, width=8, height=6)


def tiff() -> bytes:
    """A georeferenced image of one value."""
    return geotiff(np.full((2, *GRID.shape), 7, np.uint16), GRID, nodata=65535)


@dataclass
class FakeEngine:
    """Gives one reply, and keeps what it was asked."""

    reply: FakeReply = field(default_factory=lambda: FakeReply(content=tiff(), processing_units=0.25))
    asked: list[tuple[Mapping[str, Any], str | None]] = field(default_factory=list)

    def process(self, body: Mapping[str, Any], accept: str | None) -> FakeReply:
        self.asked.append((body, accept))
        return self.reply

    def statistics(self, body: Mapping[str, Any]) -> FakeReply:
        self.asked.append((body, None))
        return self.reply


@dataclass
class Time:
    """A clock that a test turns."""

    seconds: float = EPOCH

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Client:
    """A plain client of an emulator, with a token."""

    emulator: Emulator
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.renew()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def token(self, **form: str) -> requests.Response:
        given = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hidden", **form}
        return self.session.post(
            self.emulator.token_url,
            data={k: v for k, v in given.items() if v},
            headers={"Authorization": ""},
            timeout=10,
        )

    def renew(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def get(self, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 -- whatever requests and Granule take
        return self.session.get(self.emulator.base_url + path, timeout=10, **more)

    def post(self, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 -- whatever requests and Granule take
        return self.session.post(self.emulator.base_url + path, timeout=10, **more)

    def search(self, **body: Any) -> requests.Response:  # noqa: ANN401 -- whatever requests and Granule take
        whole = {"collections": ["sentinel-2-l1c"], "datetime": "2022-01-01T00:00:00Z/2022-01-31T23:59:59Z", **body}
        return self.post(f"{CATALOG}/search", json={name: value for name, value in whole.items() if value is not None})

    def process(self, note: object = "", **more: Any) -> requests.Response:  # noqa: ANN401 -- whatever requests and Granule take
        body = {
            "input": {"bounds": {}, "data": [{"type": "sentinel-2-l1c"}]},
            "evalscript": "//VERSION=3",
            "note": note,
        }
        return self.post("/api/v1/process", data=json.dumps(body), headers={"Content-Type": "application/json"}, **more)
