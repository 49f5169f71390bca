"""Holds nothing but this sentence."""
