"""The engine: a request's document in, the service's reply out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from satverify.domain.granules import SceneProvider
from satverify.emulator.engine.answers import has_floats, packed, parse_answer, require_outputs
from satverify.emulator.engine.cost import FLOAT_FACTOR, PROCESS_FLOOR, STATISTICS_FLOOR, processing_units
from satverify.emulator.engine.evalscript import SampleType, Setup, sources
from satverify.emulator.engine.inputs import DataItem, parse_data, parse_time_range
from satverify.emulator.engine.intervals import parse_intervals
from satverify.emulator.engine.options import EngineOptions
from satverify.emulator.engine.places import Bounds, parse_bounds, parse_size, require_fine
from satverify.emulator.engine.rendering import Frame, Rendered, read_setup, render
from satverify.emulator.engine.reply import JSON_TYPE, Reply, ServiceError, bad_payload, renderer_error, violated
from satverify.emulator.engine.scenes import MOMENT
from satverify.emulator.engine.summaries import DATA_MASK_OUTPUT, require_calculations, summarised
from satverify.errors import ProductError

DEFAULT_OPTIONS = EngineOptions()


class Engine:
    """Answers process and statistics requests from what a provider has; many threads may ask at once."""

    def __init__(
        self,
        provider: SceneProvider,
        *,
        now: Callable[[], datetime] | None = None,
        options: EngineOptions = DEFAULT_OPTIONS,
    ) -> None:
        self._provider = provider
        self._now = now
        self._options = options

    def process(self, body: Mapping[str, Any], accept: str | None) -> Reply:
        """What ``POST /api/v1/process`` answers.

        Parameters
        ----------
        body
            The request's document, with its evalscript in it.
        accept
            The header ``Accept``, which goes before the formats of the document.
        """
        return _told(lambda: self._process(body, accept))

    def statistics(self, body: Mapping[str, Any]) -> Reply:
        """What ``POST /api/v1/statistics`` answers.

        Parameters
        ----------
        body
            The request's document.
        """
        return _told(lambda: self._statistics(body))

    def _process(self, body: Mapping[str, Any], accept: str | None) -> Reply:
        _require_body(body)
        document = _object(body.get("input"), "input")
        output = _object(body.get("output") or {}, "output")
        bounds = parse_bounds(document.get("bounds"), self._options)
        items = parse_data(document.get("data"))
        frame = self._frame(output, bounds, items, "output")
        answer = parse_answer(output, accept)
        rendered = render(
            self._provider,
            sources(body.get("evalscript")),
            items,
            frame,
            now=self._time(),
            options=self._options,
            require=lambda setup: require_outputs(answer, [o.output_id for o in setup.outputs]),
        )
        assert rendered is not None
        content_type, content = packed(answer, rendered, frame.grid)
        factor = FLOAT_FACTOR if has_floats(answer, rendered) else 1.0
        units = _cost(rendered, frame, factor=factor, floor=PROCESS_FLOOR)
        return Reply(status=HTTPStatus.OK, content_type=content_type, content=content, processing_units=units)

    def _statistics(self, body: Mapping[str, Any]) -> Reply:
        _require_body(body)
        document = _object(body.get("input"), "input")
        aggregation = _object(body.get("aggregation"), "aggregation")
        during = parse_time_range(aggregation.get("timeRange"), "aggregation->timeRange")
        intervals = parse_intervals(*during, aggregation.get("aggregationInterval"))
        calculations = require_calculations(body.get("calculations"), self._options)
        bounds = parse_bounds(document.get("bounds"), self._options)
        items = parse_data(document.get("data"), during)
        frame = self._frame(aggregation, bounds, items, "aggregation")
        script, now = sources(aggregation.get("evalscript")), self._time()
        _require_data_mask(read_setup(script, items, self._options, SampleType.FLOAT32))
        data: list[dict[str, Any]] = []
        units = 0.0
        for start, stop in intervals:
            part = [item.during(start, stop - MOMENT) for item in items]
            entry, cost = self._interval(script, part, frame, now, calculations)
            units += cost
            if entry:
                data.append({"interval": {"from": _written(start), "to": _written(stop)}, **entry})
        content = {"data": data, "status": _status(data), "geometryPixelCount": int(frame.inside.sum())}
        return Reply(
            status=HTTPStatus.OK,
            content_type=JSON_TYPE,
            content=json.dumps(content).encode(),
            processing_units=max(units, STATISTICS_FLOOR),
        )

    def _interval(
        self,
        script: list[str],
        items: Sequence[DataItem],
        frame: Frame,
        now: datetime | None,
        calculations: Mapping[str, Any],
    ) -> tuple[dict[str, Any], float]:
        """Entry of one interval but for its times, empty where there are no products; and its cost."""
        try:
            rendered = render(
                self._provider,
                script,
                items,
                frame,
                now=now,
                options=self._options,
                default_type=SampleType.FLOAT32,
                is_empty_skipped=True,
            )
        except ServiceError as error:
            return {"error": {"type": "TIMEOUT" if error.is_timeout else "EXECUTION_ERROR"}}, 0.0
        except ProductError:
            return {"error": {"type": "EXECUTION_ERROR"}}, 0.0
        if rendered is None:
            return {}, 0.0
        return {"outputs": summarised(rendered, calculations)}, _cost(rendered, frame, factor=1.0, floor=0.0)

    def _frame(self, size: Mapping[str, Any], bounds: Bounds, items: Sequence[DataItem], prefix: str) -> Frame:
        grid = bounds.grid(*parse_size(size, bounds, self._options, prefix))
        for item in items:
            require_fine(grid, item.collection.short_name, self._options)
        return Frame(grid=grid, box=bounds.box(), inside=bounds.inside(grid))

    def _time(self) -> datetime | None:
        return self._now().astimezone(UTC) if self._now else None


def _told(answer: Callable[[], Reply]) -> Reply:
    try:
        return answer()
    except ServiceError as error:
        return error.reply()
    except ProductError as error:
        return renderer_error(str(error), HTTPStatus.INTERNAL_SERVER_ERROR).reply()


def _cost(rendered: Rendered, frame: Frame, *, factor: float, floor: float) -> float:
    inputs = rendered.setup.inputs
    read = sum(one.counted_bands * samples for one, samples in zip(inputs, rendered.samples, strict=True))
    return processing_units(
        width=frame.grid.width,
        height=frame.grid.height,
        bands=read,
        format_factor=factor,
        collections=len(inputs) if rendered.setup.is_fused else 1,
        floor=floor,
    )


def _require_body(body: object) -> None:
    if not isinstance(body, Mapping) or not body:
        raise bad_payload("Request body should be non-empty.")


def _require_data_mask(setup: Setup) -> None:
    if all(output.output_id != DATA_MASK_OUTPUT for output in setup.outputs):
        raise bad_payload(f"Output {DATA_MASK_OUTPUT} requested but missing from function setup()")


def _status(data: Sequence[Mapping[str, Any]]) -> str:
    failed = sum("error" in entry for entry in data)
    if not failed:
        return "OK"
    return "FAILED" if failed == len(data) else "PARTIAL"


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}Z"


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise violated(where, "must not be null" if value is None else "must be an object")
    return value
