"""The E-step: densities, responsibilities, sufficient statistics. The reference."""
