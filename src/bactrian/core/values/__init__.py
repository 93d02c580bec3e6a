"""The values of estimation: parameters, what an E-step reads of them, and what it returns."""
