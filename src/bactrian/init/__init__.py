"""Starting values for EM."""
