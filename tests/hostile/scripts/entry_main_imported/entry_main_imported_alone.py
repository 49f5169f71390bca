"""Imports main from a sibling and has no guard: run as a script it does nothing."""
from work import main
