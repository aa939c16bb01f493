"""Modules without doctests here: backends whose library is not installed."""

from importlib.util import find_spec

_BACKENDS = {"jax": "jax.py", "torch": "torch.py", "numba": "numba"}
collect_ignore = [
    f"graphcore/compiler/backends/{path}" for library, path in _BACKENDS.items() if find_spec(library) is None
]
