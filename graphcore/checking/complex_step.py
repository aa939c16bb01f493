"""Arrays on which piecewise analytic functions can be differentiated by complex steps.

The imaginary part holds an infinitesimal step. Functions that compare, round or select use the real part alone, and
selected entries keep their imaginary part: so ``abs``, ``maximum``, ``where``, ``sort``
and their like have a complex step wherever they have a derivative. No rule of an operation is used here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class ComplexStepArray(np.ndarray[Any, Any]):
    """A complex array that numpy's functions and operators treat as real numbers with a step.

    >>> x = to_complex_step(np.array([-2.0, 3.0]), np.array([1.0, 1.0]))
    >>> np.asarray(np.abs(x)).imag, x > 0
    (array([-1.,  1.]), array([False,  True]))
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        plain = [_unwrap(value) for value in inputs]
        special = _UFUNCS.get(ufunc) if method == "__call__" else None
        if special is not None:
            result = special(*plain, **options)
        elif ufunc in _SELECTING and method == "reduce":
            result = _select_along(ufunc, *plain, **options)
        elif out is not None:
            getattr(ufunc, method)(*plain, out=tuple(_unwrap(o) for o in out), **options)
            return out[0]
        else:
            result = getattr(ufunc, method)(*plain, **_with_complex_dtype(options))
        if out is None:
            return self._wrap(result)
        np.copyto(_unwrap(out[0]), result)
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        special = _FUNCTIONS.get(function)
        if special is not None:
            return self._wrap(special(*args, **options))
        return self._wrap(super().__array_function__(function, types, args, _with_complex_dtype(options)))

    def __getitem__(self, key: Any) -> Any:
        return self._wrap(_unwrap(self)[_real(key) if isinstance(key, ComplexStepArray) else key])

    @classmethod
    def _wrap(cls, result: Any) -> Any:
        if isinstance(result, tuple):
            fields = [cls._wrap(one) for one in result]
            return type(result)(*fields) if hasattr(result, "_fields") else tuple(fields)
        if isinstance(result, list):
            return [cls._wrap(one) for one in result]
        if isinstance(result, (np.ndarray, np.generic)) and result.dtype.kind == "c":
            return np.asarray(result).view(cls)
        return result

    def _refuse(self) -> Any:
        raise TypeError("an infinitesimal part would be lost")

    __complex__ = __float__ = __int__ = _refuse

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Convert to another dtype; conversions between floats keep the step."""
        return self.copy() if np.dtype(dtype).kind in "fc" else _real(self).astype(dtype)

    def conj(self) -> Any:
        """Return the array itself, since the represented numbers are real."""
        return self

    conjugate = conj

    def var(self, *args: Any, **options: Any) -> Any:
        """Return the variance."""
        return np.var(self, *args, **options)

    def std(self, *args: Any, **options: Any) -> Any:
        """Return the standard deviation."""
        return np.std(self, *args, **options)


class FloatLookalike(ComplexStepArray):
    """The same array with a reported dtype of float64, for functions that require a float dtype."""

    @property
    def dtype(self) -> Any:
        """Double precision, the dtype of the real part."""
        return np.dtype("float64")


def to_complex_step(value: Any, part: Any, kind: type[ComplexStepArray] = ComplexStepArray) -> ComplexStepArray:
    """Combine real numbers with a step for each."""
    return np.asarray(value + 1j * part).view(kind)


def _unwrap(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, ComplexStepArray) else value


def _with_complex_dtype(options: dict[str, Any]) -> dict[str, Any]:
    """Replace a float dtype, which would lose the imaginary part, by a complex one."""
    dtype = options.get("dtype")
    return {**options, "dtype": complex} if dtype is not None and np.dtype(dtype).kind == "f" else options


def _real(value: Any) -> Any:
    return np.real(_unwrap(value))


# -- functions of numbers


def _on_real_parts(ufunc: Any) -> Callable[..., Any]:
    """Apply a comparison or a step function, whose derivative is zero, to the real parts."""
    return lambda *values: ufunc(*(_real(value) for value in values))


def _abs(x: Any) -> Any:
    return np.where(_real(x) < 0, -x, x)


def _maximum(x1: Any, x2: Any) -> Any:
    return np.where((_real(x1) >= _real(x2)) | np.isnan(_real(x1)), x1, x2)


def _minimum(x1: Any, x2: Any) -> Any:
    return -_maximum(-x1, -x2)


def _remainder_by(whole_times: Any) -> Callable[[Any, Any], Any]:
    return lambda x1, x2: x1 - whole_times(_real(x1) / _real(x2)) * x2


def _copysign(x1: Any, x2: Any) -> Any:
    return np.where(np.signbit(_real(x1)) == np.signbit(_real(x2)), x1, -x1)


def _hypot(x1: Any, x2: Any) -> Any:
    size = np.maximum(np.abs(_real(x1)), np.abs(_real(x2)))
    size = np.where(size == 0, 1.0, size)
    return size * np.sqrt((x1 / size) ** 2 + (x2 / size) ** 2)


def _arctan2(x1: Any, x2: Any) -> Any:
    y, x = _real(x1), _real(x2)
    return np.arctan2(y, x) + np.arctan((x1 * x - x2 * y) / (x1 * y + x2 * x))


def _cbrt(x: Any) -> Any:
    return np.where(_real(x) < 0, -1.0, 1.0) * _abs(x) ** (1 / 3)


def _logaddexp(x1: Any, x2: Any) -> Any:
    return _maximum(x1, x2) + np.log1p(np.exp(-_abs(x1 - x2)))


def _nextafter(x1: Any, x2: Any) -> Any:
    return np.nextafter(_real(x1), _real(x2)) + 1j * np.imag(x1)


_UFUNCS: dict[Any, Callable[..., Any]] = {
    np.absolute: _abs,
    np.fabs: _abs,
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.remainder: _remainder_by(np.floor),
    np.fmod: _remainder_by(np.trunc),
    np.copysign: _copysign,
    np.hypot: _hypot,
    np.arctan2: _arctan2,
    np.cbrt: _cbrt,
    np.logaddexp: _logaddexp,
    np.nextafter: _nextafter,
    np.conjugate: lambda x: x,
    np.vecdot: lambda x1, x2, axis=-1: np.sum(x1 * x2, axis=axis),
}
_UFUNCS |= {
    ufunc: _on_real_parts(ufunc)
    for ufunc in (
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.sign, np.floor, np.ceil,
        np.trunc, np.rint, np.floor_divide, np.signbit, np.isnan, np.isinf, np.isfinite, np.heaviside,
        np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    )
}  # fmt: skip
_SELECTING = {np.maximum: np.argmax, np.minimum: np.argmin}


def _select_along(ufunc: Any, x: Any, axis: Any = 0, *, keepdims: bool = False, **_: Any) -> Any:
    """Select the largest or smallest entry along axes, by the real part."""
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    moved = np.moveaxis(x, list(axes), range(-len(axes), 0))
    flat = moved.reshape((*moved.shape[: x.ndim - len(axes)], -1))
    chosen = np.expand_dims(_SELECTING[ufunc](flat.real, axis=-1), -1)
    found = np.take_along_axis(flat, chosen, axis=-1)[..., 0]
    return np.expand_dims(found, tuple(axes)) if keepdims else found


# -- functions of whole arrays


def _sort(x: Any, axis: int = -1, **options: Any) -> Any:
    return np.take_along_axis(_unwrap(x), np.argsort(_real(x), axis=axis, **options), axis=axis)


def _clip(x: Any, least: Any = None, most: Any = None, **_: Any) -> Any:
    x = x if least is None else np.maximum(x, least)
    return x if most is None else np.minimum(x, most)


def _var(x: Any, axis: Any = None, *, correction: float = 0, ddof: float = 0, keepdims: bool = False) -> Any:
    away = x - np.mean(x, axis=axis, keepdims=True)
    number = x.size / max(np.mean(x, axis=axis).size, 1)
    return np.sum(away * away, axis=axis, keepdims=keepdims) / (number - correction - ddof)


def _std(x: Any, **options: Any) -> Any:
    return np.sqrt(_var(x, **options))


def _slogdet(x: Any) -> Any:
    value = np.linalg.det(_unwrap(x))
    return _SlogdetResult(np.sign(_real(value)), np.log(_abs(value)))


_SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


def _cholesky(x: Any, *, upper: bool = False) -> Any:
    """Compute the factor of the real part and its derivative: ``dL = L Φ(L⁻¹ dX L⁻ᵀ)``, where Φ takes half of the
    diagonal and what is below it. Only the triangle that is returned is read."""
    if upper:
        return np.swapaxes(_cholesky(np.swapaxes(_unwrap(x), -1, -2)), -1, -2)
    factor, moves = np.linalg.cholesky(_real(x)), np.tril(np.imag(_unwrap(x)))
    diagonal = np.eye(factor.shape[-1])
    moves = moves + moves.mT - diagonal * moves
    inverse = np.linalg.inv(factor)
    part = np.tril(inverse @ moves @ inverse.mT)
    return factor + 1j * (factor @ (part - 0.5 * diagonal * part))


def _vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, **order: Any) -> Any:
    """Compute the p-norm of vectors."""
    p, size = order.get("ord", 2), np.abs(x)
    if abs(p) == np.inf:
        return (np.max if p > 0 else np.min)(size, axis=axis, keepdims=keepdims)
    return np.sum(size**p, axis=axis, keepdims=keepdims) ** (1 / p)


def _matrix_norm(x: Any, *, keepdims: bool = False, **order: Any) -> Any:
    """Compute the Frobenius norm; other matrix norms have no complex form here."""
    if order.get("ord", "fro") != "fro":
        raise TypeError(f"the norm of order {order['ord']} has no complex form")
    return _vector_norm(x, axis=(-2, -1), keepdims=keepdims)


def _norm(x: Any, *order: Any, axis: Any = None, keepdims: bool = False, **named: Any) -> Any:
    """Compute a vector or matrix norm, by the conventions of ``numpy.linalg.norm``."""
    (p,) = order or (named.get("ord"),)
    matrix = x.ndim == 2 if axis is None else isinstance(axis, tuple)
    if p not in {None, "fro"} and matrix:
        raise TypeError(f"the norm of order {p} has no complex form")
    return _vector_norm(x, ord=2 if p in {None, "fro"} else p, axis=axis, keepdims=keepdims)


def _on_real_arguments(function: Any) -> Callable[..., Any]:
    return lambda *args, **options: function(
        *(_real(a) if isinstance(a, ComplexStepArray) else a for a in args), **options
    )


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sort: _sort,
    np.clip: _clip,
    np.var: _var,
    np.std: _std,
    np.real: lambda x: x,
    np.vdot: lambda x1, x2: np.sum(x1 * x2),
    np.linalg.cholesky: _cholesky,
    np.linalg.norm: _norm,
    np.linalg.vecdot: lambda x1, x2, axis=-1: np.sum(x1 * x2, axis=axis),
    np.linalg.vector_norm: _vector_norm,
    np.linalg.matrix_norm: _matrix_norm,
    np.linalg.slogdet: _slogdet,
}
_FUNCTIONS |= {f: _on_real_arguments(f) for f in (np.argsort, np.argmax, np.argmin, np.searchsorted, np.round)}
