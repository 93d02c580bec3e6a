"""What the server does in separate processes: read, fit, search, answer questions."""
