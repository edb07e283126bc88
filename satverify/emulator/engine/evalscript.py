"""What an evalscript's ``setup`` asks for, checked against what the request and the collections have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from satverify.domain.sensors import Mosaicking
from satverify.emulator.engine.bands import DATA_MASK, DEGREES, Band, Origin, Unit
from satverify.emulator.engine.inputs import DataItem
from satverify.emulator.engine.reply import bad_payload, renderer_error, script_error

VERSION_3 = re.compile(r"^\s*//\s*VERSION\s*=\s*3\b", re.MULTILINE)
MOST_BANDS = 2000
"""Most bands of one output: a guard against scripts that ask for more than can be held."""


class SampleType(StrEnum):
    """Kind of number of an output."""

    AUTO = "AUTO"
    """0 to 1, stretched to 8 bits."""
    UINT8 = "UINT8"
    INT8 = "INT8"
    UINT16 = "UINT16"
    INT16 = "INT16"
    FLOAT32 = "FLOAT32"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The same in memory."""
        return np.dtype("uint8" if self is SampleType.AUTO else self.lower())


class Flattened(StrEnum):
    """Mosaicking of an input that has one sample per pixel, beside the domain's kinds with one per scene."""

    SIMPLE = "SIMPLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One band that a script asks for, in one unit."""

    band: Band | None
    """None for the data mask."""
    unit: Unit

    @property
    def name(self) -> str:
        """As scripts name it."""
        return self.band.name if self.band else DATA_MASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One data item with the bands that a script asks of it."""

    item: DataItem
    bands: tuple[Asked, ...]
    mosaicking: Mosaicking | Flattened
    with_bounds: bool
    """Whether the script wants to see where the tiles lie."""

    @property
    def counted_bands(self) -> int:
        """Distinct bands that are paid for."""
        return len({asked.name for asked in self.bands} - {DATA_MASK}) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of a script."""

    output_id: str
    bands: int
    sample_type: SampleType
    nodata: float | None = None
    """Value that the file marks as no data."""
    band_names: tuple[str, ...] = ()
    """Names of the bands, in statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What ``setup`` returns."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    is_fused: bool
    """Whether samples come by the name of their data item."""

    def output(self, output_id: str) -> Output:
        """The output of that name.

        Raises
        ------
        ServiceError
            There is none.
        """
        found = next((output for output in self.outputs if output.output_id == output_id), None)
        if found is None:
            raise bad_payload(f"Output {output_id} requested but missing from function setup()")
        return found


@cache
def _source(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def sources(script: object) -> list[str]:
    """What is evaluated for a script, in order: the service's globals, the script, the host.

    Raises
    ------
    ServiceError
        There is no script, or it is of an older version.
    """
    if not isinstance(script, str) or not script.strip():
        raise bad_payload("Evalscript must not be empty.")
    if not VERSION_3.search(script):
        raise script_error("Only evalscripts that start with //VERSION=3 are supported.")
    named = ((_source("globals.js"), "globals.js"), (script, "evalscript.js"), (_source("host.js"), "host.js"))
    return [f"{text}\n//# sourceURL={name}\n;0" for text, name in named]


def parse_setup(value: object, items: Sequence[DataItem], default_type: SampleType = SampleType.AUTO) -> Setup:
    """Check what ``setup`` returned.

    Parameters
    ----------
    value
        What it returned.
    items
        Data items of the request.
    default_type
        Sample type of outputs that name none.

    Raises
    ------
    ServiceError
        A band, a unit, an output or a data item is unknown or incomplete.
    """
    if not isinstance(value, Mapping) or "input" not in value or "output" not in value:
        raise script_error("Function setup must return an object with properties input and output.")
    is_fused = len(items) > 1
    inputs = _parse_inputs(value["input"], value.get("mosaicking"), items, is_fused=is_fused)
    listed = value["output"] if isinstance(value["output"], list) else [value["output"]]
    outputs = tuple(_parse_output(entry, default_type) for entry in listed)
    if not outputs:
        raise script_error("Function setup must define at least one output.")
    if len({output.output_id for output in outputs}) < len(outputs):
        raise script_error("Output ids must be unique.")
    return Setup(inputs=inputs, outputs=outputs, is_fused=is_fused)


def _parse_inputs(value: object, mosaicking: object, items: Sequence[DataItem], *, is_fused: bool) -> tuple[Input, ...]:
    listed = value if isinstance(value, list) else [value]
    names = [entry for entry in listed if isinstance(entry, str)]
    entries = [entry for entry in listed if isinstance(entry, Mapping)]
    if len(names) + len(entries) < len(listed) or not listed:
        raise script_error("The input of setup must be an array of band names or of objects with bands.")
    if names:
        entries.insert(0, {"bands": names})
    if not is_fused:
        merged = [_parse_input(entry, mosaicking, items[0]) for entry in entries]
        bands = tuple({asked.name: asked for part in merged for asked in part.bands}.values())
        with_bounds = any(part.with_bounds for part in merged)
        return (Input(item=items[0], bands=bands, mosaicking=merged[0].mosaicking, with_bounds=with_bounds),)
    return tuple(_parse_input(entry, mosaicking, _item_of(entry, k, items)) for k, entry in enumerate(entries))


def _item_of(entry: Mapping[str, Any], number: int, items: Sequence[DataItem]) -> DataItem:
    name = entry.get("datasource")
    if name is None and number < len(items):
        return items[number]
    found = next((item for item in items if item.item_id == name), None)
    if found is None:
        raise script_error(f"Datasource {name if name is not None else number} is not among the inputs of the request.")
    return found


def _parse_input(entry: Mapping[str, Any], mosaicking: object, item: DataItem) -> Input:
    names = entry.get("bands")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise script_error("The bands of an input must be an array of band names.")
    units = entry.get("units")
    listed = units if isinstance(units, list) else [units] * len(names)
    if len(listed) != len(names):
        raise script_error(f"Input has {len(names)} bands and {len(listed)} units.")
    metadata = entry.get("metadata")
    is_common = not isinstance(units, list)
    parsed = Input(
        item=item,
        bands=tuple(_asked(item, name, unit, is_common=is_common) for name, unit in zip(names, listed, strict=True)),
        mosaicking=_mosaicking(entry.get("mosaicking") or mosaicking, item),
        with_bounds=isinstance(metadata, list) and "bounds" in metadata,
    )
    _require_one_product(parsed)
    return parsed


def _asked(item: DataItem, name: str, unit: object, *, is_common: bool) -> Asked:
    """One band in one unit; a unit for all bands does not concern those that are not to be had in it."""
    if name == DATA_MASK:
        return Asked(band=None, unit=Unit(name="DN"))
    band = item.collection.bands.get(name)
    if band is None:
        raise renderer_error(f"{item.collection.short_name} has no band {name}")
    if unit is not None and not isinstance(unit, str):
        raise script_error("Units must be strings.")
    found = band.unit(unit)
    if found is None and is_common and (band.origin is not Origin.MEASURED or band.units == (DEGREES,)):
        found = band.units[0]
    if found is None:
        raise renderer_error(f"Band {name} of {item.collection.short_name} is not available in units {unit}")
    return Asked(band=band, unit=found)


def _mosaicking(value: object, item: DataItem) -> Mosaicking | Flattened:
    if value is None or value == Flattened.SIMPLE:
        return Flattened.SIMPLE
    found = next((kind for kind in Mosaicking if kind == value), None)
    if found is None:
        raise script_error(f"Mosaicking {value} is not one of SIMPLE, ORBIT, TILE.")
    if found is Mosaicking.TILE and not item.collection.has_tiles:
        raise renderer_error(f"{item.collection.short_name} does not support mosaicking TILE")
    return found


def _require_one_product(parsed: Input) -> None:
    products = sorted({asked.band.product for asked in parsed.bands if asked.band and asked.band.product})
    if len(products) > 1:
        name = parsed.item.collection.short_name
        raise renderer_error(f"{name} supports bands of one product per input only, found {', '.join(products)}")


def _parse_output(entry: object, default_type: SampleType) -> Output:
    if not isinstance(entry, Mapping):
        raise script_error("The output of setup must be an object or an array of objects.")
    bands = entry.get("bands")
    names = tuple(str(name) for name in bands) if isinstance(bands, list) else ()
    sample_type = entry.get("sampleType", default_type)
    found = next((kind for kind in SampleType if kind == sample_type), None)
    if found is None:
        raise script_error(f"Sample type {sample_type} is not one of {', '.join(SampleType)}.")
    nodata = entry.get("nodataValue")
    if nodata is not None and not _holds(found, nodata):
        raise script_error(f"The nodataValue {nodata} is not a number of sample type {found}.")
    output_id = entry.get("id", "default")
    return Output(
        output_id=str(output_id),
        bands=band_count(len(names) or bands, str(output_id)),
        sample_type=found,
        nodata=None if nodata is None else float(nodata),
        band_names=names,
    )


def _holds(sample_type: SampleType, value: object) -> bool:
    """Whether a number can stand in an output; what JSON has no number for comes as a word."""
    if value in ("NaN", "Infinity", "-Infinity"):
        return sample_type is SampleType.FLOAT32
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    if sample_type is SampleType.FLOAT32:
        return True
    limits = np.iinfo(sample_type.dtype)
    return value == int(value) and bool(limits.min <= value <= limits.max)


def band_count(value: object, output_id: str) -> int:
    """A number of bands.

    Raises
    ------
    ServiceError
        It is none, or too many.
    """
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if not is_whole or not 0 < value <= MOST_BANDS:  # type: ignore[operator]
        raise script_error(f"Output {output_id} must have between 1 and {MOST_BANDS} bands, found {value}.")
    return int(value)  # type: ignore[call-overload, no-any-return]
