"""The interface of backends, which make a program ready to run, and their names."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Protocol

from ...errors import MissingExtraError, UnknownNameError, did_you_mean
from ..ir.program import Program
from ..profiling import Timing

#: the entry-point group in which a package provides a backend
GROUP = "graphcore.backends"

_BUILT_IN = ("jax", "numba", "numpy", "torch")
#: the modules that a backend imports, and the extra that installs them
_REQUIRED = {"jax": ("jax",), "numba": ("numba", "scipy_openblas32"), "torch": ("torch",)}
_EXTRAS = {"jax": "jax", "numba": "fast", "torch": "torch"}


class Compiled(Protocol):
    """A program that a backend has made ready to run."""

    #: source text in generated names
    source: str
    #: bytes of memory for intermediate values
    memory: int

    def run(self, inputs: list[Any], parameters: list[Any], out: list[Any] | None) -> list[Any]:
        """Return the results, each in an array of its own, or in the array that ``out`` has for it. Thread-safe."""

    def release(self) -> None:
        """Free the memory that is kept between calls; calls in progress keep theirs."""

    def measure(self, inputs: list[Any], parameters: list[Any]) -> list[Timing]:
        """Return the time of each part of the program, for `Step.profile`."""


class Backend(Protocol):
    """A module or object with a name, which makes programs ready to run."""

    name: str

    def build(self, program: Program) -> Compiled:
        """Make a program ready to run."""


def get_backend(name: str) -> Backend:
    """Return the backend of a name; ``auto`` is numba where it is installed, else numpy.

    >>> get_backend("numpy").name
    'numpy'
    >>> get_backend("nmpy")
    Traceback (most recent call last):
    graphcore.errors.UnknownNameError: no backend named 'nmpy'; there are auto, jax, numba, numpy, torch...
    """
    if name == "auto":
        name = "numba" if all(map(find_spec, _REQUIRED["numba"])) else "numpy"
    if name in _BUILT_IN:
        absent = [module for module in _REQUIRED.get(name, ()) if find_spec(module) is None]
        if absent:
            raise MissingExtraError(
                f"the backend {name!r} needs {' and '.join(absent)}: pip install 'graphcore[{_EXTRAS[name]}]'"
            )
        return importlib.import_module(f".{name}", __package__)
    offered = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name in offered:
        return offered[name].load()  # type: ignore[no-any-return]
    known = ["auto", *_BUILT_IN, *sorted(offered)]
    raise UnknownNameError(f"no backend named {name!r}; there are {', '.join(known)}{did_you_mean(name, known)}")
