"""What draws from a posterior say."""
