"""pytest for pipelines."""

__version__ = "0.1.0"
