"""Expressions and formulas, their simplification, and how LaTeX and Unicode write them."""
