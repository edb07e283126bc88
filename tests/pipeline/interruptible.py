"""The ``satverify`` command with a slow stand-in for ``verify_site``, to be interrupted in a process of its own."""

from __future__ import annotations

import sys
from types import ModuleType

from satverify.cli import main
from tests.pipeline.standin import count_slowly


def stand_in(name: str, **content: object) -> None:
    """Put a module of that content in the place of ``name``."""
    module = ModuleType(name)
    for key, value in content.items():
        setattr(module, key, value)
    sys.modules[name] = module


if __name__ == "__main__":
    stand_in("satverify.pipeline.site", verify_site=count_slowly)
    sys.exit(main())
