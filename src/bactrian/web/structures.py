"""What a mixture can be told to be, in a sentence each; spelled out, so that nothing is loaded."""

from __future__ import annotations

from bactrian.web.schema import Structure

_SENTENCES = (
    ("full", "VVV", "Each component has a shape, size and direction of its own."),
    ("tied", "EEE", "All components have the same shape, size and direction."),
    ("diag", "VVI", "Each component has its own spread along each column, with no correlation."),
    ("spherical", "VII", "Each component is round, with a size of its own."),
    ("EII", "EII", "All components are round and of the same size."),
    ("EEI", "EEI", "All components have the same spread along each column, with no correlation."),
    ("VEI", "VEI", "Components lie along the columns, of one shape and their own sizes."),
    ("EVI", "EVI", "Components lie along the columns, of one size and their own shapes."),
    ("VEE", "VEE", "Components have one shape and direction, and their own sizes."),
    ("EVE", "EVE", "Components have one size and direction, and their own shapes."),
    ("VVE", "VVE", "Components have one direction, and their own sizes and shapes."),
    ("EEV", "EEV", "Components have one size and shape, and their own directions."),
    ("VEV", "VEV", "Components have one shape, and their own sizes and directions."),
    ("EVV", "EVV", "Components have one size, and their own shapes and directions."),
)
STRUCTURES = tuple(Structure(name=n, mclust=m, sentence=s) for n, m, s in _SENTENCES)
INITS = (
    "auto", "kmeans", "k-means++", "random", "random_from_data", "sample_variance",
    "hierarchical", "ward",
)  # fmt: skip
STOPPINGS = ("auto", "log_likelihood", "aitken", "parameters")
