from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from satverify.config import read_project
from satverify.errors import CredentialsError, InputError
from satverify.pipeline.access import Access
from satverify.pipeline.downloads import download_detections
from satverify.pipeline.inputs import read_inputs
from satverify.progress import Silent
from tests.pipeline.standin import write_project
from tests.sources.web.scripted import Reply, Scripted, Seen, scripted

TODAY = date(2022, 6, 1)
ACCESS = Access(map_key="0123456789abcdef0123456789abcdef")
NAMES = "latitude,longitude,scan,track,acq_date,acq_time,satellite,instrument,confidence,frp,daynight"


def service(request: Seen) -> Reply:
    """One detection on the first day of each chunk; the archive ends with March."""
    if "/data_availability/" in request.path:
        text = "data_id,min_date,max_date\nVIIRS_SNPP_SP,2012-01-20,2022-03-31\n"
    else:
        text = f"{NAMES}\n39.61,118.01,0.4,0.4,{request.path.rpartition('/')[2]},1758,N,VIIRS,n,3.1,N\n"
    return Reply(headers={"Content-Type": "text/csv"}, content=text.encode())


@pytest.fixture
def firms() -> Iterator[Scripted]:
    with scripted(anything=service) as server:
        yield server


def project(folder: Path, firms: Scripted, coverage: str = '["2022-01-01", "2022-01-21"]') -> Path:
    more = f"""
    [[sources]]
    kind = "firms"
    download = ["VIIRS_SNPP_SP"]
    area = [117, 39, 119, 40.5]
    coverage = [{coverage}]
    base_url = "{firms.base_url}"
    """
    return write_project(folder, sites=1, extra=more)


def areas(firms: Scripted) -> list[str]:
    return [request.path for request in firms.seen if "/api/area/" in request.path]


def test_chunks_are_downloaded_once_and_read_like_any_file(firms: Scripted, tmp_path: Path) -> None:
    file = project(tmp_path, firms)
    made = download_detections(read_project(file), ACCESS, Silent(), TODAY)
    assert made == len(areas(firms)) >= 4
    kept = sorted(path.name for path in (tmp_path / "firms").iterdir())
    assert len(kept) == made
    assert ACCESS.map_key not in "".join(kept)
    inputs = read_inputs(read_project(file), Silent(), TODAY)
    assert len(inputs.heat[1].detections) == made
    assert download_detections(read_project(file), ACCESS, Silent(), TODAY) == 0


def test_a_longer_coverage_asks_for_what_is_new(firms: Scripted, tmp_path: Path) -> None:
    first = download_detections(read_project(project(tmp_path, firms)), ACCESS, Silent(), TODAY)
    longer = read_project(project(tmp_path, firms, '["2022-01-01", "2022-02-05"]'))
    second = download_detections(longer, ACCESS, Silent(), TODAY)
    assert 3 <= second <= 4
    assert first + second == len(areas(firms))


def test_days_that_are_hardly_over_are_asked_for_again(firms: Scripted, tmp_path: Path) -> None:
    soon = date(2022, 1, 12)
    file = project(tmp_path, firms)
    download_detections(read_project(file), ACCESS, Silent(), soon)
    assert not [path for path in areas(firms) if path.endswith(("2022-01-13", "2022-01-18"))]
    again = download_detections(read_project(file), ACCESS, Silent(), soon)
    assert again == 2


def test_days_without_data_are_not_taken_for_days_without_heat(firms: Scripted, tmp_path: Path) -> None:
    file = project(tmp_path, firms, '["2022-03-01", "2022-04-10"]')
    with pytest.raises(InputError, match="2022-03-31"):
        download_detections(read_project(file), ACCESS, Silent(), TODAY)
    assert areas(firms) == []


def test_without_a_key_nothing_is_asked(firms: Scripted, tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="FIRMS_MAP_KEY"):
        download_detections(read_project(project(tmp_path, firms)), Access(), Silent(), TODAY)
    assert firms.seen == []


def test_a_run_before_the_download_says_what_to_do(firms: Scripted, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="satverify fetch"):
        read_inputs(read_project(project(tmp_path, firms)), Silent(), TODAY)


def test_a_project_that_downloads_nothing_asks_nobody(tmp_path: Path) -> None:
    assert download_detections(read_project(write_project(tmp_path)), Access(), Silent(), TODAY) == 0
