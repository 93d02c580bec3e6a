"""The calculator: a page in the browser, and the local server that computes for it."""
