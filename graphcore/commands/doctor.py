"""``graphcore doctor``: which layout engine, array libraries and backends work here, found out by using them."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import platform
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__, compiler
from ..autodiff.gradient import backprop
from ..errors import MissingExtraError
from ..graph.graph import Graph
from ..graph.node import Node

_LIBRARIES = {"numpy": "numpy", "torch": "torch", "jax": "jax.numpy", "array-api-strict": "array_api_strict"}

_BACKENDS = ("numpy", "numba", "jax", "torch")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help="say what works on this machine", description=__doc__)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:  # noqa: ARG001  it has none
    """Print one line per thing tried; fail if pictures or numpy do not work."""
    print(
        f"graphcore {__version__}, Python {platform.python_version()}, "
        f"networkx {importlib.metadata.version('networkx')}"
    )
    pictures, said = layout()
    print(f"pictures          {said}")
    for library, module in _LIBRARIES.items():
        print(f"{library:<17} {arrays(library, module)}")
    for backend in _BACKENDS:
        print(f"{f'compiled, {backend}':<17} {compiled(backend)}")
    return 0 if pictures else 1


def layout() -> tuple[bool, str]:
    """Report whether a picture can be drawn in each format, and by which engine."""
    import viz
    from viz.render import engine

    picture = viz.draw(Graph("doctor").input("x"))
    try:
        sizes = {suffix: len(engine.render(picture.source, suffix)) for suffix in ("svg", "png", "pdf")}
    except Exception as error:  # noqa: BLE001  any error is what the report is for
        return False, f"cannot be drawn: {error}"
    return all(sizes.values()), f"{', '.join(sizes)} by {engine.describe()}"


def arrays(library: str, module: str) -> str:
    """Report whether the chain rule gives the same numbers with the arrays of a library.

    >>> arrays("numpy", "numpy").endswith("gives the right gradient")
    True
    """
    try:
        xp: Any = importlib.import_module(module)
    except ImportError:
        return "is not installed"
    cost, x, w = _trial()
    found = backprop(cost, {x: xp.asarray([1.0, 2.0, 3.0], dtype=xp.float32)})
    return f"{importlib.metadata.version(library)} gives {_judged(found.grad[w])}"


def compiled(backend: str) -> str:
    """Report whether a compiled step finds the same numbers.

    >>> compiled("numpy")
    'gives the right gradient'
    """
    cost, x, w = _trial()
    try:
        step = compiler.compile(cost, backend=backend)
    except MissingExtraError as error:
        return str(error).partition(": ")[2]
    _, gradients = step({x: np.array([1.0, 2.0, 3.0], "float32")})
    kept = f", and is kept in {_folder()}" if backend == "numba" else ""
    return f"gives {_judged(gradients[w])}{kept}"


def _trial() -> tuple[Node, Node, Node]:
    """Return a cost, its input, and a parameter whose gradient is 14/3."""
    from ops import mean, square

    graph = Graph("doctor")
    x = graph.input("x", shape=(None,), dtype="float32")
    w = graph.parameter("w", np.float32(0.5))
    return mean(square(w * x)), x, w


def _judged(gradient: Any) -> str:
    right = abs(float(gradient) - 14 / 3) < 1e-5
    return "the right gradient" if right else f"a WRONG gradient, {float(gradient)}"


def _folder() -> Path:
    from ..compiler.backends.numba.disk_cache import folder

    return folder()
