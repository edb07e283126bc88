"""The processes that run scripts: used again, replaced when they are gone, and ended with their owner."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from satverify.emulator.engine.evalscript import sources
from satverify.emulator.engine.reply import ServiceError
from satverify.emulator.engine.workers import ScriptFault, Worker, Workers, running

PROJECT = Path(__file__).resolve().parents[3]
PLAIN = sources("//VERSION=3\nfunction setup() { return 1; }\nfunction evaluatePixel() {}")
MEMORY = 300_000_000


def test_a_worker_is_used_again() -> None:
    pool = Workers(MEMORY)
    with pool.lend() as first:
        pass
    with pool.lend() as second:
        assert second is first
        with pool.lend() as third:
            assert third is not first
            third.close()
    first.close()


def test_a_worker_that_is_gone_is_no_more_than_a_failed_script() -> None:
    pool = Workers(MEMORY)
    with pool.lend() as worker:
        worker._process.kill()
        with pytest.raises(ScriptFault) as caught:
            worker.ask({"do": "open", "sources": ["1"], "seconds": 1, "memory": MEMORY}, seconds=20)
        assert caught.value.kind == "memory"
    with pool.lend() as another:
        assert another is not worker
        assert another.ask({"do": "open", "sources": ["1"], "seconds": 9, "memory": MEMORY}, seconds=20)[0] == {}
        another.close()


def test_a_worker_that_does_not_answer_in_time_is_ended() -> None:
    worker = Worker(MEMORY)
    message = {"do": "open", "sources": ["while (true);"], "seconds": 600, "memory": MEMORY}
    with pytest.raises(ScriptFault) as caught:
        worker.ask(message, seconds=0.5)
    assert caught.value.kind == "timeout"
    assert worker._process.returncode is not None


def test_a_failed_script_leaves_its_worker_fit_for_the_next() -> None:
    with (
        pytest.raises(ServiceError, match="boom"),
        running(["throw new Error('boom')"], seconds=5, memory=MEMORY, payload=0),
    ):
        pass
    with running(PLAIN, seconds=5, memory=MEMORY, payload=0) as script:
        assert script.call("setup") == "1"


def test_more_scripts_than_places_wait_for_each_other() -> None:
    found: list[str] = []

    def ask() -> None:
        with running(PLAIN, seconds=5, memory=MEMORY, payload=0) as script:
            found.append(script.call("setup"))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["1"] * 12


def test_no_worker_outlives_its_owner() -> None:
    code = f"""
import sys
from satverify.emulator.engine.workers import running
with running({PLAIN!r}, seconds=5, memory={MEMORY}, payload=0) as script:
    print(script._worker._process.pid)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_pixels_cross_unchanged() -> None:
    echo = sources("//VERSION=3\nfunction setup() { return 1; }\nfunction evaluatePixel(s) { return [s.B02, s.B03]; }")
    planes = np.random.default_rng(1).normal(size=(2, 1000)).astype(np.float32)
    described = {
        "inputs": [{"id": "0", "mosaicking": "SIMPLE", "from": "2022-01-01", "to": "2022-01-02", "scenes": []}],
        "isFused": False,
        "inputMetadata": {},
        "outputs": [{"id": "default", "bands": 2, "sampleType": "FLOAT32"}],
    }
    bands = [[{"name": "B02", "scale": 1}, {"name": "B03", "scale": 1}]]
    with running(echo, seconds=5, memory=MEMORY, payload=0) as script:
        script.call("begin", described)
        script.call("layout", {"bands": bands, "samples": [1]})
        found = np.frombuffer(script.run(planes, 1000), np.float32).reshape(2, 1000)
    np.testing.assert_array_equal(found, planes)
