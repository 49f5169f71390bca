"""What ``bin/pip`` and its like start: the stand-in, in the step's interpreter, with its own name first."""

import os
import sys

folder = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(folder, "site")
tool, arguments = sys.argv[1], sys.argv[2:]
sys.argv[:] = [os.path.join(folder, "bin", tool)] + arguments

from pip._standin import main_of  # noqa: E402

sys.exit(main_of(tool)(arguments))
