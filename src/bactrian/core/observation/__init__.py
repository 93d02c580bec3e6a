"""What is known of rows: all of them, some features, their component."""
