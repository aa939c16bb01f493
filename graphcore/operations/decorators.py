"""Decorators that define an operation and register it: `op`, `float_op` and `elementwise`."""

from __future__ import annotations

import dis
import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Unpack, overload

from ..arrays.namespace import Array, Namespace
from ..arrays.registry import registry
from ..errors import OperationError
from .operation import Op
from .options import Definition, Meaning
from .rules import Zeros
from .signature import Signature

Forward = Callable[..., Any]
Local = Callable[..., Any] | Mapping[str, Callable[..., Any]] | None


@overload
def op(notation: Forward) -> Op: ...


@overload
def op(notation: str | None = None, **options: Unpack[Definition]) -> Callable[[Forward], Op]: ...


def op(
    notation: Any = None,
    *,
    local: Local = None,
    meaning: Meaning = "",
    zeros: Zeros | None = None,
    flat: str | tuple[str, ...] = (),
    example: Any = None,
    replace: bool = False,
    **options: Any,
) -> Any:
    r"""Make an operation of a forward function, and register it.

    ``notation`` is the LaTeX template, ``level`` its precedence (see `Notation`), and ``scalar`` the template for
    single numbers; the default is ``name(a, b)``. ``name`` is the registered name, by default the function's own.

    ``local``, ``flat`` and ``example`` are short for the methods of these names: the local derivative with respect to
    the only argument, or a dictionary of one for each argument; the argument, or a tuple of those, whose derivative is
    zero almost everywhere; and one argument on which the operation is verified, or a tuple of all. ``meaning``
    describes the local derivatives, and ``zeros`` their zeros (see `Op.local`). ``elementwise=True`` declares an
    elementwise operation without a ``local`` rule.

    ``dtype`` is the result's dtype where it is not the arguments', unless a setting called ``dtype`` is given;
    ``shape`` names the argument whose shape is the result's. ``promote_integers=True`` converts integers among the
    arguments to floats (see `float_op`); ``primitive=True`` declares the function of this name in the Array API
    standard, which a compiled step may compute in its own code, and a string another instruction of compiled programs.
    ``pure=False`` declares that equal arguments may give other results, as of a forward that draws random numbers,
    counts its calls or reads what changes: it is called at every run, and needs rules. Raises `OperationError` for a
    definition that contradicts itself and `NameTakenError` for a name that is taken (unless ``replace=True``).

    >>> import graphcore as gc, numpy as np
    >>> @gc.op(r"{x:strict}^3", name="cube_in_op", local=lambda x: 3 * x * x, example=[0.5, -2.0])
    ... def cube(x):
    ...     '''Return the volume of a cube.'''
    ...     return x * x * x
    >>> cube(2.0), cube.rules["x"]
    (np.float64(8.0), <local rule dcube_in_op_dx(x) of cube_in_op with respect to x>)
    >>> x = gc.Graph().input("x")
    >>> gc.backprop(cube(x), {x: 2.0}).grad[x]
    np.float64(12.0)
    """
    if "floats" in options:
        warnings.warn("op(floats=) is now op(promote_integers=)", DeprecationWarning, stacklevel=2)
        options["promote_integers"] = options.pop("floats")
    template = None if callable(notation) else notation

    def make(forward: Forward) -> Op:
        made = Op(forward, template, **options)
        for argument, rule in _by_argument(made.signature, local).items():
            made.local(argument, meaning=meaning, zeros=zeros)(_named(rule, f"d{made.name}_d{argument}"))
        made.flat(*_as_tuple(flat))
        if example is not None:
            made.example(*_as_tuple(example))
        registry.register(made, replace=replace)
        return made

    return make(notation) if callable(notation) else make


@overload
def float_op(notation: Forward) -> Op: ...


@overload
def float_op(notation: str | None = None, **options: Unpack[Definition]) -> Callable[[Forward], Op]: ...


def float_op(notation: Any = None, **options: Any) -> Any:
    """Make an operation on floats: `op`, with integers and booleans among the arguments promoted to float64.

    >>> import graphcore as gc
    >>> @gc.extend.float_op(name="halve_in_float_op")
    ... def halve(x):
    ...     return x / 2
    >>> halve.promotes_integers
    True
    """
    return op(notation, promote_integers=True, **options)


def elementwise(notation: str | None = None, **options: Unpack[Definition]) -> Callable[[Forward], Op]:
    r"""Make an operation of the array function of the same name, which a function with an empty body describes.

    Its parameters are the values and its docstring the documentation; the forward is ``xp.name(x)``. The options are
    those of `op`. Raises `OperationError` for an argument with neither a ``local`` derivative nor a ``flat`` one, and
    for a body that is not empty.

    >>> import graphcore as gc
    >>> @gc.extend.elementwise(r"{x:strict}^\circ", local=lambda: 0.017453292519943295, example=[30.0, -45.0])
    ... def deg2rad(x):
    ...     '''Convert degrees to radians.'''
    >>> deg2rad(180.0), gc.grad(deg2rad)(60.0)
    (np.float64(3.141592653589793), np.float64(0.017453292519943295))
    >>> deg2rad.rules["x"]
    <local rule ddeg2rad_dx() of deg2rad with respect to x>
    """

    options.setdefault("elementwise", True)

    def make(described: Forward) -> Op:
        signature = Signature(described.__name__, described)
        given = {*_by_argument(signature, options.get("local")), *_as_tuple(options.get("flat", ()))}
        missing = [value for value in signature.values if value not in given]
        if missing:
            raise OperationError(
                f"{signature.op}: {', '.join(missing)} has no derivative; give `local`, or name it in `flat` if it is "
                f"zero"
            )
        return op(notation, **options)(_array_function(described))

    return make


def _array_function(described: Forward) -> Forward:
    """Return a forward that calls the array function with the name and the parameters of a function without a body."""
    if not _is_empty(described):
        raise OperationError(
            f"{described.__name__}: expected a docstring as the only statement, as the forward is xp."
            f"{described.__name__}; write a forward of its own with @op(..., elementwise=True)"
        )

    # the name is a default, as compiled programs never merge or precompute a forward with variables of another scope
    def forward(*values: Array, xp: Namespace, array_function: str = described.__name__, **settings: Any) -> Array:
        return getattr(xp, array_function)(*values, **settings)

    functools.update_wrapper(forward, described)
    signature = inspect.signature(described)
    parameters = [*signature.parameters.values(), inspect.Parameter("xp", inspect.Parameter.KEYWORD_ONLY)]
    forward.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return forward


def _is_empty(function: Forward) -> bool:
    """Return ``True`` if a function does nothing but return None."""
    return all(step.opname == "RESUME" or step.argval is None for step in dis.get_instructions(function))


def _by_argument(signature: Signature, local: Local) -> Mapping[str, Callable[..., Any]]:
    """Return the local derivatives by argument."""
    if local is None or isinstance(local, Mapping):
        return local or {}
    if len(signature.values) > 1:
        raise OperationError(
            f"{signature.op}: `local`: expected a dictionary with a derivative for each of "
            f"{', '.join(signature.values)}, got a function"
        )
    return {signature.values[0]: local}


def _named(rule: Forward, name: str) -> Forward:
    """Return a rule, with a name of its own if it is a lambda."""
    if rule.__name__ == "<lambda>":
        rule.__name__ = rule.__qualname__ = name
    return rule


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
