"""Figures of one gradient: factor cards, number lines, the cost curve."""
