"""Backpropagation step by step, as frames."""
