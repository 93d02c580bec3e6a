"""Choosing among mixtures: criteria, and search over the number of components and structures."""
