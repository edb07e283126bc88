"""Statistics and histograms of the outputs of one interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satverify.emulator.engine.evalscript import Output, SampleType
from satverify.emulator.engine.options import EngineOptions
from satverify.emulator.engine.rendering import Rendered
from satverify.emulator.engine.reply import violated

DATA_MASK_OUTPUT = "dataMask"
NOTHING = "NaN"  # how the service writes a number that there is none of
MOST_BINS = 10_000
METHODS = {"linear": "linear", "lower": "lower", "higher": "higher", "midpoint": "midpoint", "nearest": "nearest"}
DEFAULT_METHOD = "higher"


def summarised(rendered: Rendered, calculations: Mapping[str, Any]) -> dict[str, Any]:
    """The ``outputs`` of one interval.

    Parameters
    ----------
    rendered
        What the script made in it, with an output ``dataMask``.
    calculations
        Those of the request.
    """
    return {
        output.output_id: {"bands": _bands(rendered, output, _named(calculations, output.output_id))}
        for output in rendered.setup.outputs
        if output.output_id != DATA_MASK_OUTPUT
    }


def require_calculations(value: object, options: EngineOptions) -> Mapping[str, Any]:
    """Check the ``calculations`` of a request.

    Raises
    ------
    ServiceError
        One of them cannot be made.
    """
    if value is None:
        return {}
    for output, wanted in _objects(value, "calculations"):
        for kind, check in (("statistics", _require_statistics), ("histograms", _require_histogram)):
            where = f"calculations->{output}->{kind}"
            if wanted.get(kind) is not None:
                for band, described in _objects(wanted[kind], where):
                    check(described, f"{where}->{band}", options)
    assert isinstance(value, Mapping)
    return value


def _bands(rendered: Rendered, output: Output, wanted: Mapping[str, Any]) -> dict[str, Any]:
    is_valid = _is_valid(rendered, output)
    names = output.band_names or tuple(f"B{number}" for number in range(output.bands))
    found = {}
    for name, plane in zip(names, rendered.images[output.output_id], strict=True):
        values = plane[is_valid & ~np.isnan(plane)].astype(np.float64)
        statistics = _named(wanted.get("statistics") or {}, name)
        found[name] = {"stats": _stats(values, plane.size, statistics)}
        histogram = _named(wanted.get("histograms") or {}, name)
        if histogram:
            is_whole = output.sample_type is not SampleType.FLOAT32
            found[name]["histogram"] = _histogram(values, histogram, is_whole=is_whole)
    return found


def _is_valid(rendered: Rendered, output: Output) -> NDArray[np.bool_]:
    """Pixels that the script's data mask lets through: that of the output where the mask names outputs."""
    mask = rendered.setup.output(DATA_MASK_OUTPUT)
    planes = rendered.images[DATA_MASK_OUTPUT]
    if not mask.band_names:
        return np.asarray(planes[0] != 0)
    if output.output_id in mask.band_names:
        return np.asarray(planes[mask.band_names.index(output.output_id)] != 0)
    return np.ones(planes.shape[1:], dtype=bool)


def _stats(values: NDArray[np.float64], count: int, wanted: Mapping[str, Any]) -> dict[str, Any]:
    is_empty = not values.size
    stats: dict[str, Any] = {
        "min": NOTHING if is_empty else float(values.min()),
        "max": NOTHING if is_empty else float(values.max()),
        "mean": NOTHING if is_empty else float(values.mean()),
        "stDev": NOTHING if is_empty else float(values.std()),
        "sampleCount": count,
        "noDataCount": count - values.size,
    }
    percentiles = wanted.get("percentiles")
    if percentiles:
        method: Any = METHODS[percentiles.get("interpolation", DEFAULT_METHOD)]
        stats["percentiles"] = {
            str(float(k)): NOTHING if is_empty else float(np.percentile(values, k, method=method))
            for k in percentiles["k"]
        }
    return stats


def _histogram(values: NDArray[np.float64], wanted: Mapping[str, Any], *, is_whole: bool) -> dict[str, Any]:
    edges = _edges(values, wanted)
    counts = np.histogram(values, edges)[0] if len(edges) > 1 else np.zeros(0)
    given = [wanted[name] for name in ("lowEdge", "highEdge", "binWidth") if name in wanted] + wanted.get("bins", [])
    is_written_whole = is_whole and all(isinstance(edge, int) for edge in given) and all(e == int(e) for e in edges)
    written = [int(edge) for edge in edges] if is_written_whole else [float(edge) for edge in edges]
    return {
        "bins": [
            {"lowEdge": low, "highEdge": high, "count": int(count)}
            for low, high, count in zip(written, written[1:], counts, strict=False)
        ],
        "overflowCount": int((values > edges[-1]).sum()) if edges else 0,
        "underflowCount": int((values < edges[0]).sum()) if edges else 0,
    }


def _edges(values: NDArray[np.float64], wanted: Mapping[str, Any]) -> list[float]:
    """Edges of the bins, from the least to the greatest value where the request names none."""
    if wanted.get("bins"):
        return sorted(float(edge) for edge in wanted["bins"])
    if not values.size and not {"lowEdge", "highEdge"} <= set(wanted):
        return []
    low = float(wanted.get("lowEdge", values.min() if values.size else 0))
    high = float(wanted.get("highEdge", values.max() if values.size else 0))
    if high <= low:
        high = low + float(wanted.get("binWidth", 1))
    if "binWidth" in wanted:
        width = float(wanted["binWidth"])
        count = max(1, math.ceil((high - low) / width - 1e-9))
        last = [min(low + count * width, high)] if "highEdge" in wanted else [low + count * width]
    else:
        count = int(wanted["nBins"])
        width, last = (high - low) / count, [high]
    return [low + number * width for number in range(min(count, MOST_BINS))] + last


def _named(wanted: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What is wanted of one output or band: its own, or what is wanted of all others."""
    found: Mapping[str, Any] = wanted.get(name) or wanted.get("default") or {}
    return found


def _objects(value: object, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, Mapping) or not all(isinstance(entry, Mapping) for entry in value.values()):
        raise violated(where, "must be an object of objects")
    return list(value.items())


def _require_statistics(wanted: Mapping[str, Any], where: str, _: EngineOptions) -> None:
    percentiles = wanted.get("percentiles")
    if percentiles is None:
        return
    k = percentiles.get("k") if isinstance(percentiles, Mapping) else None
    if not isinstance(k, list) or not k or not all(_is_number(part) and 0 <= part <= 100 for part in k):
        raise violated(f"{where}->percentiles->k", "must be an array of numbers between 0 and 100", k)
    if percentiles.get("interpolation", DEFAULT_METHOD) not in METHODS:
        raise violated(f"{where}->percentiles->interpolation", f"must be one of {', '.join(METHODS)}")


def _require_histogram(wanted: Mapping[str, Any], where: str, options: EngineOptions) -> None:
    kinds = [name for name in ("nBins", "binWidth", "bins") if wanted.get(name) is not None]
    if len(kinds) != 1:
        raise violated(where, "exactly one of nBins, binWidth and bins must be given")
    if kinds == ["bins"] and not options.accepts_explicit_bins:
        raise violated(f"{where}->bins", "explicit bins are not supported, use nBins or binWidth")
    if kinds == ["bins"] and not (isinstance(wanted["bins"], list) and len(wanted["bins"]) > 1):
        raise violated(f"{where}->bins", "must be an array of at least two edges")
    for name in ("lowEdge", "highEdge"):
        if name in wanted and not _is_number(wanted[name]):
            raise violated(f"{where}->{name}", "must be a number", wanted[name])
    if {"lowEdge", "highEdge"} <= set(wanted) and not wanted["lowEdge"] < wanted["highEdge"]:
        raise violated(f"{where}->highEdge", "must be greater than lowEdge", wanted["highEdge"])
    count, width = wanted.get("nBins", 1), wanted.get("binWidth", 1)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_BINS:
        raise violated(f"{where}->nBins", f"must be an integer between 1 and {MOST_BINS}", count)
    if not _is_number(width) or not width > 0:
        raise violated(f"{where}->binWidth", "must be greater than 0", width)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
