"""From an evalscript and a place to outputs: reads the products and runs the script over their pixels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satverify.domain.granules import Box, SceneProvider
from satverify.domain.grids import Grid
from satverify.emulator.engine.evalscript import Flattened, Input, Output, SampleType, Setup, band_count, parse_setup
from satverify.emulator.engine.inputs import DataItem
from satverify.emulator.engine.options import EngineOptions
from satverify.emulator.engine.sampling import scene_planes
from satverify.emulator.engine.scenes import Scene, find_scenes
from satverify.emulator.engine.workers import Script, running

ALIGNED = 8  # [byte] each output starts at a multiple of it; as in host.js


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendered:
    """What a script made."""

    setup: Setup
    """With the bands that ``updateOutput`` left."""
    images: dict[str, NDArray[Any]]
    """By output: ``(bands, height, width)``."""
    user_data: Any
    """What the script wrote beside them."""
    samples: tuple[int, ...]
    """Scenes by input, after ``preProcessScenes``; 1 where they are flattened."""
    scene_count: int
    """Scenes that were found before that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Where the pixels of a request lie."""

    grid: Grid
    box: Box
    """[degree]"""
    inside: NDArray[np.bool_]
    """Pixels that may have data. ``(height, width)``"""


def read_setup(
    sources: list[str], items: Sequence[DataItem], options: EngineOptions, default_type: SampleType
) -> Setup:
    """What a script asks for, before it is run.

    Raises
    ------
    ServiceError
        The script fails, or asks for what is not there.
    """
    with _running(sources, options) as script:
        return parse_setup(json.loads(script.call("setup")), items, default_type)


def render(
    provider: SceneProvider,
    sources: list[str],
    items: Sequence[DataItem],
    frame: Frame,
    *,
    now: datetime | None,
    options: EngineOptions,
    default_type: SampleType = SampleType.AUTO,
    is_empty_skipped: bool = False,
    require: Callable[[Setup], None] | None = None,
) -> Rendered | None:
    """Run a script over the products of its inputs.

    Parameters
    ----------
    provider
        Who has the products.
    sources
        What is evaluated: the script between globals and host.
    items
        Data items of the request.
    frame
        Where.
    now
        Time of the request, none: the newest version of each product.
    options
        Limits.
    default_type
        Sample type of outputs that name none.
    is_empty_skipped
        Whether to give nothing, instead of a blank image, where there is no product at all.
    require
        Looks at the setup before anything is read, and may raise.

    Returns
    -------
    What the script made.

    Raises
    ------
    ServiceError
        The script fails, or asks for what is not there.
    """
    with _running(sources, options) as script:
        setup = parse_setup(json.loads(script.call("setup")), items, default_type)
        if require:
            require(setup)
        scenes = [find_scenes(provider, chosen, frame.box, now) for chosen in setup.inputs]
        if is_empty_skipped and not any(scenes):
            return None
        setup, chosen_scenes = _begin(script, setup, scenes, options)
        samples = [_sample_scenes(setup, k, chosen_scenes[k]) for k in range(len(setup.inputs))]
        script.call("layout", {"bands": [_layout(one) for one in setup.inputs], "samples": [len(s) for s in samples]})
        blocks = [
            _unpacked(script.run(planes, planes.shape[1]), setup.outputs, planes.shape[1])
            for planes in _blocks(provider, setup, samples, frame, options)
        ]
        images = {
            output.output_id: np.concatenate([block[k] for block in blocks], axis=1).reshape(
                output.bands, *frame.grid.shape
            )
            for k, output in enumerate(setup.outputs)
        }
        return Rendered(
            setup=setup,
            images=images,
            user_data=json.loads(script.call("finish")),
            samples=tuple(len(listed) for listed in samples),
            scene_count=sum(len(listed) for listed in scenes),
        )


def _running(sources: list[str], options: EngineOptions) -> AbstractContextManager[Script]:
    payload = 3 * options.block_bytes  # input and output are together as large as a block, and copied on their way
    return running(sources, seconds=options.script_seconds, memory=options.script_memory, payload=payload)


def _begin(
    script: Script, setup: Setup, scenes: Sequence[Sequence[Scene]], options: EngineOptions
) -> tuple[Setup, list[list[Scene]]]:
    """Let the script choose among scenes and adjust its outputs."""
    inputs = [
        {
            "id": chosen.item.item_id,
            "mosaicking": str(chosen.mosaicking),
            "from": chosen.item.start.isoformat(),
            "to": chosen.item.stop.isoformat(),
            "scenes": [{**scene.metadata, "__idx": k} for k, scene in enumerate(scenes[number])],
        }
        for number, chosen in enumerate(setup.inputs)
    ]
    asked = script.call(
        "begin",
        {
            "inputs": inputs,
            "isFused": setup.is_fused,
            "inputMetadata": {
                "serviceVersion": options.service_version,
                "normalizationFactor": setup.inputs[0].item.collection.normalization_factor,
            },
            "outputs": [
                {"id": output.output_id, "bands": output.bands, "sampleType": str(output.sample_type)}
                for output in setup.outputs
            ],
        },
    )
    begun = json.loads(asked)
    outputs = tuple(
        replace(output, bands=band_count(bands, output.output_id))
        for output, bands in zip(setup.outputs, begun["bands"], strict=True)
    )
    kept = [[scenes[number][k] for k in indices] for number, indices in enumerate(begun["kept"])]
    return replace(setup, outputs=outputs), kept


def _sample_scenes(setup: Setup, number: int, scenes: Sequence[Scene]) -> list[Scene | None]:
    """Scene of each sample of an input: a flattened one always has a sample, unless it is one of several inputs."""
    if setup.inputs[number].mosaicking is Flattened.SIMPLE and not scenes and not setup.is_fused:
        return [None]
    return list(scenes)


def _layout(chosen: Input) -> list[dict[str, object]]:
    return [{"name": asked.name, "scale": asked.unit.scale} for asked in chosen.bands]


def _blocks(
    provider: SceneProvider,
    setup: Setup,
    samples: Sequence[Sequence[Scene | None]],
    frame: Frame,
    options: EngineOptions,
) -> Iterator[NDArray[np.float32]]:
    """Planes of all samples, ``(planes, pixels)``, for as many rows at once as the options allow."""
    grid = frame.grid
    count = sum(len(chosen.bands) * len(listed) for chosen, listed in zip(setup.inputs, samples, strict=True))
    written = sum(output.bands * output.sample_type.dtype.itemsize for output in setup.outputs)
    rows = max(1, options.block_bytes // ((count * np.dtype(np.float32).itemsize + written) * grid.width))
    for top in range(0, grid.height, rows):
        part = replace(grid, top=grid.top - top * grid.pixel_height, height=min(rows, grid.height - top))
        planes = np.zeros((count, *part.shape), dtype=np.float32)
        inside, plane = frame.inside[top : top + part.height], 0
        for chosen, listed in zip(setup.inputs, samples, strict=True):
            for scene in listed:
                target = planes[plane : plane + len(chosen.bands)]
                scene_planes(provider, chosen, scene, part, inside, target)
                plane += len(chosen.bands)
        yield planes.reshape(count, part.height * part.width)


def _unpacked(buffer: bytearray, outputs: Sequence[Output], count: int) -> list[NDArray[Any]]:
    """The outputs in one buffer, each ``(bands, pixels)``."""
    found, offset = [], 0
    for output in outputs:
        size = output.bands * count
        found.append(
            np.frombuffer(buffer, output.sample_type.dtype, count=size, offset=offset).reshape(output.bands, count)
        )
        offset += -(-size * output.sample_type.dtype.itemsize // ALIGNED) * ALIGNED
    return found
