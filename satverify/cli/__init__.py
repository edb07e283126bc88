"""The ``satverify`` command.

stdout is data, stderr is progress and logs; exit codes are in ``satverify.cli.exits``. ``--help`` answers at once: a
command imports what it needs when it runs, never at the top of its module.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from satverify import __version__
from satverify.cli import archive, demo, emulator, evaluate, fetch, inspect, orders, run, sites, train
from satverify.cli.exits import Exit, exit_code_of
from satverify.errors import SatverifyError

app = typer.Typer(
    name="satverify",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"satverify {__version__}")
        raise typer.Exit


@app.callback()
def satverify(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program a fault happened.")] = False,
) -> None:
    """Did steel enterprises stop or cut when ordered to? Satellite evidence, with probabilities.

    Exit codes: 0 done, 1 findings (with --exit-code), 2 usage or input, 3 partly done, 4 credentials, 5 budget or
    quota, 6 service unavailable, 70 a fault of satverify itself, 130 interrupted with the state saved.
    """


app.command("run")(run.run)
app.command("fetch")(fetch.fetch)
app.command("verify")(run.verify)
app.command("report")(run.report)
app.command("demo")(demo.demo)
app.command("evaluate")(evaluate.evaluate)
app.command("emulator")(emulator.emulator)
app.command("train")(train.train)
archive.register(app)
sites.register(app)
orders.register(app)
inspect.register(app)


def _settle_streams() -> None:
    """Names in any script must not end a run: data to a program is UTF-8, and a terminal shows what it can.

    A stream that the shell closed (``>&-``) becomes one that forgets.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 -- open until the program ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Errors that satverify raises on purpose become a message without a traceback; a fault shows its traceback only with
    ``--debug``.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # sites run side by side, and sums must not depend on the number of cores
    _settle_streams()
    try:
        app(args=words, prog_name="satverify")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except SatverifyError as error:
        print(f"satverify: {error}", file=sys.stderr)
        return exit_code_of(error)
    except KeyboardInterrupt:
        print("satverify: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except Exception as fault:
        if "--debug" in words:
            traceback.print_exc()
        hint = "" if "--debug" in words else " (run `satverify --debug …` to see where)"
        print(f"satverify: a fault of satverify itself: {type(fault).__name__}: {fault}{hint}", file=sys.stderr)
        return Exit.FAULT
    return Exit.DONE
