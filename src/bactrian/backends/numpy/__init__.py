"""The reference back end, in NumPy."""
