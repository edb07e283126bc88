"""Reflected sunlight over a block of pixels: ground, haze, clouds and heat as sensors see them by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satverify.physics.sun import earth_sun_distance, solar_angles
from satverify.simulate.scenes.air import (
    cirrus_reflectance,
    cirrus_transmittance,
    clear_transmittance,
    direct_share,
    haze_reflectance,
    haze_transmittance,
    optical_depth,
    spot_transmittance,
)
from satverify.simulate.scenes.frames import Frame, Net, Pixels, between_crossings, net_round
from satverify.simulate.scenes.ground import PATH, TRANSMITTANCE, Cover, reflectance_of, slow_ground
from satverify.simulate.scenes.haze import air_of
from satverify.simulate.scenes.heat import hot_pixels, places_of
from satverify.simulate.scenes.land import land_of
from satverify.simulate.scenes.noise import key_of
from satverify.simulate.scenes.pixels.block import Block
from satverify.simulate.scenes.pixels.registration import Neighbours, Shift, blurred, moved, widened
from satverify.simulate.scenes.pixels.responses import Light, Response
from satverify.simulate.scenes.sky import (
    brightness_of,
    cirrus_at,
    excess_at,
    ragged,
    shadow_of,
    top_depression,
    transmission_of,
)
from satverify.simulate.scenes.steam import STEAM, steam_of
from satverify.simulate.scenes.textures import Run, pixels_of, run_of
from satverify.simulate.scenes.world import World
from satverify.simulate.weather import THIN

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = tuple[NDArray[np.intp], ...]

NET = 2_000.0  # [m] between crossings at which clouds, haze and the slow layers of the ground are computed
KEPT = 512
"""Moments of nets that are kept, a kilobyte or two each: several products show the same one."""
SIGHTS = 2
"""Blocks that are kept with their images, for the other product of the same overpass if that comes next."""
LARGEST_KEPT = 100_000  # pixels of these, which take some 30 MB each
CIRRUS = 1.375  # [µm] the band in which the ground is dark and high clouds are not
NOTHING = np.zeros((1, 1))
NO_COVER = Cover(water=NOTHING, plants=NOTHING, soil=NOTHING, built=NOTHING, shade=NOTHING)
"""Of ground that is not drawn."""
LOWEST = 0.02  # cosine of the solar zenith angle that the Sun does not fall below: the night is not drawn
POINT_SPREAD = 0.45  # [pixel] of optics and electronics, besides the pixel's own extent; a transfer of 0.2 at Nyquist


class Haze(NamedTuple):
    """What haze does to sunlight at one wavelength."""

    passed: Floats
    """Share of sunlight that wide ground returns through it, down and up. (0, 1]"""
    bright: Floats
    """Reflectance that it adds. [0, 1]"""
    direct: Floats | None = None
    """Share of the sunlight on the ground that comes straight from the Sun; none where no shadow asks for it. [0, 1]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """A block by day and how it is looked at: what all bands of one sensor share."""

    world: World
    """What there is to see."""
    pixels: Pixels
    """Of the image."""
    block: Block
    """Ground and sky of the image's pixels, displaced by whole pixels, and of those that touch them."""
    neighbours: Neighbours
    """How the block is seen from the pixels of the image."""
    shift: Shift
    """Of the image against the ground. [m]"""
    rest: Shift
    """What of it the block does not hold. [pixel]"""
    excess: Floats
    """Of the cloud field over its threshold, at the image's pixels."""
    cosine: Floats
    """Of the solar zenith angle, likewise."""
    aerosol: Floats
    """Optical depth of haze at 0.55 µm, likewise."""
    cirrus: Floats | None
    """Optical depth of thin cirrus, likewise; none where there is none."""
    clear: Floats
    """Share of light that passes the clouds, likewise."""
    is_hidden: bool
    """Whether none does anywhere, so that neither ground, steam nor heat can be seen."""
    steam: Floats | None
    """Share of light that steam takes, likewise; none where there is none."""
    shadow: Floats | None
    """Share of the direct sunlight that clouds take, on the block; none where they take none."""
    cloud: Floats | None
    """Reflectance of clouds in the visible, likewise; none where there are none."""
    sunlight: float
    """Irradiance against that at 1 au. [1]"""
    images: dict[tuple[Light, Shift], Floats] = field(init=False, default_factory=dict)
    """What ``reflectance_at`` has drawn so far: both products of an overpass ask for most bands."""

    @property
    def time(self) -> float:
        """When. [s since 1970-01-01 UTC]"""
        return self.block.time


def sunlit(world: World, pixels: Pixels, time: float, *, is_bare: bool = False) -> Block:
    """Ground, clouds, haze and sunlight of pixels by day.

    Parameters
    ----------
    world
        What there is to see.
    pixels
        The block.
    time
        When. [s since 1970-01-01 UTC]
    is_bare
        Whether the ground does not matter where clouds hide all of it, and need not be drawn.
    """
    x, y = pixels.x, pixels.y
    net = net_round(x, y, NET)
    layers = _on_net(world, pixels.frame, net, time)
    excess, cosine, aerosol, cirrus = between_crossings(net, layers[4:], x, y)
    excess = ragged(world.seed, pixels, excess, time)
    if is_bare and bool((excess >= THIN).all()):
        cover, temperature = NO_COVER, between_crossings(net, layers[3:4], x, y)[0]
    else:
        height, green, built, temperature = between_crossings(net, layers[:4], x, y)
        cover = land_of(world, pixels, time, height, green, built)
    return Block(
        pixels=pixels,
        cover=cover,
        temperature=temperature,
        excess=excess,
        cosine=cosine,
        aerosol=aerosol,
        cirrus=cirrus,
        time=time,
    )


@lru_cache(maxsize=KEPT)
def _on_net(world: World, frame: Frame, net: Net, time: float) -> Floats:
    """Slow layers of ground and sky at the crossings of a net: those of ``sunlit``."""
    longitude, latitude = frame.places(*net.crossings())
    zenith, _ = solar_angles(time, longitude, latitude)
    cosine, aerosol = np.maximum(np.cos(zenith), LOWEST), air_of(world, longitude, latitude, time)
    excess = excess_at(world.weather, longitude, latitude, time)
    sky = np.stack([excess, cosine, aerosol, cirrus_at(world.seed, longitude, latitude, time)])
    return np.concatenate([slow_ground(world.seed, longitude, latitude, time), sky])


def _haze_over(sight: Sight, wavelength: float) -> Haze:
    """What haze does at one wavelength [µm] over the block."""
    pixels = sight.block.pixels
    net = net_round(pixels.x, pixels.y, NET)
    layers = _haze_on_net(sight.world, pixels.frame, net, sight.time, wavelength)
    return Haze(*between_crossings(net, layers[:2] if sight.shadow is None else layers, pixels.x, pixels.y))


@lru_cache(maxsize=8 * KEPT)
def _haze_on_net(world: World, frame: Frame, net: Net, time: float, wavelength: float) -> Floats:
    """Layers of ``Haze`` at the crossings of a net."""
    _, cosine, aerosol, _ = _on_net(world, frame, net, time)[4:]
    depth = optical_depth(aerosol, wavelength)
    hidden = TRANSMITTANCE.get(wavelength, 1.0)  # vapour lies above most of the haze
    return np.stack(
        [
            haze_transmittance(depth, cosine),
            hidden * haze_reflectance(depth, cosine),
            direct_share(aerosol, wavelength, cosine),
        ]
    )


def sight_of(world: World, pixels: Pixels, time: float, shift: Shift, *, is_bare: bool = False) -> Sight:
    """What there is to see in pixels of an image that is displaced by ``shift`` [m]; ``is_bare`` as for ``sunlit``."""
    run = run_of(pixels)
    if run is None or np.prod(pixels.shape) > LARGEST_KEPT:
        return _looked(world, pixels, time, shift, is_bare=is_bare)
    return _kept_sight(world, pixels.frame, run, time, shift, is_bare=is_bare)


@lru_cache(maxsize=SIGHTS)
def _kept_sight(world: World, frame: Frame, run: Run, time: float, shift: Shift, *, is_bare: bool) -> Sight:
    return _looked(world, pixels_of(run, frame), time, shift, is_bare=is_bare)


def _looked(world: World, pixels: Pixels, time: float, shift: Shift, *, is_bare: bool) -> Sight:
    there, rest = moved(pixels, shift)
    wide, neighbours = widened(there)
    block = sunlit(world, wide, time, is_bare=is_bare)
    excess, cirrus = neighbours.middle(block.excess), neighbours.middle(block.cirrus)
    is_hidden = bool((excess >= THIN).all())
    cloud = None
    if (excess >= 0).any():
        cloud = brightness_of(key_of(world.seed, "clouds", int(time)), excess, there.x, there.y)
    return Sight(
        world=world,
        pixels=pixels,
        block=block,
        neighbours=neighbours,
        shift=shift,
        rest=rest,
        excess=excess,
        cosine=neighbours.middle(block.cosine),
        aerosol=neighbours.middle(block.aerosol),
        cirrus=cirrus if cirrus.any() else None,
        clear=transmission_of(excess),
        is_hidden=is_hidden,
        steam=None if is_hidden else steam_of(world, there, time),
        shadow=None if is_hidden else shadow_of(world.seed, world.weather, wide, time),
        cloud=cloud,
        sunlight=float(earth_sun_distance(time)) ** -2,
    )


def reflectance_at(sight: Sight, light: Light, shift: Shift = (0.0, 0.0)) -> Floats:
    """Reflectance of ground, air, clouds and heat in a band, without noise, not to be written to. [1]

    Parameters
    ----------
    sight
        What is looked at.
    light
        What the band sees.
    shift
        Of the band against the image's others. [m]
    """
    seen = sight.images.get((light, shift))
    if seen is None:
        seen = sight.images[light, shift] = _drawn(sight, light, shift)
        seen.flags.writeable = False
    return seen


def _drawn(sight: Sight, light: Light, shift: Shift) -> Floats:
    wavelength = light.wavelength
    if sight.is_hidden and sight.cloud is not None:
        value = sight.cloud * _whiteness(wavelength, sight.excess)
    else:
        value = _through_air(sight, wavelength, shift)
    if sight.cirrus is not None:
        value *= cirrus_transmittance(sight.cirrus)
        value += cirrus_reflectance(sight.cirrus, sight.cosine, wavelength)
    where, radiance = heat_in(sight, light, shift)
    if radiance.size:
        value[where] += radiance / (_overhead(sight, light) * sight.cosine[where])
    return value


def _through_air(sight: Sight, wavelength: float, shift: Shift) -> Floats:
    """Reflectance of ground, haze, steam and clouds. [1]"""
    haze = _haze_over(sight, wavelength)
    value = blurred(_ground(sight, wavelength, haze), sight.neighbours, _off(sight, shift), POINT_SPREAD)
    value *= sight.neighbours.middle(haze.passed)
    value += sight.neighbours.middle(haze.bright)
    if sight.steam is not None:
        value += sight.steam * (STEAM[wavelength] - value)
    if sight.cloud is not None:
        value += (1 - sight.clear) * (sight.cloud * _whiteness(wavelength, sight.excess) - value)
    return value


def _ground(sight: Sight, wavelength: float, haze: Haze) -> Floats:
    """Reflectance of the block's ground through clear air, some of it in the shadow of clouds. [1]"""
    block = sight.block
    ground = reflectance_of(block.cover, wavelength, block.cosine)
    if sight.shadow is not None and haze.direct is not None:
        air = PATH.get(wavelength, 0.0) * np.sqrt(0.5) / np.maximum(block.cosine, 0.1)
        ground -= sight.shadow * haze.direct * (ground - air)
    return ground


def _off(sight: Sight, shift: Shift) -> Shift:
    """How far a band's image lies off the block that is drawn. [pixel]"""
    size = sight.pixels.size
    return sight.rest[0] + shift[0] / size[0], sight.rest[1] + shift[1] / size[1]


def heat_in(sight: Sight, light: Light, shift: Shift = (0.0, 0.0)) -> tuple[Places, Floats]:
    """Where in an image heat is seen, and what of its radiance comes through air, steam and clouds. [W m⁻² sr⁻¹ µm⁻¹]

    Parameters
    ----------
    sight
        What is looked at.
    light
        What the band sees.
    shift
        Of the band against the image's others. [m]
    """
    world, pixels = sight.world, sight.pixels
    if sight.is_hidden:
        return places_of(None, pixels)[0], np.zeros(0)
    off = (sight.shift[0] + shift[0], sight.shift[1] + shift[1])
    hot = hot_pixels(world.sources, pixels, sight.time, world.seed, point_spread=POINT_SPREAD, shift=off)
    where, which = places_of(hot, pixels)
    if hot is None:
        return where, np.zeros(0)
    passed = clear_transmittance(light.wavelength) * spot_transmittance(sight.aerosol[where], light.wavelength)
    passed *= sight.clear[where]
    if sight.steam is not None:
        passed *= 1 - sight.steam[where]
    if sight.cirrus is not None:
        passed *= cirrus_transmittance(sight.cirrus[where])
    return where, passed * hot.radiance(light.spectral)[which]


def white_radiance(sight: Sight, light: Light) -> Floats:
    """Radiance that a reflectance of 1 stands for, at the pixels of an image. [W m⁻² sr⁻¹ µm⁻¹]"""
    white: Floats = _overhead(sight, light) * sight.cosine
    return white


def _overhead(sight: Sight, light: Light) -> float:
    """The same below an overhead Sun."""
    return light.spectral.solar_irradiance * sight.sunlight / np.pi


def measured(value: Floats, white: Floats, response: Response, noise: Floats) -> Floats:
    """Reflectance as an instrument gives it: with noise, and not beyond where it saturates. [1]

    Parameters
    ----------
    value
        Reflectance without noise.
    white
        Radiance of a reflectance of 1, of its shape. [W m⁻² sr⁻¹ µm⁻¹]
    response
        The band's.
    noise
        Of standard deviation 1, likewise.
    """
    out = noise * response.noise(value * white)
    out /= white
    out += value
    return np.minimum(out, response.ceiling / white, out=out)


def _whiteness(wavelength: float, excess: Floats) -> Floats | float:
    """Reflectance of clouds against that in the visible: ice absorbs, and vapour hides low clouds at 1.375 µm."""
    if wavelength == CIRRUS:
        return 0.02 + 0.28 * np.clip(top_depression(excess) / 55.0, 0.0, 1.0) ** 2
    if wavelength > 2.0:
        return 0.45
    return 0.65 if wavelength > 1.5 else 0.95
