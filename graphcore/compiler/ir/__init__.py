"""The program: a flat list of values, its elementary operations, simplification and memory plan."""
