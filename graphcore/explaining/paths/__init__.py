"""The paths from a node to the cost, and how much of a gradient travels along each."""
