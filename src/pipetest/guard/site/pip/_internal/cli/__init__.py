"""See ``pip/__init__.py``."""

from pip._standin import adopt

adopt(globals(), "_internal/cli")
