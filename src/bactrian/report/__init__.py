"""What a fit is told with: one document, shown as JSON or as a page of text."""
