"""From rows to a fit: what to fit, how to climb, where to start, on which machine."""
