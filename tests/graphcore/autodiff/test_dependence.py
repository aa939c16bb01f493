"""Zero times infinity: structural zeros stay 0, and any other zero gives the limit or NaN, in every way of running."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

NAN = math.nan
A = np.array

#: function, point, and its gradient there: the true limit, or NaN
ACCIDENTAL = {
    "exp(log(x))": (lambda x: np.exp(np.log(x)), 0.0, 1.0),
    "sqrt(x)**2": (lambda x: np.sqrt(x) ** 2, 0.0, 1.0),
    "cbrt(x)**3": (lambda x: np.cbrt(x) ** 3, 0.0, 1.0),
    "cos(sqrt(x))": (lambda x: np.cos(np.sqrt(x)), 0.0, -0.5),
    "arccos(x)**2": (lambda x: np.arccos(x) ** 2, 1.0, -2.0),
    "logsumexp(log(p))": (lambda p: ops.logsumexp(np.log(p)), A([0.0, 0.5, 0.5]), A([1.0, 1.0, 1.0])),
    "x * x of a root": (lambda x: np.sqrt(x) * np.sqrt(x), 0.0, 1.0),
}

#: function, point, and its gradient there, in which every zero is structural
STRUCTURAL = {
    "where": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
    "where beside NaN": (lambda x: np.where(x > 0, np.log(x), 0.0), -1.0, 0.0),
    "a factor of 0": (lambda x: 0.0 * np.sqrt(x), 0.0, 0.0),
    "a masked sum": (lambda x: np.sum(np.sqrt(x) * A([0.0, 1.0])), A([0.0, 4.0]), A([0.0, 0.25])),
    "a mask that is broadcast": (
        lambda x: np.sum(np.stack([np.sqrt(x), x]) * A([[0.0], [1.0]])),
        A([0.0, 4.0]),
        A([1.0, 1.0]),
    ),
    "relu": (lambda x: ops.relu(np.sqrt(x) - 1.0), 0.0, 0.0),
    "max": (lambda x: np.max(np.sqrt(x)), A([0.0, 4.0]), A([0.0, 0.25])),
    "maximum": (lambda x: np.maximum(np.sqrt(x), 1.0), 0.0, 0.0),
    "clip": (lambda x: np.clip(np.sqrt(x), 1.0, 2.0), 0.0, 0.0),
    "an index": (lambda x: np.sqrt(x)[1], A([0.0, 4.0]), A([0.0, 0.25])),
    "a sorted entry": (lambda x: np.sort(np.sqrt(x))[1], A([0.0, 4.0]), A([0.0, 0.25])),
    "a stack": (lambda x: np.sum(np.stack([np.sqrt(x[0]), x[1]])[1:]), A([0.0, 4.0]), A([0.0, 1.0])),
    "a mean of a reshaped choice": (
        lambda x: np.mean(np.reshape(np.where(A([[True, False]]), np.log(x), 0.0), (2, 1))),
        A([[1.0, 0.0]]),
        A([[0.5, 0.0]]),
    ),
    "a masked softmax": (
        lambda x: ops.softmax(np.where(A([True, False, True]), np.log(x), -np.inf))[0],
        A([1.0, 0.0, 3.0]),
        A([0.1875, 0.0, -0.0625]),
    ),
    "a masked log_softmax": (
        lambda x: ops.log_softmax(np.where(A([True, False, True]), np.log(x), -np.inf))[0],
        A([1.0, 0.0, 3.0]),
        A([0.75, 0.0, -0.25]),
    ),
    "a safe division": (
        lambda x: np.sum(np.where(np.equal(x, 0), 0.0, 1 / np.where(np.equal(x, 0), 1.0, x))),
        A([0.0, 2.0]),
        A([0.0, -0.25]),
    ),
    "distances": (
        lambda x: np.sum(np.where(np.eye(3) > 0, 0.0, np.sqrt((x[:, None] - x[None, :]) ** 2))),
        A([0.0, 1.0, 3.0]),
        A([-4.0, 0.0, 4.0]),
    ),
}

#: function, point, and its Hessian there: the true one, or NaN
SECOND = {
    "norm(x)**2": (lambda x: np.linalg.norm(x) ** 2, A([0.0, 0.0]), 2 * np.eye(2)),
    "abs(x)**2": (lambda x: np.abs(x) ** 2, 0.0, 2.0),
    "absolute_error(x)**2": (lambda x: ops.absolute_error(x, 1.0) ** 2, 1.0, 2.0),
    "std(x)**2": (lambda x: np.std(x) ** 2, A([1.0, 1.0]), A([[0.5, -0.5], [-0.5, 0.5]])),
    "hypot(x, y)**2": (lambda x: np.hypot(x[0], x[1]) ** 2, A([0.0, 0.0]), 2 * np.eye(2)),
    "a norm per row": (lambda x: np.sum(np.linalg.norm(x[None, :], axis=1) ** 2), A([0.0, 0.0]), 2 * np.eye(2)),
}

#: functions whose second derivatives are finite, though a factor, or the choice of a branch, is 0
FINITE_SECOND = {
    "w · sqrt(x) at w = 0": (lambda v: v[0] * np.sqrt(v[1]), A([0.0, 4.0]), A([[0.0, 0.25], [0.25, 0.0]])),
    "w · exp(x) at w = 0": (lambda v: v[0] * np.exp(v[1]), A([0.0, 0.0]), A([[0.0, 1.0], [1.0, 0.0]])),
    "where": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
    "where beside NaN": (lambda x: np.where(x > 0, np.log(x), 0.0), -1.0, 0.0),
    "relu(x)**2": (lambda x: ops.relu(x) ** 2, -1.0, 0.0),
}

RUNS = {
    "interpreted": lambda transform, f, x: transform(f)(x),
    "compiled": lambda transform, f, x: gc.compile(transform(f), backend="numpy")(x),
}


def is_right_or_nan(found, expected):
    found = np.asarray(found)
    return np.all(np.isnan(found) | np.isclose(found, expected, rtol=1e-12, atol=0))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
class TestTables:
    @pytest.mark.parametrize("name", ACCIDENTAL)
    def test_a_zero_that_happens_gives_the_limit_or_nan(self, name, run):
        f, x, expected = ACCIDENTAL[name]
        assert is_right_or_nan(run(gc.grad, f, x), expected)

    @pytest.mark.parametrize("name", STRUCTURAL)
    def test_a_structural_zero_stays_zero(self, name, run):
        f, x, expected = STRUCTURAL[name]
        np.testing.assert_allclose(run(gc.grad, f, x), expected, rtol=1e-12)

    @pytest.mark.parametrize("name", SECOND)
    def test_second_derivatives_where_a_policy_chose_the_first(self, name, run):
        f, x, expected = SECOND[name]
        assert is_right_or_nan(run(gc.hessian, f, x), expected)

    @pytest.mark.parametrize("name", FINITE_SECOND)
    def test_a_mask_hides_no_second_derivative(self, name, run):
        f, x, expected = FINITE_SECOND[name]
        np.testing.assert_allclose(run(gc.hessian, f, x), expected, rtol=1e-12)


def test_numba_agrees():
    """All functions of the tables in one program, as each takes seconds to compile."""
    table = {**ACCIDENTAL, **STRUCTURAL}
    functions = [gc.grad(f) for f, _, _ in table.values()]
    points = [x for _, x, _ in table.values()]

    def together(*xs):
        return [f(x) for f, x in zip(functions, xs, strict=True)]

    for name, one, other in zip(table, gc.compile(together, backend="numba")(*points), together(*points), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
@pytest.mark.parametrize("name", [name for name in STRUCTURAL if not name.startswith("a mask")])
def test_arrays_of_other_libraries(name, library):
    xp = pytest.importorskip(library)
    f, x, expected = STRUCTURAL[name]
    found = gc.grad(f)(xp.asarray(x, dtype=xp.float32))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-5)


@pytest.mark.parametrize("table", [ACCIDENTAL, STRUCTURAL], ids=["accidental", "structural"])
def test_a_run_that_keeps_little_finds_the_same(table):
    for name, (f, x, _) in table.items():
        w = gc.Graph().parameter("w", x)
        cost = f(w)
        np.testing.assert_array_equal(gc.backprop(cost, keep=[]).grad[w], gc.backprop(cost).grad[w], err_msg=name)


def test_an_operation_without_rules_of_its_own():
    @gc.op(name="root_without_rules", elementwise=True)
    def root(x, *, xp):
        return xp.sqrt(x)

    assert np.isnan(gc.grad(lambda x: root(x) ** 2)(0.0))
    assert gc.grad(lambda x: np.where(x > 0, root(x), 0.0))(0.0) == 0


@pytest.mark.parametrize("lengths", [(1, 3), (3, 3), (3, 1)])
def test_a_mask_of_lengths_that_only_a_run_shows(lengths):
    """A length of 1 is repeated: the entry counts where one of its copies does."""
    g = gc.Graph()
    x, y = g.input("x", (None,)), g.input("y", (None,))
    cost = ops.sum(ops.log(x) * y, name="C")
    slope = gc.derivative(cost, x)
    for factor in (0.0, 1.0):
        at, side = np.full(lengths[0], 2.0 * factor), np.full(lengths[1], factor)
        expected = np.full(lengths[0], factor * 0.5 * max(lengths) / lengths[0])
        for found in (
            gc.backprop(cost, {x: at, y: side}).grad[x],
            gc.evaluate(slope, {x: at, y: side}),
            gc.compile(slope, [], backend="numpy")({x: at, y: side}),
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_rules_are_bound_to_does_not_grow_with_runs():
    torch = pytest.importorskip("torch")
    x = gc.Graph().input("x", (2,), "float32")
    cost = ops.sum(ops.exp(x))
    for _ in range(3):
        assert gc.backprop(cost, {x: torch.ones(2)}).grad[x].shape == (2,)
        kept = len(ops.exp.rules["x"].bound)
    for _ in range(5):
        _ = gc.backprop(cost, {x: torch.ones(2)}).edges
    assert len(ops.exp.rules["x"].bound) == kept


def test_sensitivities_and_tangents_of_zero_are_structural():
    x = A([0.0, 4.0])
    np.testing.assert_array_equal(gc.jacobian(np.sqrt)(x), [[np.inf, 0.0], [0.0, 0.25]])
    np.testing.assert_array_equal(gc.vjp(np.sqrt, x)[1](A([0.0, 1.0]))[0], [0.0, 0.25])
    np.testing.assert_array_equal(gc.jvp(np.sqrt, (x,), (A([0.0, 1.0]),))[1], [0.0, 0.25])


#: inner functions with an infinite slope: of numpy and of mpmath, the point, the side of the domain, the value
INNER = {
    "sqrt": (np.sqrt, mpmath.sqrt, 0.0, 1),
    "cbrt": (np.cbrt, mpmath.cbrt, 0.0, 1),
    "arccos": (np.arccos, mpmath.acos, 1.0, -1),
    "arccosh": (np.arccosh, mpmath.acosh, 1.0, 1),
    "x**0.25": (lambda x: x**0.25, lambda x: x ** mpmath.mpf("0.25"), 0.0, 1),
    "sqrt(1 - x)": (lambda x: np.sqrt(1 - x), lambda x: mpmath.sqrt(1 - x), 1.0, -1),
}
#: outer functions, of numpy and of mpmath: all of these inner ones are 0 at their point
OUTER = {
    "u²": (lambda u: u**2, lambda u: u**2),
    "u⁴": (lambda u: u**4, lambda u: u**4),
    "cos": (np.cos, mpmath.cos),
    "cosh": (np.cosh, mpmath.cosh),
    "sin": (np.sin, mpmath.sin),
    "exp": (np.exp, mpmath.exp),
    "u · |u|": (lambda u: u * np.abs(u), lambda u: u * abs(u)),
    "u · sin u": (lambda u: u * np.sin(u), lambda u: u * mpmath.sin(u)),
    "exp(-u²)": (lambda u: np.exp(-u * u), lambda u: mpmath.exp(-u * u)),
    "u² with structural zeros beside": (
        lambda u: np.sum(np.where(A([True, True]), u, np.log(u)) ** 2),
        lambda u: 2 * u**2,
    ),
}


def limit_of_slope(f, point, side):
    """Return the one-sided limit of f′ by mpmath, infinite if it grows without bound."""
    with mpmath.workdps(60):
        near, nearer = (mpmath.diff(f, point + side * mpmath.mpf(10) ** -k, h=mpmath.mpf(10) ** -50) for k in (16, 24))
    if abs(nearer) > 10 * abs(near) > 1e-3:
        return math.copysign(math.inf, nearer)
    return 0.0 if abs(nearer) < abs(near) / 3 else float(nearer)


@given(st.sampled_from(sorted(OUTER)), st.sampled_from(sorted(INNER)), st.sampled_from(sorted(RUNS)))
def test_a_composition_has_the_limit_of_its_slope_or_nan(outer, inner, run):
    (f, exact_f), (g, exact_g, point, side) = OUTER[outer], INNER[inner]
    found = RUNS[run](gc.grad, lambda x: f(g(x)), point)
    expected = limit_of_slope(lambda x: exact_f(exact_g(x)), point, side)
    assert math.isnan(found) or found == pytest.approx(expected, rel=1e-6), (outer, inner)


MOVES = {
    "reshape": lambda u: np.reshape(u, (-1, 2)),
    "transpose": np.transpose,
    "reverse": lambda u: u[..., ::-1],
    "stack": lambda u: np.stack([u, 2.0 * u]),
    "concatenate": lambda u: np.concatenate([u, u * 3.0], axis=-1),
    "sum of copies": lambda u: np.sum(np.broadcast_to(u, (3, *u.shape)), axis=0),
    "scale": lambda u: 0.5 * u + 1.0,
    "roll": lambda u: np.roll(u, 1),
    "expand": lambda u: u[None, ...],
    "sine": np.sin,
}


@given(
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.lists(st.sampled_from(sorted(MOVES)), max_size=4),
    st.sampled_from(sorted(RUNS)),
)
def test_structural_zeros_travel_outward(mask, moves, run):
    """Entries that are not chosen have the gradient 0, whatever happens to the chosen ones, which have that of log."""
    chosen = A(mask)
    x = np.where(chosen, A([1.0, 2.0, 3.0, 4.0]), A([0.0, -1.0, 0.0, np.inf]))

    def after(u):
        for move in moves:
            u = MOVES[move](u)
        return np.sum(u)

    found = RUNS[run](gc.grad, lambda x: after(np.where(chosen, np.log(x), 0.0)), x)
    safe = np.where(chosen, x, 1.0)
    expected = np.where(chosen, gc.grad(after)(np.where(chosen, np.log(safe), 0.0)) / safe, 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
