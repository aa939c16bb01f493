"""Compare the other installed array libraries with numpy."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..arrays.namespace import asarray
from ..autodiff.executor import forward, reverse
from ..autodiff.plan import descendants, plan_for
from ..errors import CheckError
from .reference import generic_values
from .report import Report
from .subject import CheckCase, Subject

#: name, and the module that is its namespace of the Array API standard
_LIBRARIES = {"array_api_strict": "array_api_strict", "torch": "array_api_compat.torch", "jax": "jax.numpy"}


def check_libraries(subject: Subject, report: Report) -> None:
    """Compare the result, and one vector-Jacobian product, in every library with those of numpy.

    >>> import graphcore as gc
    >>> @gc.op(name="half_ported")
    ... def half_ported(x, *, xp):
    ...     return x * (1.0 if xp is np else 2.0)
    >>> @half_ported.local("x")
    ... def dhalf_ported_dx():
    ...     return 1
    >>> gc.check(half_ported, [0.5], libraries=False).entries
    1
    >>> gc.check(half_ported, [0.5])
    Traceback (most recent call last):
    graphcore.errors.CheckError: half_ported: the result is [1.] with array_api_strict, and [0.5] with numpy
    """
    case = CheckCase.at(subject, subject.given)
    expected = _compute(case, np)
    for name, namespace in _LIBRARIES.items():
        if importlib.util.find_spec(name) is None:
            continue
        with _double_precision(name):
            try:
                found = _compute(case, _import_quietly(namespace))
            except Exception as error:  # noqa: BLE001  any error means that the library is not supported
                report.note(f"not for {name}: {type(error).__name__}: {_first_line(error)}")
                continue
        for what, want in expected.items():
            if not np.allclose(found[what], want, rtol=1e-10, atol=1e-12, equal_nan=True):
                raise CheckError(f"{subject.name}: {what} is {found[what]} with {name}, and {want} with numpy")
        if name not in report.libraries:
            report.libraries.append(name)


def _compute(case: CheckCase, xp: Any) -> dict[str, Any]:
    """Return the result and the gradients, as numpy arrays."""
    out, order = case.out, plan_for(case.graph, (case.out,))
    values = {
        node: asarray(np.array(value), xp, node.dtype) for node, value in zip(case.inputs, case.arrays, strict=True)
    }
    forward(order, values, xp)
    found = {"the result": np.asarray(values[out])}
    if out.type.is_float:
        seed = asarray(np.array(generic_values(found["the result"].shape)), xp, out.dtype)
        wanted = descendants(case.floats, order)
        gradients = reverse(order, values, seed, xp, wanted)
        for node in case.floats:
            if node in gradients:
                found[f"the gradient by {node.label!r}"] = np.asarray(gradients[node])
    return found


def _import_quietly(namespace: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(namespace)


@contextlib.contextmanager
def _double_precision(name: str) -> Iterator[None]:
    """Enable float64, which jax disables by default."""
    if name != "jax":
        yield
        return
    config: Any = importlib.import_module("jax").config
    before = config.jax_enable_x64
    config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
    try:
        yield
    finally:
        config.update("jax_enable_x64", before)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:100]
