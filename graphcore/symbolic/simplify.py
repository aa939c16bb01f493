"""Simplification of formulas, for the reader only: no ``1 ·``, no double minus, no double transpose.

>>> import graphcore as gc, ops
>>> from graphcore.symbolic.formulas import formula_of
>>> x = gc.Graph().input("x")
>>> print(formula_of(1.0 * -(-x)), formula_of(x + 0.0), formula_of(3.0 * (1 / x)))
x x 3 / x

A derivative is also gathered, which what the user wrote is not:

>>> print(formula_of(x * x), gc.formula(x * x * x, x))
x · x ∂C/∂x = 3 · x²
"""

from __future__ import annotations

from collections.abc import Callable

from .expression import Expression
from .latex import LatexWriter


def _product(w: LatexWriter, a: Expression, b: Expression) -> Expression | None:
    if a.number == 1:
        return b
    if b.number == 1:
        return a
    if 0 in (a.number, b.number):
        return w.number(0.0)
    if b.number is not None:
        return w.apply("multiply", b, a)
    if a.number is not None and a.number < 0:
        return w.apply("negative", w.apply("multiply", w.number(-a.number), b))
    if a.op == "negative":
        return w.apply("negative", w.apply("multiply", a.args[0], b))
    often, what = _times(b)
    if a.number is not None and what is not b:
        return w.apply("multiply", w.number(a.number * often), what)
    if w.collect_terms and a.number is None and a.written.text == b.written.text:
        return w.apply("square", a)
    return _over(w, a, b) or _over(w, b, a)


def _over(w: LatexWriter, whole: Expression, part: Expression) -> Expression | None:
    """Return a product with ``1 / n`` as a quotient."""
    if part.op != "divide":
        return None
    above, below = part.args
    if above.number == 1:
        return w.apply("divide", whole, below)
    if w.collect_terms and whole.number is not None and above.number is not None:
        return w.apply("divide", w.number(whole.number * above.number), below)
    return None


def _times(part: Expression) -> tuple[float, Expression]:
    """Return a term of a sum: how often it is there, and what."""
    if part.op == "multiply" and part.args[0].number is not None:
        return part.args[0].number, part.args[1]
    return 1.0, part


def _sum(w: LatexWriter, a: Expression, b: Expression) -> Expression | None:
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    if b.op == "negative":
        return w.apply("subtract", a, b.args[0])
    if w.collect_terms and b.number is not None and b.number < 0:
        return w.apply("subtract", a, w.number(-b.number))
    (often, what), (again, other) = _times(a), _times(b)
    if w.collect_terms and what.number is None and what.written.text == other.written.text:
        return w.apply("multiply", w.number(often + again), what)
    return None


def _difference(w: LatexWriter, a: Expression, b: Expression) -> Expression | None:
    if b.number == 0:
        return a
    if a.number == 0:
        return w.apply("negative", b)
    return None


def _quotient(w: LatexWriter, a: Expression, b: Expression) -> Expression | None:
    if b.number == 1:
        return a
    if w.collect_terms and a.op == "negative":
        return w.apply("negative", w.apply("divide", a.args[0], b))
    if w.collect_terms and a.op == "divide":
        return w.apply("divide", a.args[0], w.apply("multiply", a.args[1], b))
    return None


def _power(w: LatexWriter, a: Expression, b: Expression) -> Expression | None:
    return a if b.number == 1 else w.number(1.0) if b.number == 0 else None


def _twice(name: str) -> Callable[[LatexWriter, Expression], Expression | None]:
    return lambda _, a: a.args[0] if a.op == name else None


def _choice(_: LatexWriter, condition: Expression, a: Expression, b: Expression) -> Expression | None:
    return None if condition.number is None else a if condition.number else b


def _log_of_one_more(w: LatexWriter, a: Expression) -> Expression | None:
    return w.apply("log", w.apply("subtract", w.number(1.0), a.args[0])) if a.op == "negative" else None


#: by the name of the operation: what people write instead, or ``None``
REWRITES: dict[str, Callable[..., Expression | None]] = {
    "multiply": _product,
    "chain": lambda w, sensitivity, local, _depends=None: _product(w, sensitivity, local),
    "safe_multiply": _product,
    "add": _sum,
    "subtract": _difference,
    "divide": _quotient,
    "pow": _power,
    "where": _choice,
    "zeros_like": lambda w, _: w.number(0.0),
    "ones_like": lambda w, _: w.number(1.0),
    "log1p": _log_of_one_more,
    "negative": _twice("negative"),
    "matrix_transpose": _twice("matrix_transpose"),
}
