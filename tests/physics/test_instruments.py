"""The constants of the bands against the published responses they were made from.

To add a satellite, add its sheet to ``SHEETS`` here, run this module with ``-s``, and copy the lines it prints.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from numpy.typing import NDArray

from satverify.domain.sensors import SENSORS
from satverify.errors import InputError
from satverify.physics.instruments import SPECTRAL_BANDS, spectral_band
from satverify.physics.radiometry import planck_radiance
from satverify.physics.spectral import band_brightness_temperature, band_radiance, gauss_nodes

Floats = NDArray[np.float64]

RESPONSES = "reference/s2_srf/COPE-GSEG-EOPG-TN-15-0007_S2_SRF_2024_4.0.xlsx"
SPECTRUM = "reference/s2_srf/SolarIrradiance_Thuillier.csv"
SHEETS = {"sentinel-2a": "S2A", "sentinel-2b": "S2B", "sentinel-2c": "S2C"}
COLUMNS = {"blue": "B2", "nir08": "B8A", "cirrus": "B10", "swir16": "B11", "swir22": "B12"}
NODES = {"blue": 8}  # a wide band at a short wavelength; three do for the others
KELVIN = np.arange(250.0, 3001.0, 25.0)


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Wavelength [nm] and response of every band, as the spreadsheet has them."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl does not know an extension of the file
        book = openpyxl.load_workbook(shared_data / RESPONSES, data_only=True, read_only=True)
        sheets = {label: list(book[f"Spectral Responses ({label})"].values) for label in SHEETS.values()}
    for platform, label in SHEETS.items():
        head, *rows = sheets[label]
        table = [row for row in rows if isinstance(row[0], int | float)]
        wavelength = np.array([row[0] for row in table], dtype=np.float64)
        for name, column in COLUMNS.items():
            place = head.index(f"{label}_SR_AV_{column}")
            found[platform, name] = wavelength, np.array([row[place] or 0 for row in table], dtype=np.float64)
    return found


@pytest.fixture(scope="module")
def spectrum(shared_data: Path) -> tuple[Floats, Floats]:
    table = np.loadtxt(shared_data / SPECTRUM, delimiter=",", skiprows=1)
    return table[:, 0], table[:, 1]


def constants_of(
    wavelength: Floats, response: Floats, spectrum: tuple[Floats, Floats], count: int
) -> tuple[Floats, Floats, float]:
    """Nodes [nm], weights and solar irradiance of a response, rounded as they are entered."""
    nodes, weights = gauss_nodes(wavelength, response, count)
    irradiance = float((np.interp(wavelength, *spectrum) * response).sum() / response.sum())
    return np.round(nodes, 3), np.round(weights, 7), round(irradiance, 2)


def test_the_constants_are_those_of_the_published_responses(
    published: dict[tuple[str, str], tuple[Floats, Floats]], spectrum: tuple[Floats, Floats]
) -> None:
    for (platform, name), (wavelength, response) in published.items():
        nodes, weights, irradiance = constants_of(wavelength, response, spectrum, NODES.get(name, 3))
        print(f'\n{platform} "{name}": _nodes({tuple(nodes.tolist())}, {tuple(weights.tolist())}, {irradiance})')
        band = SPECTRAL_BANDS[platform][name]
        np.testing.assert_allclose(np.array(band.wavelengths) * 1e9, nodes, atol=1.1e-3)  # rounding of a tie
        np.testing.assert_allclose(band.weights, weights, atol=5e-7)  # the largest makes the sum 1
        assert band.solar_irradiance == pytest.approx(irradiance, abs=0.011)


def test_the_nodes_see_a_black_body_as_the_whole_response_does(
    published: dict[tuple[str, str], tuple[Floats, Floats]],
) -> None:
    for (platform, name), (wavelength, response) in published.items():
        whole = (planck_radiance(wavelength[:, None] * 1e-9, KELVIN) * response[:, None]).sum(axis=0) / response.sum()
        worst = np.abs(band_radiance(SPECTRAL_BANDS[platform][name], KELVIN) / whole - 1).max()
        print(f"\n{platform} {name}: {worst:.1e} of the whole integral at worst")
        assert worst < 1e-4


def test_the_irradiances_are_those_of_the_products(shared_data: Path) -> None:
    text = (shared_data / "reference/s2_metadata/S2A_MSIL1C_20210908_N0301_T46RER_MTD_MSIL1C.xml").read_text("utf-8")
    stated = {int(i): float(value) for i, value in re.findall(r'SOLAR_IRRADIANCE bandId="(\d+)"[^>]*>([\d.]+)<', text)}
    order = {"blue": 1, "nir08": 8, "cirrus": 10, "swir16": 11, "swir22": 12}  # bandId counts B8A after B8
    for name, number in order.items():
        assert spectral_band("sentinel-2a", name).solar_irradiance == stated[number]


def test_all_weights_together_are_one_but_where_the_maker_says_otherwise() -> None:
    for platform, bands in SPECTRAL_BANDS.items():
        for name, band in bands.items():
            is_effective = platform.startswith("landsat") and name == "lwir11"
            assert sum(band.weights) == pytest.approx(1, abs=0.005 if is_effective else 1e-6)  # rounded to 1e-7


def test_every_band_that_measures_radiation_has_a_response() -> None:
    for sensor in SENSORS.values():
        for band in sensor.bands:
            if band.unit in {"K", "W m-2 sr-1 um-1"} or band.standard_name == "toa_bidirectional_reflectance":
                for satellite in sensor.satellites:
                    assert spectral_band(satellite, band.name).centre > 0


def test_the_thermal_band_of_landsat_is_as_its_metadata_define_it() -> None:
    """T = K2 / ln(K1 / L + 1), Landsat 8-9 data format control book LSDS-1822, with a scene's constants."""
    radiance = np.array([4.0, 9.0, 20.0])
    expected = 1321.0789 / np.log(774.8853 / radiance + 1)
    np.testing.assert_allclose(band_brightness_temperature(spectral_band("landsat-8", "lwir11"), radiance), expected)


def test_the_bands_of_landsat_lie_where_their_maker_says() -> None:
    """865, 1608.5 and 2200.5 nm: Sentinel Hub, Landsat 8-9 bands; the middle of half maxima rather than the mean."""
    for name, nanometres in {"nir08": 865.0, "swir16": 1608.5, "swir22": 2200.5}.items():
        assert spectral_band("landsat-8", name).centre * 1e9 == pytest.approx(nanometres, abs=3)


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="sentinel-2d"):
        spectral_band("sentinel-2d", "swir22")
    with pytest.raises(InputError, match=r"lwir11.*sentinel-2a.*swir22"):
        spectral_band("sentinel-2a", "lwir11")
