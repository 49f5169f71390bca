"""Snapshots: the facts of outputs beside the pipeline file, and what has changed since."""
