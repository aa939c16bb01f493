"""From a graph to a program: specialize to shapes, then lower to elementary operations."""
