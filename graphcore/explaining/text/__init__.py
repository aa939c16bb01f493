"""The pieces of which explanations are made: mathematics, rows, tables, numbers, symbols."""
