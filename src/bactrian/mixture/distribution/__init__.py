"""The mixture as a distribution: its verbs, and the mathematics that each of them calls."""
