"""The layers of a network as neurons."""
