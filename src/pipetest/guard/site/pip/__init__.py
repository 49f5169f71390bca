"""Stands in for pip inside a step: what would change the environment is noted, all else is the real one."""

from pip._standin import adopt

adopt(globals(), "")

from pip._standin import main  # noqa: E402, F401 (in place of the one that was adopted)
