"""The mixture of some columns: by themselves, or given the others."""
