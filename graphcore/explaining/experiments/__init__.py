"""Gradients put to the test: nudges, single examples, comparisons of runs, curvature."""
