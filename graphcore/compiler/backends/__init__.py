"""Backends: numpy, numba, jax and torch run a program.

>>> from graphcore.compiler.backends.backend import get_backend
>>> get_backend("numpy").name
'numpy'
"""
