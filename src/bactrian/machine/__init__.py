"""The machine: threads, and one thread of BLAS."""
