"""``python -m pip``."""

import os
import sys

if sys.path[0] in ("", os.getcwd()):
    sys.path.pop(0)  # as pip does: what lies here must not shadow what it imports

from pip._standin import main

if __name__ == "__main__":
    sys.exit(main())
