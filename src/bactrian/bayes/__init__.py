"""Posteriors as values: what they say of parameters and of new rows."""
