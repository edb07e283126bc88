"""sentinelhub-py, unchanged, as a client that knows nothing of this emulator: catalogue, process and statistics.

Scenes are simulated, the engine is the real one. Answers are held against the provider itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.domain.granules import Granule
from satverify.domain.grids import Grid
from satverify.emulator import Emulator, Fault, FaultKind, FaultPlan
from satverify.physics.utm import project
from satverify.simulate.scenes import SimulatedScenes

sentinelhub = pytest.importorskip("sentinelhub")

GRID = Grid(epsg=32650, left=540_000, top=4_400_000, pixel_width=20, pixel_height=20, width=25, height=20)
DAYS = ("2022-01-01", "2022-01-20")
BOX = (117.468, 39.7455, 117.472, 39.748)
SCRIPT = """//VERSION=3
function setup() {
  return {
    input: [{bands: ["B8A", "B12", "dataMask"], units: "DN"}],
    output: [{id: "default", bands: 3, sampleType: "UINT16"}],
    mosaicking: "SIMPLE"
  };
}
function evaluatePixel(sample) { return [sample.B8A, sample.B12, sample.dataMask]; }
"""
STATISTICS_SCRIPT = """//VERSION=3
function setup() {
  return {
    input: [{bands: ["B12", "dataMask"], units: "DN"}],
    output: [{id: "heat", bands: ["swir"], sampleType: "FLOAT32"}, {id: "dataMask", bands: 1}],
    mosaicking: "SIMPLE"
  };
}
function evaluatePixel(sample) { return {heat: [sample.B12], dataMask: [sample.dataMask]}; }
"""


@dataclass
class Setting:
    """An emulator, and sentinelhub-py configured for it."""

    emulator: Emulator
    provider: SimulatedScenes
    config: Any
    collection: Any


@pytest.fixture(scope="module")
def setting() -> Iterator[Setting]:
    patch = pytest.MonkeyPatch()
    patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    provider = SimulatedScenes(3)
    with Emulator(provider) as emulator:
        config = sentinelhub.SHConfig(
            use_defaults=True,
            sh_client_id="me",
            sh_client_secret="hidden",
            sh_base_url=emulator.base_url,
            sh_token_url=emulator.token_url,
            download_sleep_time=0,
        )
        name = f"EMULATED_{emulator.base_url.rpartition(':')[2]}"
        collection = sentinelhub.DataCollection.SENTINEL2_L1C.define_from(name, service_url=emulator.base_url)
        yield Setting(emulator, provider, config, collection)
    patch.undo()


def granules(setting: Setting) -> list[Granule]:
    span = datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 1, 20, tzinfo=UTC)
    found = setting.provider.granules("sentinel-2-l1c", BOX, *span)
    return [granule for granule in found if granule.withdrawn is None]


def pixels(setting: Setting, granule: Granule, band: str) -> NDArray[np.float64]:
    """Counts without the offset of later baselines, NaN where there are none."""
    counts = setting.provider.read(granule, [band], GRID)[band].astype(float)
    return counts - (1000 if granule.processing_baseline >= "04.00" else 0)


def seen(setting: Setting) -> list[Granule]:
    """Granules that have data on all of the grid; the swath of others ends beside it."""
    return [granule for granule in granules(setting) if np.isfinite(pixels(setting, granule, "B12")).all()]


def search(setting: Setting, **more: Any) -> Any:  # noqa: ANN401
    catalog = sentinelhub.SentinelHubCatalog(setting.config)
    box = sentinelhub.BBox(BOX, sentinelhub.CRS.WGS84)
    return catalog.search(setting.collection, bbox=box, time=DAYS, **more)


def image_request(setting: Setting, day: datetime, **more: Any) -> Any:  # noqa: ANN401
    return sentinelhub.SentinelHubRequest(
        evalscript=SCRIPT,
        input_data=[
            sentinelhub.SentinelHubRequest.input_data(
                setting.collection, time_interval=(day.replace(hour=0), day.replace(hour=23)), **more
            )
        ],
        responses=[sentinelhub.SentinelHubRequest.output_response("default", sentinelhub.MimeType.TIFF)],
        bbox=sentinelhub.BBox(GRID.bounds, sentinelhub.CRS(GRID.epsg)),
        size=(GRID.width, GRID.height),
        config=setting.config,
    )


def test_the_box_of_these_tests_lies_on_their_grid() -> None:
    east, north = project(GRID.epsg, np.array(BOX[::2]), np.array(BOX[1::2]))
    assert GRID.left <= east.min() <= east.max() <= GRID.right
    assert GRID.bottom <= north.min() <= north.max() <= GRID.top


def test_the_catalogue_tells_of_itself(setting: Setting) -> None:
    catalog = sentinelhub.SentinelHubCatalog(setting.config)
    assert catalog.get_info()["id"] == "sentinel-hub"
    assert catalog.get_conformance()["conformsTo"]
    names = [collection["id"] for collection in catalog.get_collections()]
    assert names == list(setting.provider.collections())
    assert catalog.get_collection("sentinel-5p-l2")["summaries"]["s5p:type"]


def test_the_session_can_read_its_token(setting: Setting) -> None:
    session = sentinelhub.SentinelHubSession(setting.config)
    assert session.info()["azp"] == "me"
    assert session.token["expires_in"] == 3600


def test_a_search_finds_what_the_provider_has(setting: Setting) -> None:
    expected = granules(setting)
    assert len(expected) >= 4
    found = search(setting, limit=2)  # in several pages
    assert sorted(found.get_ids()) == sorted(granule.granule_id for granule in expected)
    times = search(setting).get_timestamps()
    assert times == sorted(times, reverse=True)
    item = sentinelhub.SentinelHubCatalog(setting.config).get_feature(setting.collection, expected[0].granule_id)
    assert item["properties"]["platform"] == expected[0].platform


def test_a_search_filters_by_cloud(setting: Setting) -> None:
    clear = [g.granule_id for g in granules(setting) if g.cloud_cover is not None and g.cloud_cover < 50]
    assert sorted(search(setting, filter="eo:cloud_cover < 50").get_ids()) == sorted(clear)
    document = {"op": "<", "args": [{"property": "eo:cloud_cover"}, 50]}
    assert sorted(search(setting, filter=document, filter_lang="cql2-json").get_ids()) == sorted(clear)
    assert sorted(search(setting, fields={"include": ["id"], "exclude": []}).get_ids()) == sorted(
        granule.granule_id for granule in granules(setting)
    )


def test_a_refused_search_is_an_error_with_the_services_words(setting: Setting) -> None:
    with pytest.raises(sentinelhub.exceptions.DownloadFailedException, match="Querying is not supported on property"):
        list(search(setting, filter="nonsense = 1"))


def test_an_image_has_the_pixels_of_the_granule(setting: Setting) -> None:
    first = seen(setting)[0]
    tiles = [granule for granule in seen(setting) if granule.time.date() == first.time.date()]
    assert len(tiles) > 1  # where tiles overlap, the service shows one of them
    (image,) = image_request(setting, first.time).get_data()
    assert image.shape == (GRID.height, GRID.width, 3)
    for number, band in enumerate(("B8A", "B12")):
        shown = [np.clip(pixels(setting, tile, band), 0, None) for tile in tiles]
        assert any(np.array_equal(image[:, :, number], one) for one in shown)
    assert image[:, :, 2].all()
    last = setting.emulator.log.entries()[-1]
    assert (last.kind, last.is_paid, last.collection) == ("process", True, "sentinel-2-l1c")
    # 25 x 20 pixels are less than the least area, 0.01 of 512 x 512; two of three bands
    assert last.processing_units == pytest.approx(0.01 * 2 / 3)


def test_statistics_are_those_of_the_granules(setting: Setting) -> None:
    request = sentinelhub.SentinelHubStatistical(
        aggregation=sentinelhub.SentinelHubStatistical.aggregation(
            evalscript=STATISTICS_SCRIPT, time_interval=DAYS, aggregation_interval="P1D", size=(GRID.width, GRID.height)
        ),
        input_data=[sentinelhub.SentinelHubStatistical.input_data(setting.collection)],
        bbox=sentinelhub.BBox(GRID.bounds, sentinelhub.CRS(GRID.epsg)),
        config=setting.config,
    )
    (answer,) = request.get_data()
    assert answer["status"] == "OK"
    days = sorted({f"{granule.time:%Y-%m-%d}" for granule in granules(setting)})
    assert sorted(part["interval"]["from"][:10] for part in answer["data"]) == days
    for part in answer["data"]:
        stats = part["outputs"]["heat"]["bands"]["swir"]["stats"]
        assert stats["sampleCount"] == GRID.width * GRID.height
        means = [
            np.clip(pixels(setting, granule, "B12"), 0, None).mean()
            for granule in seen(setting)
            if f"{granule.time:%Y-%m-%d}" == part["interval"]["from"][:10]
        ]
        if means:
            assert any(stats["mean"] == pytest.approx(mean, rel=1e-6) for mean in means)
        else:
            assert (stats["mean"], stats["noDataCount"]) == ("NaN", stats["sampleCount"])


def test_a_broken_product_is_a_permanent_500_through_the_real_engine(setting: Setting) -> None:
    broken, *_, good = seen(setting)
    assert broken.time.date() != good.time.date()
    fault = Fault(kind=FaultKind.BROKEN_PRODUCT, collection="sentinel-2-l1c", day=broken.time.date())
    setting.emulator.faults = FaultPlan(faults=(fault,))
    try:
        with pytest.raises(sentinelhub.exceptions.DownloadFailedException, match="Illegal request to"):
            image_request(setting, broken.time).get_data()
        entries = setting.emulator.log.entries()
        assert [entry.fault for entry in entries[-4:]] == ["broken_product"] * 4  # it asks four times
        assert [entry.status for entry in entries[-4:]] == [500] * 4
        assert image_request(setting, good.time).get_data()[0].any()
    finally:
        setting.emulator.faults = FaultPlan()


def test_a_401_in_the_middle_is_fatal_to_it(setting: Setting) -> None:
    """The one behaviour of this client that ours must not share."""
    setting.emulator.faults = FaultPlan(faults=(Fault(kind=FaultKind.UNAUTHORIZED, at_most=1),))
    with pytest.raises(sentinelhub.exceptions.DownloadFailedException, match="401"):
        list(search(setting))
    setting.emulator.faults = FaultPlan()
