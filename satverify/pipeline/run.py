"""Runs the work of each site: in a plain loop, on a local Dask cluster, or on a scheduler that is running already.

The unit of work is one site. A fault in one site is that site's failure and nobody else's. Which way the sites were run
makes no difference to what they give.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker
from typing import Any, Protocol, TypeAlias, TypeVar

from satverify.domain.evidence import SiteResult, SiteTask
from satverify.domain.sites import Site
from satverify.errors import InputError, RetrievalError
from satverify.pipeline.tables import TABLES, arrow_table

Verify: TypeAlias = Callable[[SiteTask], SiteResult]
WORTH_A_CLUSTER = 12
"""Sites below which starting a cluster unasked takes longer than it saves (see ``scripts/bench``)."""
ADDRESS = re.compile(r"[a-z]+://[^\s/]+(:\d+)?/?|inproc://\S+")
"""What a scheduler's address looks like."""
PATIENCE = "10s"
"""How long a scheduler has to answer."""
IN_FLIGHT_PER_WORKER = 2
"""Tasks handed out at a time, so that a large project's inputs do not all wait in the workers' memory."""


class OfSite(Protocol):
    """Work that belongs to one site."""

    @property
    def site(self) -> Site:
        """Whose."""
        ...


Task = TypeVar("Task", bound=OfSite)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Where sites are verified."""

    processes: int | None = 0
    """Processes of a local cluster; 0: a plain loop in this process; none: one per core, where that pays."""
    scheduler: str | None = None
    """Address of a running Dask scheduler; it wins over ``processes``."""

    def for_sites(self, count: int) -> Workers:
        """The same with the number of processes settled."""
        if self.scheduler is not None or self.processes is not None:
            return self
        return Workers(processes=min(cores(), count) if count >= WORTH_A_CLUSTER else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A site that could not be verified because of a fault."""

    site_id: str
    message: str
    """Kind and text of the error."""
    details: str
    """Its traceback, for the log."""


Outcome: TypeAlias = SiteResult | Failure


def cores() -> int:
    """Cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def verify_sites(tasks: Sequence[SiteTask], verify: Verify, workers: Workers) -> Iterator[Outcome]:
    """What ``verify`` gives for every task, in the order in which they finish."""
    return over_sites(tasks, partial(_checked, verify), workers)


def over_sites(tasks: Sequence[Task], work: Callable[[Task], Result], workers: Workers) -> Iterator[Result | Failure]:
    """What ``work`` gives for every task, or the fault of its site, in the order in which they finish."""
    settled = workers.for_sites(len(tasks))
    if not tasks:
        return
    if settled.scheduler is None and settled.processes == 0:
        for task in tasks:
            yield guarded(work, task)
        return
    with _client(settled) as client:
        yield from _distributed(client, tasks, work)


def guarded(work: Callable[[Task], Result], task: Task) -> Result | Failure:
    """The boundary of a site: a fault inside comes out as a ``Failure``."""
    try:
        return work(task)
    except Exception as fault:
        message = f"{type(fault).__name__}: {fault}"
        return Failure(site_id=task.site.site_id, message=message, details=traceback.format_exc())


def _checked(verify: Verify, task: SiteTask) -> SiteResult:
    """What ``verify`` gives, once it is known that its tables can be written."""
    result = verify(task)
    for name, columns in TABLES.items():
        arrow_table(getattr(result, name), columns)
    return result


def _dask() -> Any:  # noqa: ANN401 -- distributed is typed here and there only; its import takes half a second
    import distributed

    return distributed


def _distributed(
    client: Any,  # noqa: ANN401
    tasks: Sequence[Task],
    work: Callable[[Task], Result],
) -> Iterator[Result | Failure]:
    waiting = iter(tasks)
    window = IN_FLIGHT_PER_WORKER * max(len(client.scheduler_info()["workers"]), 1)
    running = _dask().as_completed(loop=client.loop)
    sent: dict[str, Task] = {}

    def send() -> None:
        task = next(waiting, None)
        if task is not None:
            future = client.submit(guarded, work, task, pure=False, retries=1)
            sent[future.key] = task
            running.add(future)

    for _ in range(min(window, len(tasks))):
        send()
    for future in running:
        task = sent.pop(future.key)
        outcome = _outcome(future, task)
        future.release()
        send()
        yield outcome


def _outcome(future: Any, task: OfSite) -> Any:  # noqa: ANN401
    try:
        return future.result()
    except Exception as fault:  # a worker died, or the result cannot travel
        message = f"{type(fault).__name__}: {fault}"
        return Failure(site_id=task.site.site_id, message=message, details=traceback.format_exc())


@contextmanager
def _client(workers: Workers) -> Iterator[Any]:
    """A client of the scheduler, or of a local cluster that lives as long as the block."""
    dask = _dask()
    for name in ("distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # on Ctrl-C they would log that they lost each other
    if workers.scheduler is not None:
        if not ADDRESS.fullmatch(workers.scheduler):
            raise InputError(f"--scheduler: expected an address such as tcp://host:8786, found {workers.scheduler!r}")
        try:
            client = dask.Client(workers.scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as exc:
            raise RetrievalError(f"no Dask scheduler answers at {workers.scheduler}: {exc}") from exc
        with client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError as exc:
                raise RetrievalError(f"the Dask scheduler at {workers.scheduler} has no workers") from exc
            yield client
        return
    if not workers.processes or workers.processes < 0:
        raise InputError(f"a local cluster needs at least one process, found {workers.processes}")
    with _started(workers.processes) as cluster, dask.Client(cluster, set_as_default=False) as client:
        yield client


def _started(processes: int) -> Any:  # noqa: ANN401
    """A local cluster whose workers do not hear Ctrl-C: this process hears it and ends them in order.

    The signal is held back while the cluster's thread and processes start, since they inherit what is held back; one
    that came meanwhile is heard afterwards.
    """
    hold = getattr(signal, "pthread_sigmask", None)
    if hold:
        resource_tracker.ensure_running()  # where it starts later, it lets the signals go
    before = hold(signal.SIG_BLOCK, {signal.SIGINT}) if hold else None
    try:
        return _dask().LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # none would take a fixed port, and warn where another run has it
            silence_logs=logging.CRITICAL,
            memory_limit=0,
        )
    finally:
        if hold and before is not None:
            hold(signal.SIG_SETMASK, before)
