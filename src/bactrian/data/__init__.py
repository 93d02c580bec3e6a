"""Data sources: where the rows come from, as chunks that are cut alike by all who read them."""
