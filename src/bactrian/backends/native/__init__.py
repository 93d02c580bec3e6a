"""The back end in C++, and other compiled code for small data."""
