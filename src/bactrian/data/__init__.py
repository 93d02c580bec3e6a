"""Data sources: where the rows come from, in chunks that are the same for every reader."""
