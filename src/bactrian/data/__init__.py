"""Data sources: where the rows come from, as chunks of fixed cut."""
