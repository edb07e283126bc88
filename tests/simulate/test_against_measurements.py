"""Simulated scenes beside what is published, computed or measured of real ones; tolerances say where they are from."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta

from satverify.domain.grids import Grid
from satverify.physics.instruments import spectral_band
from satverify.physics.spectral import band_brightness_temperature, band_radiance
from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.physics.utm import project
from satverify.simulate.scenes import SimulatedScenes
from satverify.simulate.scenes.air import clear_transmittance
from satverify.simulate.scenes.frames import Pixels, UtmFrame, slow_fields
from satverify.simulate.scenes.heat import steady_spots
from satverify.simulate.scenes.pixels import daylight, oli
from satverify.simulate.scenes.pixels.daylight import reflectance_at, white_radiance
from satverify.simulate.scenes.pixels.responses import MSI, light_of
from satverify.simulate.scenes.pixels.warmth import Warmth, thermal_radiance
from satverify.simulate.scenes.sky import excess_at, ragged
from satverify.simulate.weather import Weather, draw_weather
from tests.simulate.against import DECEMBER, JUNE, clear_world, is_nhi, is_tai, pixels_round, plain_sight, spot

Floats: TypeAlias = NDArray[np.float64]

FOREST = (-123.3, 58.0)
"""Where the supplied fire burnt. [degree]"""
FIRE_TIME = datetime(2023, 5, 14, 19, 20, tzinfo=UTC).timestamp()
"""Of the pass that saw it, to some minutes. [s since 1970-01-01 UTC]"""
SHARP = 1e-3  # [pixel] all of a spot's radiation falls in its own pixel


def smallest(kelvin: float, time: float, method: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """Smallest area that a method sees in the middle of one 20 m pixel, without noise. [m²]"""
    monkeypatch.setattr(daylight, "POINT_SPREAD", SHARP)
    lights = [light_of("sentinel-2a", *band) for band in (("B8A", 0.865), ("B12", 2.2), ("B11", 1.61))]
    pixels = pixels_round(20.0)

    def margin(log_area: float) -> float:
        sight = plain_sight(clear_world(spot(kelvin, float(np.exp(log_area)))), pixels, time)
        seen = [reflectance_at(sight, light)[2, 2] for light in lights]
        white = [white_radiance(sight, light)[2, 2] for light in lights]
        if method == "tai":
            return 1.0 if is_tai(*map(np.asarray, seen)) else -1.0
        return 1.0 if is_nhi(*(np.asarray(a * b) for a, b in zip(seen, white, strict=True))) else -1.0

    return float(np.exp(brentq(margin, np.log(1e-3), np.log(300.0), xtol=1e-3)))


@pytest.mark.parametrize(("kelvin", "area"), [(1500.0, 0.04), (1000.0, 0.23), (800.0, 1.1), (600.0, 15.0)])
def test_the_smallest_hot_area_by_tai_is_the_computed_one(
    kelvin: float, area: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Computed for December at 39° N; within the 20 % that the ground's brightness, a free choice, makes."""
    assert smallest(kelvin, DECEMBER, "tai", monkeypatch) == pytest.approx(area, rel=0.2)


@pytest.mark.parametrize("kelvin", [1000.0, 800.0, 600.0])
def test_nhi_needs_four_to_eight_times_the_area(kelvin: float, monkeypatch: pytest.MonkeyPatch) -> None:
    ratio = smallest(kelvin, DECEMBER, "nhi", monkeypatch) / smallest(kelvin, DECEMBER, "tai", monkeypatch)
    assert 4 * 0.8 < ratio < 8 * 1.2


def test_in_june_tai_needs_nearly_twice_the_area(monkeypatch: pytest.MonkeyPatch) -> None:
    ratio = smallest(1000.0, JUNE, "tai", monkeypatch) / smallest(1000.0, DECEMBER, "tai", monkeypatch)
    assert ratio == pytest.approx(1.8, rel=0.2)


@pytest.mark.parametrize(("area", "kelvin", "gain"), [(20.0, 1500.0, 9.0), (500.0, 400.0, 10.0), (5000.0, 350.0, 44.0)])
def test_a_landsat_thermal_pixel_gets_as_much_warmer_as_computed(area: float, kelvin: float, gain: float) -> None:
    """Computed without air, which takes a tenth here."""
    world, pixels = clear_world(spot(kelvin, area)), pixels_round(100.0)
    cold, shape = 273.15, pixels.shape
    seen = Warmth(
        pixels=pixels,
        time=DECEMBER,
        ground=np.full(shape, cold),
        top=np.full(shape, cold),
        high=np.full(shape, cold),
        clear=np.ones(shape),
        cirrus=np.ones(shape),
        steam=None,
        cosine=np.full(shape, 0.4),
        aerosol=np.zeros(shape),
    )
    band, light = oli.THERMAL["B10"], light_of("landsat-8", "B10", 10.9)
    sharp = replace(band, point_spread=SHARP, air=0.0)
    radiance = thermal_radiance(world, seen, sharp, light, (0.0, 0.0))[2, 2]
    kelvin_seen = float(band_brightness_temperature(spectral_band("landsat-8", "lwir11"), radiance))
    assert kelvin_seen - cold == pytest.approx(gain, rel=0.2)


def test_msi_saturates_where_the_brightest_pixels_of_a_real_fire_end(shared_data: Path) -> None:
    """Two neighbouring pixels of the fire have the same largest number in 2.2 µm: the end of the scale."""
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(shared_data / "s2" / "wildfire_g90292" / "G90292_20230514.tif") as image:
        reflectance = (image.read(3) - 1000) / 1e4
    assert (reflectance == reflectance.max()).sum() == 2
    zenith, _ = solar_angles(FIRE_TIME, *FOREST)
    sunlight = 87.75 * np.cos(float(zenith)) / np.pi / float(earth_sun_distance(FIRE_TIME)) ** 2
    assert float(reflectance.max()) * sunlight == pytest.approx(MSI["B12"].ceiling, rel=0.05)  # minutes of the pass


def likely(found: int, times: int) -> tuple[float, float]:
    """Shares that so many finds in so many tries leave likely at 95 %, after Clopper and Pearson."""
    return float(beta.ppf(0.025, found, times - found + 1)), float(beta.ppf(0.975, found + 1, times - found))


DARVAZA = (58.4394, 40.2526)
"""The gas crater of Turkmenistan. [degree]"""
FLAMES = 1600.0
"""[K] The ratio of the crater's two radiances less desert on 2025-02-16, when 2.2 µm did not saturate."""
FLAME_AREA = 4.2
"""[m²] of black body, over a disc 70 m wide: gives the table's radiance at 1.6 µm, which does not saturate."""


def burning_crater(seed: int) -> SimulatedScenes:
    """Thirty flames on the ground of a crater 70 m wide, that never change."""
    rng = np.random.default_rng(seed)
    away, turn = 35.0 * np.sqrt(rng.random(30)), 2 * np.pi * rng.random(30)
    degree = 111_200.0
    longitude = DARVAZA[0] + away * np.cos(turn) / (degree * np.cos(np.radians(DARVAZA[1])))
    latitude = DARVAZA[1] + away * np.sin(turn) / degree
    size = np.full(30, FLAME_AREA / 30)
    return SimulatedScenes(seed, sources=steady_spots(longitude, latitude, np.full(30, FLAMES), size))


def seen_by_landsat(scenes: SimulatedScenes) -> list[tuple[float, bool, bool]]:
    """Of each pass of the table's winter: radiance at 1.6 µm of the brightest pixel, and whether each index is hot."""
    x, y = (float(part) for part in project(32640, *DARVAZA))
    left, top = (30 * round((part - 15) / 30) + 15 for part in (x - 300, y + 300))
    window = Grid(epsg=32640, left=left, top=top, pixel_width=30, pixel_height=30, width=20, height=20)
    winter = (datetime(2024, 10, 3, tzinfo=UTC), datetime(2025, 3, 30, tzinfo=UTC))
    out = []
    for granule in scenes.granules("landsat-ot-l1", (*DARVAZA, *DARVAZA), *winter):
        image = scenes.read(granule, ["B05", "B06", "B07"], window)
        if np.isnan(image["B07"]).any():
            continue
        time = granule.time.timestamp()
        zenith, _ = solar_angles(time, *DARVAZA)
        white = np.cos(float(zenith)) / np.pi / float(earth_sun_distance(time)) ** 2
        names = {"B05": "nir08", "B06": "swir16", "B07": "swir22"}
        near, shorter, short = (
            image[band] * white * spectral_band("landsat-8", name).solar_irradiance for band, name in names.items()
        )
        out.append((float(shorter.max()), bool((short > shorter).any()), bool((shorter > near).any())))
    return out


def test_a_steady_gas_crater_is_seen_as_seldom_as_landsat_saw_it(shared_data: Path) -> None:
    """Only its size is fitted, to the radiance on days when it was seen: how often it is, follows from Sun and sky."""
    with (shared_data / "landsat" / "nhi_reference" / "NHI_all_results_Darvaza_crater.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    swir, swnir = (np.array([int(row[f"Total NHI {name} hot pixels"]) for row in rows]) for name in ("SWIR", "SWNIR"))
    times, found = len(rows), int((swir + swnir > 0).sum())
    assert (times, found) == (40, 12)
    radiance = np.array([float(row["Radiance B6 (1.6 μm)"]) for row in rows]) / np.maximum(swir + swnir, 1)
    passes = [each for seed in range(4) for each in seen_by_landsat(burning_crater(seed))]
    hot = [each for each in passes if each[1] or each[2]]
    assert np.median([each[0] for each in hot]) == pytest.approx(np.median(radiance[radiance > 0]), rel=0.25)
    low, high = likely(found, times)
    assert low < len(hot) / len(passes) < high
    assert np.mean([each[2] for each in hot]) > 0.8  # as in the table: 2.2 µm saturates, so 1.6 µm against the near
    assert (swnir > 0).sum() >= 0.8 * found


def test_as_many_pixels_of_a_real_fire_are_hot_by_either_index_as_simulated_ones(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pixel's excess at 2.2 µm is made again by flames of one of three temperatures, over the same ground."""
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(shared_data / "s2" / "wildfire_g90292" / "G90292_20230514.tif") as image:
        near, shorter, short = ((image.read(band) - 1000) / 1e4 for band in (1, 2, 3))
    irradiance = (953.93, 247.08, 87.75)
    by_tai = (short - shorter) / near >= 0.45
    by_nhi = by_tai & (short * irradiance[2] > shorter * irradiance[1])
    assert (by_tai.sum(), by_nhi.sum()) == (99, 39)
    ground = {0.865: float(np.median(near)), 2.2: float(np.median(short)), 1.61: float(np.median(shorter))}
    excess = short[by_tai] - np.median(short)
    ratio = (shorter[by_nhi] - np.median(shorter)) / (short[by_nhi] - np.median(short))
    seen_tai, seen_nhi, simulated = [], [], []
    for kelvin, number in ((850.0, 0), (950.0, 1), (1100.0, 2)):  # flaming fronts; Wooster et al. 2005
        tai, nhi, slope = _fire(excess[number::3], kelvin, ground, monkeypatch)
        seen_tai.append(tai)
        seen_nhi.append(nhi)
        simulated.append(slope)
    deviation = np.sqrt(99 * (39 / 99) * (60 / 99))  # binomial
    assert sum(seen_nhi) == pytest.approx(39, abs=2 * deviation)
    assert sum(seen_tai) > 0.8 * 99
    low, middle, high = (float(each) for each in np.quantile(ratio, [0.1, 0.5, 0.9]))
    assert min(simulated) < middle < max(simulated)
    assert min(simulated) == pytest.approx(low, rel=0.35)  # radiance of 1.6 µm over that of 2.2 µm
    assert max(simulated) == pytest.approx(high, rel=0.35)


def _fire(
    excess: Floats, kelvin: float, ground: dict[float, float], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, int, float]:
    """How many pixels of this excess reflectance at 2.2 µm are hot by TAI and by NHI; and what 1.6 µm has over it."""
    monkeypatch.setattr(daylight, "POINT_SPREAD", SHARP)
    monkeypatch.setattr(daylight, "reflectance_of", lambda _, wavelength, cosine: ground[wavelength] + 0 * cosine)
    lights = [light_of("sentinel-2b", *band) for band in (("B8A", 0.865), ("B12", 2.2), ("B11", 1.61))]
    x, y = (float(part) for part in project(32610, *FOREST))
    pixels = Pixels(
        frame=UtmFrame(epsg=32610),
        size=(20.0, 20.0),
        columns=np.arange(excess.size)[None, :],
        rows=np.zeros((1, 1), dtype=np.int64),
        origin=(x, y),
    )
    longitude, latitude = pixels.frame.places(*np.broadcast_arrays(pixels.x, pixels.y))
    cold = plain_sight(clear_world(None), pixels, FIRE_TIME)
    through = clear_transmittance(2.2) * band_radiance(lights[1].spectral, kelvin) / 400.0
    area = excess * white_radiance(cold, lights[1])[0] / through
    sources = steady_spots(longitude[0], latitude[0], np.full(excess.size, kelvin), area)
    hot = replace(cold, world=clear_world(sources))
    seen = [reflectance_at(hot, light)[0] for light in lights]
    over = [now - reflectance_at(cold, light)[0] for now, light in zip(seen, lights, strict=True)]
    np.testing.assert_allclose(over[1], excess, rtol=1e-6)
    white = [white_radiance(hot, light)[0] for light in lights]
    radiance = [a * b for a, b in zip(seen, white, strict=True)]
    tai = (seen[1] - seen[2]) / seen[0] >= 0.45
    return int(tai.sum()), int((tai & (radiance[1] > radiance[2])).sum()), float(np.median(over[2] / over[1]))


def _layer(weather: Weather, time: float, longitude: Floats, latitude: Floats) -> Floats:
    return excess_at(weather, longitude, latitude, time)[None]


def test_small_places_are_as_often_clear_as_those_of_a_real_series(shared_data: Path) -> None:
    """One square kilometre in Slovenia, 68 dates. The real series has left out the cloudiest scenes, and it has broken
    cloud more often: the simulated sky is closed or open over more of the time than the real one.
    """
    folder = shared_data / "s2" / "slovenia_cloud_masks"
    times = [
        datetime.fromisoformat(each + "Z").timestamp() for each in json.loads((folder / "timestamps.json").read_text())
    ]
    real = np.load(folder / "mask" / "CLM.npy")[..., 0].mean(axis=(1, 2))
    frame = UtmFrame(epsg=32633)
    pixels = Pixels(
        frame=frame,
        size=(20.0, 20.0),
        columns=(465_180 // 20 + np.arange(50))[None, :],
        rows=(5_079_260 // 20 + np.arange(50))[:, None],
    )
    cover = []
    for seed in range(4):
        weather = replace(draw_weather(np.random.default_rng(seed)), parallel=46.0)
        for time in times:
            excess = slow_fields(pixels, partial(_layer, weather, time), 2000.0)[0]
            cover.append(float((ragged(seed, pixels, excess, time) >= 0).mean()))
    simulated = np.array(cover)
    dates, clear = len(real), int((real < 0.05).sum())
    low, high = likely(clear, dates)
    assert low < (simulated < 0.05).mean() < high
    broken = [float(((each >= 0.05) & (each <= 0.95)).mean()) for each in (real, simulated)]
    assert 0.35 * broken[0] < broken[1] < broken[0]  # 0.26 and 0.12: known, and said in what the simulator leaves out
