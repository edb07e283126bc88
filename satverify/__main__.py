"""``python -m satverify``."""

import sys

from satverify.cli import main

sys.exit(main())
