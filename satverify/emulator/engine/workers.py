"""The processes in which evalscripts run, from the side of whoever runs them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satverify.emulator.engine.reply import script_error

WORKER = Path(__file__).with_name("worker.py")
SLACK = 100_000_000
"""What an isolate takes for itself beside its script. [byte]"""
GRACE = 5.0
"""How long after a script's time a worker that does not stop it itself is stopped. [s]"""
MOST_WORKERS = max(2, os.cpu_count() or 1)
"""More at once would only wait for each other."""
START_SECONDS = 60.0
"""How long a worker may take to start on a busy machine. [s]"""


class ScriptFault(Exception):
    """A script did not come to its end; ``kind`` is ``script``, ``timeout`` or ``memory``."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class Worker:
    """One process; used by one thread at a time."""

    def __init__(self, memory: int) -> None:
        self._process = subprocess.Popen(  # -P: modules beside the worker must not pass for those of the library
            [sys.executable, "-P", str(WORKER), str(memory + SLACK)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for the server, which ends its workers
        )
        self.is_fit = True
        self._finalizer = weakref.finalize(self, _end, self._process)

    def close(self) -> None:
        """End the process."""
        self.is_fit = False
        self._finalizer()

    def ask(
        self, message: dict[str, Any], payload: bytes | memoryview = b"", *, seconds: float
    ) -> tuple[dict[str, Any], bytearray]:
        """Answer to a message and the bytes with it.

        Raises
        ------
        ScriptFault
            The script failed, or took the whole process with it.
        """
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            self._send(message, payload)
            answer = self._receive()
        except (OSError, EOFError) as exc:
            self.close()
            raise ScriptFault("timeout" if is_late.is_set() else "memory", "the script ended its process") from exc
        finally:
            timer.cancel()
        if "fault" in answer[0]:
            self.is_fit = answer[0]["fault"] == "script"
            raise ScriptFault(answer[0]["fault"], answer[0]["message"])
        return answer

    def _send(self, message: dict[str, Any], payload: bytes | memoryview) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        text = json.dumps(message).encode()
        stdin.write(struct.pack("<I", len(text)) + text)
        stdin.write(payload)
        stdin.flush()

    def _receive(self) -> tuple[dict[str, Any], bytearray]:
        answer = json.loads(self._read(struct.unpack("<I", self._read(4))[0]))
        return answer, self._read(answer.get("nbytes", 0))

    def _read(self, count: int) -> bytearray:
        stdout = self._process.stdout
        assert stdout is not None
        content = bytearray(count)
        view, done = memoryview(content), 0
        while done < count:
            got = stdout.readinto(view[done:])  # type: ignore[attr-defined]
            if not got:
                raise EOFError("the worker is gone")
            done += got
        return content


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream:
            with suppress(OSError):  # what could not be sent any more
                stream.close()
    process.wait()


class Workers:
    """Idle workers of this process, so that most requests find one that runs already."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_WORKERS)
        self._owner = os.getpid()

    @contextmanager
    def lend(self) -> Iterator[Worker]:
        """A worker for one script, once one is free; one that failed is not used again."""
        with self._places, self._lent() as worker:
            yield worker

    @contextmanager
    def _lent(self) -> Iterator[Worker]:
        with self._lock:
            if self._owner != os.getpid():  # after a fork the pipes are the parent's
                self._idle, self._owner = [], os.getpid()
            worker = self._idle.pop() if self._idle else None
        worker = worker or Worker(self._memory)
        try:
            yield worker
        finally:
            with self._lock:
                if worker.is_fit:
                    self._idle.append(worker)
                else:
                    worker.close()


@cache
def workers_with(memory: int) -> Workers:
    """The workers of this process whose scripts may take so much memory. [byte]"""
    return Workers(memory)


class Script:
    """One evalscript at work in a worker."""

    def __init__(self, worker: Worker, *, seconds: float) -> None:
        self._worker = worker
        self._seconds = seconds

    def open(self, sources: list[str], memory: int) -> None:
        """Evaluate the sources in a fresh isolate."""
        message = {"do": "open", "sources": sources, "seconds": self._seconds, "memory": memory}
        self._worker.ask(message, seconds=self._seconds + START_SECONDS)

    def call(self, name: str, argument: object = None) -> str:
        """Answer of one of the functions of ``host.js``, which take and give JSON."""
        text = "" if argument is None else json.dumps(json.dumps(argument))
        answer, _ = self._worker.ask({"do": "eval", "code": f"__host.{name}({text})"}, seconds=self._seconds + GRACE)
        return str(answer["value"])

    def run(self, planes: NDArray[np.float32], count: int) -> bytearray:
        """Send the planes of ``count`` pixels through ``evaluatePixel``; what comes back are its outputs."""
        payload = np.ascontiguousarray(planes).reshape(-1).view(np.uint8).data if planes.size else b""
        message = {"do": "run", "nbytes": planes.nbytes, "count": count}
        return self._worker.ask(message, payload, seconds=self._seconds + GRACE)[1]

    def close(self) -> None:
        """Give the isolate back."""
        with suppress(ScriptFault):
            self._worker.ask({"do": "close"}, seconds=GRACE + self._seconds)


TOLD = {"timeout": "Script execution timed out.", "memory": "Script ran out of memory."}


@contextmanager
def running(sources: list[str], *, seconds: float, memory: int, payload: int) -> Iterator[Script]:
    """An evalscript in an isolate of its own.

    Parameters
    ----------
    sources
        What is evaluated in it, one after the other.
    seconds
        Time that the script may take. [s]
    memory
        Memory that it may take. [byte]
    payload
        Memory that its input and output take beside that. [byte]

    Raises
    ------
    ServiceError
        The script failed, took too long or too much.
    """
    with workers_with(memory + payload).lend() as worker:
        script = Script(worker, seconds=seconds)
        try:
            try:
                script.open(sources, memory)
                yield script
            finally:
                if worker.is_fit:
                    script.close()
        except ScriptFault as fault:
            error = script_error(TOLD.get(fault.kind, str(fault).strip()))
            error.is_timeout = fault.kind == "timeout"
            raise error from fault
