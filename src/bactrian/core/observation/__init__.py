"""What is known of rows: all features, some features, or their component."""
