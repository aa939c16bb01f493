"""Forward and reverse over a graph: plan, executor, runs, and derivatives of plain functions."""
