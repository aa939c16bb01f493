"""Shapes and dtypes, the array namespace that serves a value, and the registry that is the namespace of nodes."""
