"""The back end in C++, and what else is compiled for small data."""
