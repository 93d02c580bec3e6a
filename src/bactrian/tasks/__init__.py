"""What the command line and the calculator do alike: rows, units, names, interruption."""
