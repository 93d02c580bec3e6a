"""From files to tables of numbers, and back."""
