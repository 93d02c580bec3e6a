"""Tests of the number of components."""
