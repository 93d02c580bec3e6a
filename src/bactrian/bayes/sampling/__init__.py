"""Draws from the exact posterior of a mixture: Gibbs sampling, and moves between partitions."""
