"""A gradient factor by factor: explanations, derivations, layers and single entries."""
