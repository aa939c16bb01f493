"""The backends: what turns a program into something that runs."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Protocol

from ...errors import MissingExtraError, UnknownNameError, did_you_mean
from ..ir.program import Program
from ..profiling import Timing

#: the entry-point group in which a package offers a backend of its own
GROUP = "graphcore.backends"

_OURS = ("jax", "numba", "numpy", "torch")
#: what a backend imports, and the extra that brings it
_NEEDED = {"jax": ("jax",), "numba": ("numba", "scipy_openblas32"), "torch": ("torch",)}
_EXTRAS = {"jax": "jax", "numba": "fast", "torch": "torch"}


class Compiled(Protocol):
    """A program that a backend has made ready to run."""

    #: the program as text, in generated names
    source: str
    #: bytes set aside for what is computed in between
    memory: int

    def run(self, fed: list[Any], held: list[Any], out: list[Any] | None) -> list[Any]:
        """The results, each an array of its own. Where ``out`` holds an array the result is written there.

        Called by several threads at once.
        """

    def timings(self, fed: list[Any], held: list[Any]) -> list[Timing]:
        """How long each part of the program takes, for `Step.profile`."""


class Backend(Protocol):
    """A module or object with a name and a way to build programs."""

    name: str

    def build(self, program: Program) -> Compiled:
        """Make a program ready to run."""


def backend_named(name: str) -> Backend:
    """The backend of that name; ``auto`` is numba where it is installed, and else numpy.

    >>> backend_named("numpy").name
    'numpy'
    >>> backend_named("nmpy")
    Traceback (most recent call last):
    graphcore.errors.UnknownNameError: no backend named 'nmpy'; there are auto, jax, numba, numpy, torch...
    """
    if name == "auto":
        name = "numba" if all(map(find_spec, _NEEDED["numba"])) else "numpy"
    if name in _OURS:
        absent = [module for module in _NEEDED.get(name, ()) if find_spec(module) is None]
        if absent:
            raise MissingExtraError(
                f"the backend {name!r} needs {' and '.join(absent)}: pip install 'graphcore[{_EXTRAS[name]}]'"
            )
        return importlib.import_module(f".{name}", __package__)
    offered = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name in offered:
        return offered[name].load()  # type: ignore[no-any-return]
    known = ["auto", *_OURS, *sorted(offered)]
    raise UnknownNameError(f"no backend named {name!r}; there are {', '.join(known)}{did_you_mean(name, known)}")
