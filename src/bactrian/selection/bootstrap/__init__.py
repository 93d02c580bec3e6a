"""Standard errors and intervals by refitting resamples."""
