"""What is not looked into for examples: backends whose library is not installed."""

from importlib.util import find_spec

_BACKENDS = {"jax": "jax_backend.py", "torch": "torch_backend.py", "numba": "numba_backend"}
collect_ignore = [f"graphcore/compiler/{path}" for library, path in _BACKENDS.items() if find_spec(library) is None]
