"""What is tidied up in a formula, for the reader only: no ``1 ·``, no double minus, no double transpose.

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
from .latex import Writer


def _product(w: Writer, a: Expression, b: Expression) -> Expression | None:
    if a.number == 1:
        return b
    if b.number == 1:
        return a
    if 0 in (a.number, b.number):
        return w.number(0.0)
    if b.number is not None:
        return w.again("multiply", b, a)
    if a.number is not None and a.number < 0:
        return w.again("negative", w.again("multiply", w.number(-a.number), b))
    if a.op == "negative":
        return w.again("negative", w.again("multiply", a.args[0], b))
    often, what = _times(b)
    if a.number is not None and what is not b:
        return w.again("multiply", w.number(a.number * often), what)
    if w.gathers and a.number is None and a.written.text == b.written.text:
        return w.again("square", a)
    return _over(w, a, b) or _over(w, b, a)


def _over(w: Writer, whole: Expression, part: Expression) -> Expression | None:
    """A product with ``1 / n`` as a quotient."""
    if part.op != "divide":
        return None
    above, below = part.args
    if above.number == 1:
        return w.again("divide", whole, below)
    if w.gathers and whole.number is not None and above.number is not None:
        return w.again("divide", w.number(whole.number * above.number), below)
    return None


def _times(part: Expression) -> tuple[float, Expression]:
    """A term of a sum: how often it is there, and what."""
    if part.op == "multiply" and part.args[0].number is not None:
        return part.args[0].number, part.args[1]
    return 1.0, part


def _sum(w: Writer, a: Expression, b: Expression) -> Expression | None:
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    if b.op == "negative":
        return w.again("subtract", a, b.args[0])
    if w.gathers and b.number is not None and b.number < 0:
        return w.again("subtract", a, w.number(-b.number))
    (often, what), (again, other) = _times(a), _times(b)
    if w.gathers and what.number is None and what.written.text == other.written.text:
        return w.again("multiply", w.number(often + again), what)
    return None


def _difference(w: Writer, a: Expression, b: Expression) -> Expression | None:
    if b.number == 0:
        return a
    if a.number == 0:
        return w.again("negative", b)
    return None


def _quotient(w: Writer, a: Expression, b: Expression) -> Expression | None:
    if b.number == 1:
        return a
    if w.gathers and a.op == "negative":
        return w.again("negative", w.again("divide", a.args[0], b))
    if w.gathers and a.op == "divide":
        return w.again("divide", a.args[0], w.again("multiply", a.args[1], b))
    return None


def _power(w: Writer, a: Expression, b: Expression) -> Expression | None:
    return a if b.number == 1 else w.number(1.0) if b.number == 0 else None


def _twice(name: str) -> Callable[[Writer, Expression], Expression | None]:
    return lambda _, a: a.args[0] if a.op == name else None


def _choice(_: Writer, condition: Expression, a: Expression, b: Expression) -> Expression | None:
    return None if condition.number is None else a if condition.number else b


def _log_of_one_more(w: Writer, a: Expression) -> Expression | None:
    return w.again("log", w.again("subtract", w.number(1.0), a.args[0])) if a.op == "negative" else None


#: by the name of the operation: what people write instead, or ``None``
REWRITES: dict[str, Callable[..., Expression | None]] = {
    "multiply": _product,
    "chain": _product,
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
