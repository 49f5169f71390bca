"""Failures joined with facts: which column or file an error comes from, and which step wrote it."""
