from __future__ import annotations

import subprocess
import sys

from satverify import __version__


def test_the_package_runs_as_the_command_and_hands_on_its_exit_code() -> None:
    told = subprocess.run([sys.executable, "-m", "satverify", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["satverify", __version__]
    refused = subprocess.run(
        [sys.executable, "-m", "satverify", "--no-such-option"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
