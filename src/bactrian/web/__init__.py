"""The calculator: a page in the browser, and the server of this machine that computes for it."""
