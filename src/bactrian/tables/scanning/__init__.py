"""Tables that are read in pieces, however large they are."""
