"""Search over the number of components and the covariance structure."""
