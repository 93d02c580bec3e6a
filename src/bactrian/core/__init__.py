"""The mathematics: frozen values and pure functions on NumPy and SciPy alone."""
