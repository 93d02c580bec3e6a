"""The shape of a density: derivatives, modes, regions of highest density."""
