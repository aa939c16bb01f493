"""numpy's functions on nodes: what numpy computes, with the gradient that differences have, by position and by name."""

import warnings

import numpy as np
import pytest

import graphcore as gc
import ops

A = np.array([[0.53, -1.48, 2.07], [3.11, 0.26, -0.74]])
B = np.array([[1.49, 0.57, -1.08], [2.02, -0.46, 0.78]])
W = np.array([0.2, 0.5, 0.3])

FAMILIES = {
    "clip": [
        lambda a, b: np.clip(a, -1.0, 1.0),
        lambda a, b: np.clip(a, None, b),
        lambda a, b: np.clip(a, a_min=b, a_max=2.5),
        lambda a, b: np.clip(a, max=1.0),
        lambda a, b: a.clip(-1.0, 1.0) + a.clip(min=0.3),
    ],
    "totals": [
        lambda a, b: np.cumsum(a) * np.cumprod(b),
        lambda a, b: np.cumsum(a, 1) * np.cumprod(b, axis=0),
        lambda a, b: a.cumsum(axis=0) * b.cumprod().reshape(2, 3),
        lambda a, b: np.cumulative_sum(a, axis=1, include_initial=True),
        lambda a, b: np.cumulative_prod(b, axis=-1),
        lambda a, b: np.prod(a, axis=1) + b.prod(),
        lambda a, b: np.add.reduce(a) + np.multiply.reduce(b, axis=0) + np.maximum.reduce(a) + np.minimum.reduce(b),
        lambda a, b: np.add.reduce(a, axis=1, keepdims=True) * np.add.accumulate(b, 1),
        lambda a, b: np.diff(a) * np.diff(b, axis=1),
        lambda a, b: np.diff(a, n=2, axis=-1, prepend=0.0),
        lambda a, b: np.diff(a, 1, 0, append=b),
    ],
    "reductions": [
        lambda a, b: np.sum(a, 0) + np.sum(b, axis=0, keepdims=True),
        lambda a, b: np.amax(a, 1) + np.max(b, axis=1) + np.amin(a, 1) + np.min(b, 1),
        lambda a, b: np.std(a, 1) + np.var(b, axis=1, ddof=1),
        lambda a, b: a.std(axis=0, ddof=1) + b.var(),
        lambda a, b: np.std(a, keepdims=True) + np.var(b, correction=1),
        lambda a, b: np.ptp(a, axis=0) + np.ptp(b),
        lambda a, b: np.mean(a, axis=(0, 1)) + b.min(axis=1),
        lambda a, b: np.average(a, axis=1, weights=W) + np.average(b),
        lambda a, b: np.average(a, weights=b * b),
        lambda a, b: np.average(a, 0, weights=[1.0, 3.0], keepdims=True),
        lambda a, b: np.median(a, axis=0) + np.median(b),
        lambda a, b: np.median(a, 1, keepdims=True),
    ],
    "order": [
        lambda a, b: np.sort(a) * b,
        lambda a, b: np.sort(a, axis=0) * np.sort(b, axis=None)[:3],
        lambda a, b: np.take_along_axis(b, np.argsort(a, axis=1), axis=1),
        lambda a, b: (a * b).ravel()[a.argsort(axis=None)],
        lambda a, b: np.take(a, [0, 0, 5]) * b[0],
        lambda a, b: np.take(a, np.array([[1, 1], [0, 2]]), axis=1),
        lambda a, b: a.take([2, -1], axis=1) + np.take(b, 1, axis=0)[:2],
        lambda a, b: np.take_along_axis(a, np.argmax(b, axis=1, keepdims=True), 1),
        lambda a, b: a[np.argmin(b, axis=0), [0, 1, 2]] + a[a.argmin(axis=0), 0] * b.max(),
        lambda a, b: np.searchsorted(np.array([-1.0, 0.0, 1.0]), a, side="right") * b,
    ],
    "joins": [
        lambda a, b: np.stack([a, b]) + np.stack((a, b), axis=-1).reshape(2, 2, 3),
        lambda a, b: np.vstack([a, b[0]]) + np.vstack([b, a[1]]),
        lambda a, b: np.hstack([a, b]) + np.hstack([a[0], b[1]]),
        lambda a, b: np.dstack([a, b]),
        lambda a, b: np.column_stack([a, b[:, 0]]),
        lambda a, b: np.concatenate([a, B], axis=None) + np.append(a, b),
        lambda a, b: np.split(a, 3, axis=1)[1] * np.split(b, [1], 0)[1][:, :1],
        lambda a, b: np.array_split(a, 2, axis=1)[0] + np.hsplit(b, [2])[0] + np.vsplit(b, 2)[0][:, :2],
        lambda a, b: np.dsplit(a[None], 3)[2] * np.hsplit(a[0], 3)[1],
        lambda a, b: np.pad(a, 1) + np.pad(b, ((1, 1), (1, 1)), constant_values=2.0),
    ],
    "arrangements": [
        lambda a, b: np.roll(a, 1) + np.roll(b, -1, axis=1),
        lambda a, b: np.roll(a, (1, 2), axis=(0, 1)) + np.roll(b, 1, axis=(0, 1)),
        lambda a, b: np.flip(a) + np.flip(b, 1) + np.fliplr(a) + np.flipud(b),
        lambda a, b: np.rot90(a) + np.rot90(b, 3),
        lambda a, b: np.tile(a, 2) + np.tile(b, (1, 2)),
        lambda a, b: np.tile(a[0], (2, 2)),
        lambda a, b: np.repeat(a, 2, axis=1) + np.repeat(b, [1, 2, 3], axis=1),
        lambda a, b: np.repeat(a, 2) + b.repeat(2),
        lambda a, b: np.moveaxis(a[None], 0, -1) * np.moveaxis(b[:, None], [0, 1], [1, 0])[0][:, :, None],
        lambda a, b: np.swapaxes(a, 0, 1) + b.swapaxes(0, -1),
        lambda a, b: np.rollaxis(a[None], 2) + np.rollaxis(b[:, :, None], 1, 0).reshape(3, 1, 2),
        lambda a, b: np.atleast_1d(a[0, 0]) + np.atleast_2d(b[0]) + np.atleast_3d(a[0]),
        lambda a, b: np.expand_dims(a, (0, -1)) + np.expand_dims(b, 0)[..., None],
        lambda a, b: np.broadcast_to(a[0], (4, 3)) + np.broadcast_arrays(a[:1], b)[0][1],
        lambda a, b: np.meshgrid(a[0], b[1])[0] * np.meshgrid(a[0], b[1], indexing="ij")[1],
        lambda a, b: np.ravel(a) + b.flatten() + np.reshape(a, -1) + np.copy(b).ravel(),
        lambda a, b: np.permute_dims(a, (1, 0)) + np.matrix_transpose(b),
    ],
    "likes": [
        lambda a, b: a * np.full_like(b, 0.5) + np.zeros_like(a) + np.ones_like(b) + np.empty_like(a) * 0.0,
        lambda a, b: np.select([A > 1, A > 0], [a, b * b], default=-1.0),
        lambda a, b: np.where(np.isclose(a, 0.3, atol=0.1), a * a, b),
        lambda a, b: np.where(np.all(a > -2) & np.any(b > 1, axis=0), a, b) * np.count_nonzero(a),
    ],
    "entry by entry": [
        lambda a, b: np.logaddexp(a, b) + np.logaddexp2(a, b),
        lambda a, b: np.sinc(a) + np.deg2rad(b) + np.radians(b),
        lambda a, b: np.degrees(a) + np.rad2deg(b),
        lambda a, b: np.fabs(a) + np.exp2(b) + np.cbrt(a) + np.float_power(np.fabs(b), 1.5),
        lambda a, b: np.rint(a) * b + np.trunc(b) * a + np.round(a, 1) * b + a.round() * b + np.around(b, 1) * a,
        lambda a, b: np.mod(a, b) + np.fmod(a, b) + np.remainder(b, a),
        lambda a, b: np.divmod(a, b)[0] * a + np.divmod(a, b)[1],
        lambda a, b: np.heaviside(a, 0.5) * b + np.copysign(a, b) + np.positive(a) + np.square(b) + np.reciprocal(a),
        lambda a, b: np.where(np.signbit(a) | np.logical_xor(a > 0, b > 0), a, np.nan_to_num(b)),
        lambda a, b: np.real(a) + np.conjugate(b) + np.expm1(a) + np.log1p(np.abs(b)) + np.arctan2(a, b),
        lambda a, b: np.fmod(a, 0.7) + np.hypot(a, b) + np.power(2.0, b),
    ],
}  # fmt: skip
CASES = [pytest.param(f, id=f"{family}-{i}") for family, fs in FAMILIES.items() for i, f in enumerate(fs)]


@pytest.mark.parametrize("f", CASES)
def test_it_is_what_numpy_computes_and_its_gradient_what_differences_measure(f, differences, agree):
    g = gc.Graph()
    a, b = g.input("a", A.shape), g.input("b", B.shape)
    node, expected = f(a, b), f(A, B)
    weights = np.cos(np.arange(expected.size)).reshape(expected.shape)
    cost = ops.sum(node * weights) + 0.0 * (a[0, 0] + b[0, 0])  # so that it depends on both
    run = gc.backprop(cost, {a: A, b: B})
    assert node.shape == expected.shape
    assert node.dtype == expected.dtype
    np.testing.assert_allclose(run.value[node], expected, rtol=1e-13, atol=1e-14)
    agree(run.grad[a], differences(lambda x: np.sum(f(x, B) * weights), A))
    agree(run.grad[b], differences(lambda x: np.sum(f(A, x) * weights), B))


@pytest.mark.parametrize("f", CASES)
def test_it_is_differentiated_as_a_plain_function(f):
    """Through `gc.grad`, where the same program runs on arrays and on nodes."""
    gradient = gc.grad(lambda a: np.sum(np.sin(f(a, B))))(A)
    assert gradient.shape == A.shape
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda a: np.exp(a, where=A > 0), "np.exp with where= is not available"),
        (lambda a: np.add(a, a, out=np.zeros_like(A)), r"expected arrays, got a node, .*; write np\.add\(a, a\)"),
        (lambda a: np.sum(a, where=A > 0), "np.sum with where= is not available"),
        (lambda a: np.sum(a, out=np.zeros(())), "np.sum with out= is not available"),
        (lambda a: np.cumsum(a, out=np.zeros(6)), "np.cumsum with out= is not available"),
        (lambda a: np.clip(a, 0, 1, casting="unsafe"), "np.clip with casting= is not available"),
        (lambda a: np.average(a, returned=True), "np.average with returned= is not available"),
        (lambda a: np.sort(a, order="f"), "np.sort with order= is not available"),
        (lambda a: np.add.reduce(a, where=A > 0), "np.add.reduce with where= is not available"),
        (np.subtract.reduce, "np.subtract.reduce is not available"),
        (lambda a: np.multiply.outer(a, a), "np.multiply.outer is not available"),
        (lambda a: np.fmax(a, 0.0), "passes over NaN"),
        (lambda a: np.fmin(a, 0.0), "np.minimum"),
        (np.nonzero, "how many there are"),
        (lambda a: np.where(a > 0), "three arguments"),
        (np.unique, "np.unique has no operation for nodes"),
        (lambda a: np.reshape(a, 6, order="F"), "row order"),
        (lambda a: np.split(a, 2, axis=1), "cannot be split evenly"),
        (lambda a: np.repeat(a, np.zeros(5, int), axis=1), "one for each of the 3"),
        (lambda a: np.average(a, weights=W), "say along which axis"),
        (lambda a: np.dot(a, a[None]), "has 3 entries, and axis -2 of the second 2"),
        (lambda a: np.pad(a, 1, mode="edge"), "mode='constant'"),
        (lambda a: np.swapaxes(a, 0, 2), "no axes 0 and 2 among 2"),
    ],
)
def test_what_is_not_there_is_refused_by_name(use, said):
    a = gc.Graph().input("a", A.shape)
    with pytest.raises(gc.errors.GraphcoreError, match=said):
        use(a)


@pytest.mark.parametrize("use", [lambda a: np.expand_dims(a, (0, 9)), lambda a: np.rollaxis(a, 2),
                                 lambda a: np.rollaxis(a, 0, 3), lambda a: np.expand_dims(a, 3)])  # fmt: skip
def test_an_axis_that_is_not_there_is_refused_as_numpy_refuses_it(use):
    for array in (A, gc.Graph().input("a", A.shape)):
        with pytest.raises(np.exceptions.AxisError):
            use(array)


@pytest.mark.parametrize("start", [-3, -2, -1, 0, 1, 2, 3])
@pytest.mark.parametrize("axis", [-3, -1, 0, 1, 2])
def test_rollaxis_in_all_its_ways(axis, start):
    array = np.zeros((2, 3, 4))
    assert np.rollaxis(gc.Graph().input("a", (2, 3, 4)), axis, start).shape == np.rollaxis(array, axis, start).shape


def test_questions_about_a_node_are_answered_at_once():
    x = gc.Graph().input("x", (2, 3), "float32")
    assert (np.shape(x), np.ndim(x), np.size(x), np.size(x, 1)) == ((2, 3), 2, 6, 3)
    assert np.result_type(x, np.float64) == np.float64
    assert np.result_type(x, 1.0) == np.float32


def test_the_median_of_nan_is_nan():
    g = gc.Graph()
    x = g.parameter("x", [[1.0, np.nan, 3.0], [1.0, 2.0, 5.0]])
    np.testing.assert_array_equal(gc.evaluate(np.median(x, axis=1)), [np.nan, 2.0])


def test_nan_to_num_has_the_gradient_of_what_it_says():
    g = gc.Graph()
    x = g.parameter("x", [np.nan, np.inf, -np.inf, 2.0])
    run = gc.backprop(ops.sum(np.nan_to_num(x, posinf=7.0) * 3.0))
    assert run.cost < -1e308
    np.testing.assert_array_equal(run.grad[x], [0.0, 0.0, 0.0, 3.0])


def test_float32_stays_float32():
    low = gc.Graph().input("low", A.shape, "float32")
    doubles = {"entry by entry-2"}  # np.float_power is in double precision by its name
    for case in CASES:
        node = case.values[0](low, low * 2)
        with warnings.catch_warnings():
            expected = case.values[0](A.astype("float32"), A.astype("float32") * 2)
        if case.id not in doubles:
            assert node.dtype == expected.dtype or node.dtype == "float32", case.id
