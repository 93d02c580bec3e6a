"""The report on a fit: one document, shown as JSON or as a page of text."""
