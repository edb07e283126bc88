"""``satverify emulator``: a Sentinel-Hub-compatible service on this machine."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from datetime import date, datetime
    from types import FrameType

    from satverify.domain.granules import SceneProvider
    from satverify.emulator import Accounts, FaultPlan, Limits

Host = Annotated[str, typer.Option("--host", help="Address to listen on; it has no security worth the name.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
Sites = Annotated[
    Path | None,
    typer.Option("--sites", metavar="SITES", help="Site list whose works are simulated.", show_default=False),
]
Days = Annotated[
    str,
    typer.Option(
        "--days", metavar="START/STOP", help="Local days that the works of --sites are simulated for, half-open."
    ),
]
ArchiveFolder = Annotated[
    Path | None,
    typer.Option("--archive", metavar="FOLDER", help="Serve an archive in place of a simulation.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of all that is simulated.")]
Plan = Annotated[
    Path | None,
    typer.Option("--fault-plan", metavar="FILE.json", help="What goes wrong, and when.", show_default=False),
]
ClientId = Annotated[
    str | None,
    typer.Option("--client-id", help="The only client that gets tokens; any where left out.", show_default=False),
]
ClientSecret = Annotated[str | None, typer.Option("--client-secret", help="Its secret.", show_default=False)]
TokenSeconds = Annotated[float, typer.Option("--token-seconds", help="How long a token is good for.")]
TokensPerMinute = Annotated[
    float | None, typer.Option("--tokens-per-minute", help="Requests for tokens that are answered.", show_default=False)
]
Account = Annotated[
    Literal["unlimited", "copernicus"],
    typer.Option("--account", help="copernicus: the limits of a free account of the Copernicus Data Space."),
]
Count = Annotated[float | None, typer.Option(help="Overrides the account's limit.", show_default=False)]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", metavar="TIME", help="See the archive as of a time, such as 2022-01-05T00:00:00Z.", show_default=False
    ),
]
LogFile = Annotated[
    Path | None,
    typer.Option(
        "--log", metavar="FILE.jsonl", help="File that gets a JSON line for each request.", show_default=False
    ),
]


def emulator(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    sites: Sites = None,
    days: Days = "2020-11-01/2022-04-01",
    archive: ArchiveFolder = None,
    seed: Seed = 0,
    fault_plan: Plan = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token_seconds: TokenSeconds = 3600.0,
    tokens_per_minute: TokensPerMinute = None,
    account: Account = "unlimited",
    requests_per_minute: Count = None,
    units_per_minute: Count = None,
    requests_per_month: Count = None,
    units_per_month: Count = None,
    now: Now = None,
    log: LogFile = None,
) -> None:
    """Serve simulated scenes, or an archive, as Sentinel Hub would, until interrupted.

    The first line on stdout is the address; a browser finds the documentation there. SIGINT (Ctrl-C), SIGTERM and
    SIGHUP stop it; it then exits with 128 plus the signal's number: 130, 143 or 129.
    """
    from satverify.emulator import Emulator

    overrides = {
        "requests_per_minute": requests_per_minute,
        "units_per_minute": units_per_minute,
        "requests_per_month": requests_per_month,
        "units_per_month": units_per_month,
    }
    served = Emulator(
        _provider(sites, days, archive, seed),
        host=host,
        port=port,
        accounts=_accounts(client_id, client_secret, token_seconds, tokens_per_minute),
        limits=_limits(account, overrides),
        faults=_plan(fault_plan),
        now=None if now is None else _time(now),
        log_file=log,
    )
    print(served.base_url, flush=True)
    print(f"token address: {served.token_url}; Ctrl-C ends it", file=sys.stderr)
    try:
        with _stopped_by_signals():
            served.serve_forever()
    except _Stopped as stopped:
        print("satverify: the emulator was stopped", file=sys.stderr)
        raise typer.Exit(128 + stopped.number) from None
    finally:
        served.stop()


class _Stopped(KeyboardInterrupt):
    """A signal asked for the end; a server's loop lets it through as it does Ctrl-C."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Have the signals that end a process raise ``_Stopped``; a second one ends it at once."""

    def stop(number: int, _: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_DFL)
        raise _Stopped(number)

    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    for each in signals:
        signal.signal(each, stop)
    yield


def _provider(sites: Path | None, days: str, archive: Path | None, seed: int) -> SceneProvider:
    from satverify.errors import InputError

    if archive is not None and sites is not None:
        raise InputError("--archive and --sites: expected one of them")
    if archive is not None:
        from satverify.emulator.archived import ArchivedScenes

        return ArchivedScenes(archive)
    return _simulated(sites, _days(days), seed)


def _simulated(sites: Path | None, days: tuple[date, date], seed: int) -> SceneProvider:
    """Works that obey or break orders under one sky; without sites, ground and sky alone."""
    import numpy as np

    from satverify.registry.sites import read_sites
    from satverify.simulate.scenes import SimulatedScenes, scenes_of_season
    from satverify.simulate.season import Scenario, draw_season

    if sites is None:
        return SimulatedScenes(seed)
    return scenes_of_season(seed, draw_season(np.random.default_rng(seed), read_sites(sites), Scenario(days=days)))


def _days(text: str) -> tuple[date, date]:
    from datetime import date

    from satverify.errors import InputError

    try:
        start, stop = map(date.fromisoformat, text.split("/"))
    except ValueError as exc:
        raise InputError(f"--days {text}: expected two dates, such as 2020-11-01/2022-04-01") from exc
    if stop <= start:
        raise InputError(f"--days {text}: the first date is not before the second")
    return start, stop


def _accounts(
    client_id: str | None, client_secret: str | None, token_seconds: float, tokens_per_minute: float | None
) -> Accounts:
    from satverify.emulator import Accounts
    from satverify.errors import InputError

    if (client_id is None) != (client_secret is None):
        raise InputError("--client-id and --client-secret: expected both or none")
    clients = {} if client_id is None or client_secret is None else {client_id: client_secret}
    return Accounts(clients=clients, token_seconds=token_seconds, tokens_per_minute=tokens_per_minute)


def _limits(account: str, overrides: dict[str, float | None]) -> Limits:
    from dataclasses import replace

    from satverify.emulator import COPERNICUS_GENERAL_USER, Limits

    base = COPERNICUS_GENERAL_USER if account == "copernicus" else Limits()
    return replace(base, **{name: value for name, value in overrides.items() if value is not None})


def _plan(file: Path | None) -> FaultPlan | None:
    from satverify.emulator.faults import plan_of_json
    from satverify.errors import InputError

    if file is None:
        return None
    try:
        return plan_of_json(file.read_text(encoding="utf-8"), name=file.name)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{file}: the fault plan cannot be read: {exc}") from exc


def _time(text: str) -> datetime:
    from satverify.emulator.clock import parsed_time
    from satverify.errors import InputError

    try:
        return parsed_time(text)
    except ValueError as exc:
        raise InputError(f"--now {text}: expected a time with its zone, such as 2022-01-05T00:00:00Z") from exc
