"""See ``pip/__init__.py``."""

from pip._standin import main  # noqa: F401
