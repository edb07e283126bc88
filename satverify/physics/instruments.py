"""The bands of the instruments as they respond to radiation: nodes of each response, and the Sun's irradiance in it.

How a satellite is added: take its response at equal steps of wavelength, give it to ``spectral.gauss_nodes`` (three
nodes; eight for a wide band at a short wavelength), round, and enter the result here; its solar irradiance is the mean
of the solar spectrum weighted with the response. ``tests/physics/test_instruments.py`` does this for the published
responses and compares; run it with ``-s`` and it prints the lines.

References
----------
Sentinel-2: spectral responses of MSI, COPE-GSEG-EOPG-TN-15-0007, issue 4.0, 2024; solar spectrum of G. Thuillier et
al., Solar Physics 214, 1, 2003, doi:10.1023/A:1024048429145. The irradiances are those of the products' metadata.
Landsat: J. Barsi et al., The Spectral Response of the Landsat-8 Operational Land Imager, Remote Sensing 6, 10232, 2014,
doi:10.3390/rs61010232, band averages at 2.5 nm, and the same solar spectrum. Landsat 9 is taken to respond as
Landsat 8 does: the two are built alike. Thermal band: constants K1 and K2 of the products' metadata, which define the
brightness temperatures that users get.
Sentinel-3: centre and width of SLSTR's bands, Sentinel-3 SLSTR user guide, radiometric resolution, taken as flat
between sharp edges; solar irradiances: defaults of ESA's SNAP toolbox, Rad2Refl.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from satverify.errors import InputError
from satverify.physics.radiometry import FIRST, PER_MICROMETRE, SECOND
from satverify.physics.spectral import SpectralBand

NANOMETRE = 1e-9
"""[m]"""
FLAT = 3
"""Nodes of a flat response: they carry the thermal bands to 1e-8 of the integral."""


def spectral_band(platform: str, name: str) -> SpectralBand:
    """Look up a band of a satellite.

    Parameters
    ----------
    platform
        In the catalogue's spelling, such as ``sentinel-2a``.
    name
        Name of the band, such as ``swir22``.

    Returns
    -------
    Its response.

    Raises
    ------
    InputError
        Nobody knows the satellite, or the satellite has no such band.
    """
    if platform not in SPECTRAL_BANDS:
        raise InputError(f"satellite {platform!r}: expected one of {', '.join(SPECTRAL_BANDS)}")
    bands = SPECTRAL_BANDS[platform]
    if name not in bands:
        raise InputError(f"band {name!r} of {platform}: expected one of {', '.join(bands)}")
    return bands[name]


def _nodes(nanometres: tuple[float, ...], weights: tuple[float, ...], irradiance: float) -> SpectralBand:
    return SpectralBand(
        wavelengths=tuple(length * NANOMETRE for length in nanometres), weights=weights, solar_irradiance=irradiance
    )


def _flat(centre: float, width: float, irradiance: float = np.nan) -> SpectralBand:
    """A response that is the same over its width [nm] and nothing beyond."""
    places, weights = np.polynomial.legendre.leggauss(FLAT)
    nanometres = tuple(float(centre + width / 2 * place) for place in places)
    return _nodes(nanometres, tuple(float(weight / 2) for weight in weights), irradiance)


def _effective(first: float, second: float) -> SpectralBand:
    """A band by its maker's constants, L = K1 / (exp(K2 / T) - 1), K1 in W m⁻² sr⁻¹ µm⁻¹ and K2 in K."""
    wavelength = SECOND / second
    weight = first / (PER_MICROMETRE * FIRST / wavelength**5)
    return SpectralBand(wavelengths=(wavelength,), weights=(weight,), solar_irradiance=np.nan)


_MSI_A = {
    "blue": _nodes(
        (458.845, 464.715, 474.384, 486.492, 499.739, 511.742, 521.1, 527.938),
        (0.025812, 0.1073269, 0.1730151, 0.1914175, 0.210847, 0.1687107, 0.1135452, 0.0093256),
        1959.66,
    ),
    "nir08": _nodes((855.529, 864.435, 873.38), (0.2323726, 0.5054123, 0.2622151), 955.32),
    "cirrus": _nodes((1361.175, 1373.594, 1386.14), (0.2534382, 0.5067024, 0.2398594), 367.15),
    "swir16": _nodes((1577.247, 1613.261, 1649.208), (0.2606189, 0.4666151, 0.272766), 245.59),
    "swir22": _nodes((2129.377, 2200.909, 2270.762), (0.2471854, 0.4788047, 0.2740099), 85.25),
}
_MSI_B = {
    "blue": _nodes(
        (458.603, 464.506, 474.159, 486.502, 499.535, 511.861, 521.092, 527.993),
        (0.0290909, 0.1123223, 0.169888, 0.1924015, 0.2063852, 0.1699614, 0.1102494, 0.0097013),
        1959.75,
    ),
    "nir08": _nodes((855.13, 863.996, 872.97), (0.2522446, 0.5011686, 0.2465868), 953.93),
    "cirrus": _nodes((1364.247, 1376.873, 1389.779), (0.2520901, 0.5009378, 0.2469721), 365.41),
    "swir16": _nodes((1573.518, 1610.772, 1647.954), (0.2723523, 0.4643973, 0.2632504), 247.08),
    "swir22": _nodes((2111.881, 2185.7, 2258.84), (0.2697009, 0.4580044, 0.2722947), 87.75),
}
_MSI_C = {
    "blue": _nodes(
        (438.331, 457.253, 466.391, 480.468, 496.393, 510.36, 519.851, 539.366),
        (0.0006836, 0.0719406, 0.1879587, 0.2276198, 0.2319394, 0.1912167, 0.088401, 0.0002402),
        1972.03,
    ),
    "nir08": _nodes((856.978, 865.766, 874.727), (0.2523404, 0.5216199, 0.2260397), 957.92),
    "cirrus": _nodes((1357.977, 1372.516, 1387.137), (0.2530123, 0.5185932, 0.2283945), 367.88),
    "swir16": _nodes((1574.754, 1612.379, 1649.348), (0.2648102, 0.4758038, 0.259386), 246.31),
    "swir22": _nodes((2115.82, 2189.468, 2265.622), (0.266612, 0.4518809, 0.2815071), 86.94),
}
_OLI = {
    "nir08": _nodes((852.123, 864.494, 877.077), (0.2420503, 0.5131944, 0.2447553), 951.88),
    "swir16": _nodes((1569.317, 1607.761, 1645.876), (0.2218637, 0.5194703, 0.258666), 247.56),
    "swir22": _nodes((2122.515, 2199.355, 2276.231), (0.2515742, 0.472385, 0.2760408), 85.46),
}
_SLSTR = {
    "swir16": _flat(1613.40, 60.68, 248.33),
    "swir22": _flat(2255.70, 50.15, 78.33),
    "mir37": _flat(3742.00, 398.00),
    "lwir11": _flat(10854.00, 776.00),
    "lwir12": _flat(12022.50, 905.00),
    "fire37": _flat(3742.00, 398.00),  # the detectors of S7 with another gain
}

SPECTRAL_BANDS: Mapping[str, Mapping[str, SpectralBand]] = MappingProxyType(
    {
        "sentinel-2a": MappingProxyType(_MSI_A),
        "sentinel-2b": MappingProxyType(_MSI_B),
        "sentinel-2c": MappingProxyType(_MSI_C),
        "landsat-8": MappingProxyType({**_OLI, "lwir11": _effective(774.8853, 1321.0789)}),
        "landsat-9": MappingProxyType({**_OLI, "lwir11": _effective(799.0284, 1329.2405)}),
        "sentinel-3a": MappingProxyType(_SLSTR),
        "sentinel-3b": MappingProxyType(_SLSTR),
    }
)
"""All bands by satellite and name."""
