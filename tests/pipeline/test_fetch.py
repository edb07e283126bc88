from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from satverify.archive import Archive
from satverify.domain.granules import Box, Granule
from satverify.domain.grids import Grid
from satverify.domain.sensors import SENSORS
from satverify.domain.sites import Site
from satverify.emulator import Accounts, Emulator, Fault, FaultKind, FaultPlan, Limits, RequestKind
from satverify.emulator.request_log import Entry
from satverify.errors import CredentialsError, InputError, QuotaExceeded, RetrievalError
from satverify.pipeline.access import Access, spent_before
from satverify.pipeline.fetch import fetch
from satverify.pipeline.ledger import cost_spent, ledger_of, open_archive
from satverify.progress import LogLines, Silent
from satverify.registry.sites import read_sites
from satverify.simulate.scenes import SimulatedScenes
from tests.pipeline.fetching import ACCESS, TODAY, contents, fetched, project_of, write_project

PROVIDER = SimulatedScenes(7)
ALL = tuple(SENSORS)
LIMIT = "budget = { processing_units = 0.9 }"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(PROVIDER) as running:
        yield running


def paid(emulator: Emulator) -> list[Entry]:
    return [entry for entry in emulator.log.entries() if entry.kind is RequestKind.PROCESS and entry.is_paid]


def archive_of(file: Path) -> Archive:
    return open_archive(project_of(file))


def days_of(archive: Archive, sensor: str = "sentinel-2-l1c") -> list[date]:
    return sorted({entry.time.date() for entry in archive.entries(sensor)})


def test_every_scene_of_every_sensor_comes_once(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sensors=ALL, sites=2, days=("2022-01-01", "2022-01-07"))
    first = fetched(file)
    assert first.refused == ()
    assert set(first.scenes) == set(ALL)
    assert {name: quote.scenes for name, quote in first.quote.by_sensor.items()} == dict(first.scenes)
    assert all(checked.is_whole for checked in archive_of(file).check())
    before, requests = contents(tmp_path / "archive" / "scenes"), len(paid(emulator))
    again = fetched(file)
    assert (dict(again.scenes), again.quote.total.scenes) == ({}, 0)
    assert again.quote.total.archived == first.quote.total.scenes
    assert len(paid(emulator)) == requests
    assert contents(tmp_path / "archive" / "scenes") == before


def test_what_is_archived_is_what_the_provider_has(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator)
    fetched(file)
    archive = archive_of(file)
    (entry, *_) = archive.entries("sentinel-2-l1c")
    scene = archive.scene(entry)
    tiles = {
        granule.granule_id: granule
        for granule in PROVIDER.granules(
            "sentinel-2-l1c",
            (117.9, 39.5, 118.1, 39.7),
            datetime(2022, 1, 1, tzinfo=UTC),
            datetime(2022, 1, 16, tzinfo=UTC),
        )
    }
    used = [tiles[name] for name in scene.acquisition.source_ids]
    sources = [band.source for band in SENSORS["sentinel-2-l1c"].bands]
    read = [PROVIDER.read(granule, sources, scene.grid) for granule in used]
    dataset = archive.open(
        project_sites(file)[0], "sentinel-2-l1c", (entry.time.date(), entry.time.date().replace(day=31))
    )
    for band in SENSORS["sentinel-2-l1c"].bands:
        candidates = np.stack([np.round(np.maximum(tile[band.source], 0)) for tile in read])
        found = np.round(dataset[band.name].isel(time=0).to_numpy() * 1e4)
        matches = (np.abs(candidates - found) <= 0.5) | (np.isnan(candidates) & np.isnan(found))
        assert matches.any(axis=0).all(), band.name


def project_sites(file: Path) -> Sequence[Site]:
    return read_sites(file.parent / "sites.geojson")


def test_another_period_buys_only_what_is_new(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, days=("2022-01-01", "2022-01-10"))
    fetched(file)
    early = days_of(archive_of(file))
    requests = len(paid(emulator))
    file = write_project(tmp_path, emulator, days=("2022-01-05", "2022-01-20"))
    later = fetched(file)
    assert early[-1] >= date(2022, 1, 5)
    assert later.quote.total.archived > 0
    assert all(scene >= date(2022, 1, 10) for scene in days_of(archive_of(file)) if scene not in early)
    assert len(paid(emulator)) == requests + 1
    units = sum(entry.processing_units for entry in paid(emulator))
    assert units == pytest.approx(
        sum(record["spent_units"] for record in archive_of(file).ledger() if record["kind"] == "process")
    )


def test_further_sites_do_not_buy_the_box_of_the_others_again(emulator: Emulator, tmp_path: Path) -> None:
    sensor = "sentinel-3-slstr"
    file = write_project(tmp_path, emulator, sensors=[sensor], sites=2, days=("2022-01-01", "2022-01-06"))
    fetched(file)
    had = len(archive_of(file).entries(sensor))
    file = write_project(tmp_path, emulator, sensors=[sensor], sites=1, days=("2022-01-01", "2022-01-06"))
    assert fetched(file).quote.total.scenes == 0
    file = write_project(tmp_path, emulator, sensors=[sensor], sites=3, days=("2022-01-01", "2022-01-06"))
    assert fetched(file).quote.total.scenes > 0
    assert len(archive_of(file).entries(sensor)) > had


def test_a_dry_run_asks_the_catalogue_and_buys_nothing(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sites=2)
    quote = fetched(file, dry_run=True).quote
    assert paid(emulator) == []
    assert not quote.is_upper_bound
    before = spent_before(archive_of(file))
    fetched(file)
    spent = spent_before(archive_of(file))
    assert spent.requests - before.requests == quote.total.requests
    assert spent.units - before.units == pytest.approx(quote.total.processing_units, rel=0.02)


def test_without_credentials_a_dry_run_asks_nobody_and_bounds_what_will_come(
    emulator: Emulator, tmp_path: Path
) -> None:
    file = write_project(tmp_path, emulator, sensors=ALL, sites=3)
    bound = fetched(file, Access(), dry_run=True).quote
    assert emulator.log.entries() == ()
    assert bound.is_upper_bound
    real = fetched(file, dry_run=True).quote
    for name in ALL:
        assert bound.by_sensor[name].scenes >= real.by_sensor[name].scenes > 0, name
        assert bound.by_sensor[name].processing_units >= real.by_sensor[name].processing_units, name
        assert bound.by_sensor[name].requests >= real.by_sensor[name].requests, name


def test_the_budget_is_not_passed_and_what_came_before_is_kept(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sites=3, more=LIMIT)
    with pytest.raises(QuotaExceeded, match=r"0\.9 processing units"):
        fetched(file)
    assert 0 < cost_spent(project_of(file)) <= 0.9
    assert sum(entry.processing_units for entry in emulator.log.entries()) <= 0.9
    assert archive_of(file).entries()
    file = write_project(tmp_path, emulator, sites=3)
    rest = fetched(file)
    assert rest.quote.total.archived > 0
    limited = write_project(tmp_path, emulator, sites=3, days=("2022-01-01", "2022-01-20"), more=LIMIT)
    assert fetched(limited, dry_run=True).quote.total.scenes > 0  # asking what is left is not bound by the budget
    hashes = [entry.request_sha256 for entry in paid(emulator)]
    assert len(hashes) == len(set(hashes))


def test_a_limit_on_requests_counts_searches_too(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sites=3, more="budget = { requests = 2 }")
    with pytest.raises(QuotaExceeded, match="requests"):
        fetched(file)
    assert len([entry for entry in emulator.log.entries() if entry.kind is not RequestKind.TOKEN]) == 2


def test_credentials_that_the_service_does_not_know_end_the_fetch(tmp_path: Path) -> None:
    accounts = Accounts(clients={"somebody": "else"})
    with Emulator(PROVIDER, accounts=accounts) as emulator:
        file = write_project(tmp_path, emulator)
        with pytest.raises(CredentialsError, match="SH_CLIENT_ID") as caught:
            fetched(file)
    assert ACCESS.client_secret not in str(caught.value)


def test_a_service_that_is_not_there_ends_it_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with Emulator(PROVIDER) as emulator:
        file = write_project(tmp_path, emulator)
    with pytest.raises(RetrievalError, match="resumes"):
        fetched(file)


def test_one_broken_product_is_told_and_asked_for_by_itself_next_time(tmp_path: Path) -> None:
    with Emulator(PROVIDER) as emulator:
        file = write_project(tmp_path / "whole", emulator)
        whole = fetched(file)
    victim = archive_of(file).scene(archive_of(file).entries()[1])
    faults = FaultPlan(
        faults=tuple(Fault(kind=FaultKind.BROKEN_PRODUCT, granule=name) for name in victim.acquisition.source_ids)
    )
    with Emulator(PROVIDER, faults=faults) as emulator:
        file = write_project(tmp_path / "broken", emulator)
        partly = fetched(file)
        assert len(partly.refused) == 1
        assert partly.refused[0].time.date() == victim.time.date()
        assert partly.scenes["sentinel-2-l1c"] == whole.scenes["sentinel-2-l1c"] - 1
        asked = len([entry for entry in emulator.log.entries() if entry.kind is RequestKind.PROCESS])
        fetched(file)
        assert len([entry for entry in emulator.log.entries() if entry.kind is RequestKind.PROCESS]) == asked + 1
    with Emulator(PROVIDER) as emulator:
        file = write_project(tmp_path / "broken", emulator)
        assert fetched(file).scenes == {"sentinel-2-l1c": 1}
        assert days_of(archive_of(file)) == days_of(open_archive(project_of(tmp_path / "whole" / "satverify.toml")))


def test_near_real_time_scenes_are_replaced_and_keep_their_predecessor(tmp_path: Path) -> None:
    soon, later = datetime(2022, 1, 3, 23, tzinfo=UTC), datetime(2022, 3, 1, tzinfo=UTC)
    days = ("2022-01-02", "2022-01-04")
    with Emulator(PROVIDER, now=soon) as emulator:
        file = write_project(tmp_path, emulator, sensors=["sentinel-5p-no2"], days=days)
        fetched(file)
        archive = archive_of(file)
        first = [archive.scene(entry).acquisition.timeliness for entry in archive.entries()]
        assert "NRTI" in first
        emulator.calendar.set(later)
        fetched(file)
        settled = [archive.scene(entry) for entry in archive.entries()]
        assert "NRTI" not in {scene.acquisition.timeliness for scene in settled}
        assert max(scene.revision for scene in settled) == 2
        assert len(archive.entries(all_revisions=True)) > len(settled)
        assert fetched(file).quote.total.scenes == 0


def test_what_was_not_measured_is_a_gap_as_large_as_the_scene_says(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sensors=["sentinel-5p-no2"], days=("2022-01-02", "2022-01-05"))
    fetched(file)
    archive = archive_of(file)
    shares = [archive.scene(entry).valid_share for entry in archive.entries()]
    days = (date(2022, 1, 2), date(2022, 1, 5))
    columns = archive.open(project_sites(file)[0], "sentinel-5p-no2", days)["no2_tropospheric_column"]
    assert len(shares) == 3
    assert min(shares) < 1  # cloud leaves gaps
    assert columns.notnull().mean(("y", "x")).to_numpy() == pytest.approx(shares, abs=1e-6)


def test_a_site_that_the_project_does_not_have_is_an_input_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        fetched(write_project(tmp_path, emulator, more='sites = ["nowhere"]'))


def test_only_the_named_sites_are_fetched_for(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sites=3, more='sites = ["works-2"]')
    fetched(file)
    archive = archive_of(file)
    assert {archive.scene(entry).site_ids for entry in archive.entries()} == {("works-2",)}


def test_no_secret_is_written_anywhere(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sensors=["sentinel-2-l1c", "sentinel-5p-no2"])
    fetched(file)
    for name, content in contents(tmp_path).items():
        for secret in (ACCESS.client_secret, ACCESS.client_id, "Bearer", "eyJ"):
            assert secret.encode() not in content, name
    assert ACCESS.client_secret not in repr(ACCESS)


def test_the_ledger_adds_up_to_what_the_service_charged(emulator: Emulator, tmp_path: Path) -> None:
    file = write_project(tmp_path, emulator, sensors=["sentinel-2-l1c", "sentinel-3-slstr"], sites=2)
    fetched(file)
    *lines, total = ledger_of(project_of(file))
    charged = [entry for entry in emulator.log.entries() if entry.is_paid]
    assert total.spent == pytest.approx(sum(entry.processing_units for entry in charged), rel=1e-6)
    assert total.requests == len(charged)
    assert [line.sensor for line in lines] == ["sentinel-2-l1c", "sentinel-3-slstr"]
    assert total.spent == pytest.approx(total.estimated, rel=0.02)


class _Later:
    """A provider whose satellite has a name that nobody knew."""

    def collections(self) -> Sequence[str]:
        return PROVIDER.collections()

    def granules(self, collection: str, box: Box, start: datetime, stop: datetime) -> Sequence[Granule]:
        return [
            replace(one, platform="sentinel-2z", granule_id="S2Z" + one.granule_id[3:])
            for one in PROVIDER.granules(collection, box, start, stop)
        ]

    def read(self, granule: Granule, bands: Sequence[str], grid: Grid) -> Mapping[str, NDArray[np.float32]]:
        raise AssertionError(f"{granule.granule_id} was asked for {bands} on {grid.name}")


def test_products_of_a_satellite_that_the_sensor_does_not_know_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator(_Later()) as emulator:
        file = write_project(tmp_path, emulator)
        found = fetch(project_of(file), ACCESS, LogLines(sys.stderr), TODAY)
    assert found.quote.total.scenes == 0
    assert "sentinel-2-l1c: products of sentinel-2z are left out" in capsys.readouterr().err


def test_days_that_are_not_over_are_told_and_not_asked_for(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_project(tmp_path, emulator, days=("2023-02-01", "2023-03-01"))
    found = fetch(project_of(file), ACCESS, LogLines(sys.stderr), TODAY)
    assert (dict(found.scenes), found.quote.total.requests) == ({}, 0)
    assert "none of the days is over" in capsys.readouterr().err


def test_the_error_that_ended_a_fetch_is_told_and_not_that_others_were_stopped(tmp_path: Path) -> None:
    with Emulator(PROVIDER, limits=Limits(units_per_month=0.6)) as emulator:
        file = write_project(tmp_path, emulator, sites=3, days=("2022-01-01", "2022-03-01"))
        with pytest.raises(QuotaExceeded, match="quota"):
            fetched(file)


def test_a_fetch_that_is_interrupted_ends_soon_and_goes_on_later(emulator: Emulator, tmp_path: Path) -> None:
    class Interrupting(Silent):
        def advance(self, name: str = "") -> None:
            if archive_of(file).entries():
                raise KeyboardInterrupt

    file = write_project(tmp_path, emulator, sites=3)
    with pytest.raises(KeyboardInterrupt):
        fetch(project_of(file), ACCESS, Interrupting(), TODAY)
    kept = len(archive_of(file).entries()) + len(archive_of(file).landed())
    assert kept > 0
    fetched(file)
    hashes = [entry.request_sha256 for entry in paid(emulator)]
    assert len(hashes) == len(set(hashes))


def test_an_archive_without_room_is_told_before_anything_is_paid(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Archive, size: int) -> None:
        raise RetrievalError(f"no room for {size} bytes")

    monkeypatch.setattr(Archive, "require_writable", full)
    with pytest.raises(RetrievalError, match="no room"):
        fetched(write_project(tmp_path, emulator))
    assert paid(emulator) == []
