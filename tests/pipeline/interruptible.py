"""The ``satverify`` command with a slow stand-in for ``verify_site``, to be interrupted in a process of its own."""

from __future__ import annotations

import sys

from satverify.cli import main
from satverify.pipeline import flow
from tests.pipeline.standin import count_slowly

if __name__ == "__main__":
    vars(flow)["verify_site"] = count_slowly
    sys.exit(main())
