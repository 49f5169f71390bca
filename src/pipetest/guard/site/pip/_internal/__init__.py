"""See ``pip/__init__.py``."""

from pip._standin import adopt

adopt(globals(), "_internal")

from pip._standin import main  # noqa: E402, F401
