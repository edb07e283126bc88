"""The process in which evalscripts run, one at a time: V8 can end its process, and the service must go on.

Started by path rather than imported, and it imports nothing of satverify: it is there in a third of a second. It reads
a message from standard input, answers on standard output, and ends with its input. A message is four bytes of length
and that much JSON; where the JSON says ``nbytes``, that many bytes follow.
"""

from __future__ import annotations

import json
import os
import resource
import select
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from py_mini_racer import (
    JSEvalException,
    JSOOMException,
    JSTimeoutException,
    MiniRacer,
)

Message = dict[str, Any]

STATUS = Path("/proc/self/status")


class Isolate:
    """One script in its own V8 isolate, with what is left of its time."""

    def __init__(self, seconds: float, memory: int) -> None:
        self.seconds = seconds
        self.racer = MiniRacer()
        self.racer.set_hard_memory_limit(memory)

    def evaluate(self, code: str) -> object:
        """Value of the code; the time that it took is taken off the script's."""
        started = time.monotonic()
        try:
            return self.racer.eval(code, timeout_sec=max(self.seconds, 0.001))
        finally:
            self.seconds -= time.monotonic() - started

    def close(self) -> None:
        """Give everything back."""
        self.racer.close()


def read(stream: BinaryIO) -> Message | None:
    """Next message, none at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    message: Message = json.loads(stream.read(struct.unpack("<I", head)[0]))
    return message


def write(stream: BinaryIO, message: Message, payload: memoryview | bytes = b"") -> None:
    """Send a message, and the bytes that it announces."""
    text = json.dumps(message).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    stream.write(payload)
    stream.flush()


def fill(stream: BinaryIO, target: memoryview) -> None:
    """Read exactly as many bytes as fit."""
    done = 0
    while done < len(target):
        count = stream.readinto(target[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        done += count


def opened(message: Message) -> Isolate:
    """An isolate in which the sources of the message were evaluated."""
    isolate = Isolate(message["seconds"], message["memory"])
    try:
        for source in message["sources"]:
            isolate.evaluate(source)
    except BaseException:
        isolate.close()
        raise
    return isolate


def run(isolate: Isolate, message: Message, stream: BinaryIO) -> memoryview:
    """Hand the payload to the script's pixel loop, and answer with what it made."""
    isolate.evaluate(f"globalThis.__input = new ArrayBuffer({message['nbytes']}); 0")
    target = isolate.racer.eval("__input")
    if message["nbytes"] and isinstance(target, memoryview):
        fill(stream, target.cast("B"))
    made = isolate.evaluate(f"__host.run(__input, {message['count']})")
    if not isinstance(made, memoryview):
        raise TypeError(f"the host answered with {type(made)}")
    return made


def fault(error: BaseException) -> Message:
    """How a script's end is told."""
    if isinstance(error, JSTimeoutException):
        return {"fault": "timeout", "message": str(error)}
    is_memory = isinstance(error, JSOOMException | MemoryError) or "allocation failed" in str(error)
    return {"fault": "memory" if is_memory else "script", "message": str(error)}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer messages until there are none."""
    isolate: Isolate | None = None
    while message := read(requests):
        payload: memoryview | bytes = b""
        try:
            if message["do"] == "close":
                answer: Message = {}
                if isolate:
                    isolate.close()
                isolate = None
            elif message["do"] == "open":
                isolate = opened(message)
                answer = {}
            elif isolate and message["do"] == "run":
                payload = run(isolate, message, requests)
                answer = {"nbytes": payload.nbytes}
            else:
                answer = {"value": isolate.evaluate(message["code"]) if isolate else None}
        except (JSEvalException, JSTimeoutException, JSOOMException, MemoryError) as error:
            payload, answer = b"", fault(error)
        write(answers, answer, payload)


def own_memory() -> int | None:
    """Memory that this process may write to, none where the system does not tell. [byte]"""
    if not STATUS.exists():
        return None
    lines = (line.split() for line in STATUS.read_text(encoding="ascii").splitlines())
    return next((int(line[1]) * 1024 for line in lines if line[0] == "VmData:"), None)


def limit_memory(more: int) -> None:
    """Let this process have so much memory beside what it has once V8 runs. [byte]"""
    MiniRacer().close()  # V8 sets aside what it needs for itself
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))  # when V8 gives up it would leave one behind
    own = own_memory()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if own is not None and (hard == resource.RLIM_INFINITY or own + more < hard):
        resource.setrlimit(resource.RLIMIT_DATA, (own + more, hard))


def end_with(stream: BinaryIO) -> None:
    """End this process once nobody can write to a pipe any more, whatever V8 is doing.

    The kernel could be asked for a signal in place of a thread, but sends it when the thread ends that started the
    process, and a server starts workers from threads that end with their connection.
    """
    watched = select.poll()
    watched.register(stream.fileno(), 0)  # no event but that the other end is gone
    watched.poll()
    os._exit(0)


def main() -> None:
    """Serve on standard input and output, with so much memory for scripts as the first argument says. [byte]"""
    threading.Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
