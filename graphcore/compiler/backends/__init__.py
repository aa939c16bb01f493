"""From a program to something that runs: numpy, numba, jax, torch."""
