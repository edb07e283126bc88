"""``python -m satverify`` is the ``satverify`` command."""

import sys

from satverify.cli import main

if __name__ == "__main__":
    sys.exit(main())
