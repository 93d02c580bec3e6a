"""Choose among mixtures: criteria, and a search over K and the structures."""
