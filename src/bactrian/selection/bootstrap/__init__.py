"""Standard errors and intervals from refits to resamples."""
