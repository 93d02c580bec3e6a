"""Decisions by mixtures: which class a row is of, and whether it is like the others."""
