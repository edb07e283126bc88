"""``satverify inspect``: look at one file by hand, without a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from satverify.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

ImagePaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="An image that GDAL opens: GeoTIFF, JPEG 2000, ENVI, VRT …; or several files on the same pixels.",
        show_default=False,
    ),
]
BandNumbers = Annotated[
    str,
    typer.Option(
        "--bands",
        metavar="NAME=N,…",
        help="Bands, counted from 1 and on from file to file: nir08 (0.86 um), swir16 and swir22, and, where there are "
        "any, blue, cirrus (1.38 um) and lwir11.",
        show_default=False,
    ),
]
Scale = Annotated[
    float | None, typer.Option("--scale", help="Reflectance per stored number; else what the file says, or 1.")
]
Offset = Annotated[
    float | None, typer.Option("--offset", help="Reflectance of the stored number 0; else what the file says, or 0.")
]
SunZenith = Annotated[
    float | None, typer.Option("--sun-zenith", metavar="DEGREES", help="Of the Sun; 45 is assumed without it.")
]
OfSensor = Annotated[
    Literal["sentinel-2-l1c", "landsat-ot-l1"] | None,
    typer.Option("--sensor", help="Whose image it is; by the size of its pixels without it."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
MaskFile = Annotated[
    Path | None, typer.Option("--mask", metavar="OUT.tif", help="Write the class of every pixel as a GeoTIFF.")
]

app = typer.Typer(help="Look at one file by hand, without a project.", no_args_is_help=True)


@app.callback()
def inspect() -> None:
    """Look at one file by hand, without a project."""


def register(root: typer.Typer) -> None:
    """Mount ``satverify inspect`` on the command."""
    root.add_typer(app, name="inspect")


@app.command("heat")
def heat(
    files: ImagePaths,
    bands: BandNumbers,
    scale: Scale = None,
    offset: Offset = None,
    sun_zenith: SunZenith = None,
    sensor: OfSensor = None,
    as_json: AsJson = False,
    mask: MaskFile = None,
) -> None:
    """Say what each method finds hot in one image: counts of pixels, sources, and what may be wrong with the file.

    Reflectance is stored number x scale + offset. Counts are over the bare indices (TAI >= 0.45; NHI > 0), by each
    published method whole, and "hot" by our own answer; see docs/inspect-heat.md.
    """
    import json

    from satverify.pipeline.inspect_heat import CLASSES, inspect_heat, summary, write_mask
    from satverify.sources.image_file import read_image

    if mask is not None and mask.exists() and any(file.exists() and mask.samefile(file) for file in files):
        raise InputError(f"--mask {mask}: expected another file than the image itself")
    image, name = read_image(files, _numbers(bands), scale, offset), ", ".join(map(str, files))
    seen = inspect_heat(image, sensor=sensor, solar_zenith_angle=sun_zenith)
    told = summary(image, seen)
    if mask is not None:
        write_mask(mask, image, seen)
        for number, meaning in CLASSES.items():
            typer.echo(f"{mask}: {number}: {meaning}", err=True)
    for warning in seen.warnings:
        typer.echo(f"{name}: {warning}", err=True)
    if seen.is_sun_assumed:
        typer.echo(f"{name}: the Sun is taken to stand at 45 degrees from the zenith: give --sun-zenith", err=True)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _print(told)


def _numbers(text: str) -> dict[str, int]:
    """Band numbers by name, as ``nir08=3,swir16=2,swir22=1`` has them."""
    from difflib import get_close_matches

    known = ("nir08", "swir16", "swir22", "blue", "cirrus", "lwir11")
    numbers: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, found, digits = (piece.strip() for piece in part.partition("="))
        if name not in known:
            near = get_close_matches(name.lower(), known, n=1)
            raise InputError(f"--bands {name}: expected {near[0] if near else 'one of ' + ', '.join(known)}")
        if not found or not digits.isdecimal() or int(digits) < 1:
            raise InputError(f"--bands {part}: expected a band number from 1 on, as in {name}=1")
        if name in numbers:
            raise InputError(f"--bands {name}: expected once, found twice")
        if int(digits) in numbers.values():
            other = next(key for key, number in numbers.items() if number == int(digits))
            raise InputError(f"--bands {name}={digits}: expected another band than {other}, found the same")
        numbers[name] = int(digits)
    missing = [name for name in known[:3] if name not in numbers]
    if missing:
        raise InputError(f"--bands: expected nir08, swir16 and swir22, missing {', '.join(missing)}")
    return numbers


LINES = {
    "pixels": "pixels",
    "valid": "with a measurement",
    "tai_index": "TAI >= 0.45, bare index",
    "nhi_swir_index": "NHI_SWIR > 0, bare index",
    "nhi_swnir_index": "NHI_SWNIR > 0, bare index",
    "tai": "TAI as published, whole",
    "nhi": "NHI as published, whole",
    "saturated": "saturated by heat",
    "hot": "hot, our own answer",
}
COLUMNS = ("easting", "northing", "pixels", "saturated", "power_mw", "power_uncertainty_mw", "temperature_k")


def _print(told: Mapping[str, Any]) -> None:
    """Counts, what was not heat, and sources, in lines separated by tabs."""
    for key, words in LINES.items():
        typer.echo(f"{words}\t{told[key]}")
    for name, count in told["false_targets"].items():
        typer.echo(f"not heat: {name.replace('_', ' ')}\t{count}")
    if told["clusters"]:
        typer.echo("\t".join(COLUMNS))
    for cluster in told["clusters"]:
        typer.echo("\t".join("" if cluster[name] is None else str(cluster[name]) for name in COLUMNS))
