"""What once gave a wrong number without a word: each is right now, against numpy, or refused by name."""

import math

import numpy as np
import pytest

import graphcore as gc
import ops

U8 = np.array([1, 2], np.uint8)


def test_nodes_that_stand_for_arrays_are_compared_entry_by_entry():
    x, y = np.array([1.0, 2.0]), np.array([1.0, 5.0])
    value, (by_x, by_y) = gc.value_and_grad(lambda x, y: np.sum(np.where(x == y, 3 * x, y)), (0, 1))(x, y)
    assert (value, by_x.tolist(), by_y.tolist()) == (8.0, [3.0, 0.0], [0.0, 1.0])
    assert gc.grad(lambda x: np.sum((x == np.max(x)) * x))(y).tolist() == [0.0, 1.0]
    assert gc.grad(lambda x: np.sum(np.where(x != x[::-1], x, 0.0)))(np.array([1.0, 3.0, 2.0])).tolist() == [
        1.0,
        0.0,
        1.0,
    ]
    node = gc.Graph().input("x")
    assert node == node
    assert node != node.graph.input("y")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (ops.sigmoid, 1 / (1 + np.exp([-1.0, -2.0]))),
        (ops.softmax, np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()),
        (ops.logsumexp, np.log(np.exp([1.0, 2.0]).sum())),
        (ops.softplus, np.log1p(np.exp([1.0, 2.0]))),
        (ops.logsigmoid, -np.log1p(np.exp([-1.0, -2.0]))),
        (lambda u: ops.absolute_error(u, u[::-1].copy()), 2.0),
        (lambda u: ops.squared_error(u * 100, u[::-1].copy() * 100), 20000.0),
        (lambda u: ops.huber(u, u[::-1].copy()), 1.0),
        (ops.softsign, [0.5, 2 / 3]),
    ],
)
def test_small_whole_numbers_do_not_wrap_around(operation, expected):
    np.testing.assert_allclose(operation(U8), expected, rtol=1e-12)
    node = gc.Graph().input("u", (2,), "uint8")
    if isinstance(operation, gc.Op):
        np.testing.assert_allclose(gc.evaluate(operation(node), {node: U8}), expected, rtol=1e-12)


def test_dots_between_places_put_what_they_find_first():
    x = np.arange(8.0).reshape(2, 2, 2)
    for key in ((slice(None), [1, 0], ..., 1), (0, ..., [1, 0]), ([0, 1], ..., [1, 0]), (..., [0, 1], [1, 0])):
        np.testing.assert_array_equal(gc.trace(lambda z, key=key: z[key], x)(x), x[key])
        seed = np.cos(np.arange(x[key].size)).reshape(x[key].shape)
        expected = np.zeros_like(x)
        np.add.at(expected, key, seed)
        np.testing.assert_array_equal(gc.vjp(lambda z, key=key: z[key], x)[1](seed)[0], expected)


@pytest.mark.parametrize("constant", [np.full(3, 0.1), np.full((7, 2), [[0.1, 0.7]]), np.full(49, 1 / 3)])
def test_the_spread_of_a_constant_has_no_slope(constant):
    assert not np.any(gc.grad(lambda x: np.sum(np.std(x, axis=0)))(constant))
    assert not np.any(ops.std(constant, axis=0))


def test_a_pullback_keeps_what_it_was_made_of():
    x = np.ones(2)
    _, pullback = gc.vjp(lambda z: np.sum(z**2), x)
    x[:] = 100.0
    assert pullback(1.0)[0].tolist() == [2.0, 2.0]


def test_dicts_are_matched_by_their_keys():
    def f(p):
        return p["a"] ** 2 + 100 * p["b"] ** 2

    p, other_order = {"a": 1.0, "b": 1.0}, {"b": 0.0, "a": 1.0}
    assert gc.jvp(f, (p,), (other_order,))[1] == 2.0
    assert gc.hvp(f, p, other_order) == {"a": 2.0, "b": 0.0}
    assert gc.trace(f, p)(other_order) == 1.0
    assert gc.vjp(lambda x: {"u": 2 * x, "v": 100 * x}, 1.0)[1]({"v": 0.0, "u": 1.0}) == (2.0,)
    for wrong in ({"a": 1.0, "c": 1.0}, [1.0, 1.0], {"a": 1.0}):
        with pytest.raises(gc.errors.ShapeError, match=r"expected the keys .* got"):
            gc.hvp(f, p, wrong)


def test_what_does_not_depend_on_the_argument():
    assert gc.jacobian(lambda z: np.ones(3))(np.array([1.0, 2.0])).tolist() == [[0.0, 0.0]] * 3
    assert gc.jvp(lambda x: np.ones(3), (1.0,), (1.0,))[1].tolist() == [0.0] * 3
    assert gc.vjp(lambda x: (2 * x,), 1.0)[1]((1.0,)) == (2.0,)


def test_float16_does_not_overflow_on_the_way():
    x = np.array([300.0, -300.0, 600.0], "float16")
    expected = (x.astype(float) - 200) / np.std(x.astype(float))
    np.testing.assert_allclose(ops.layer_norm(x), expected, rtol=2e-3)
    assert float(ops.logsumexp(np.zeros(70000, "float16"))) == pytest.approx(math.log(70000), rel=1e-3)
    assert float(ops.softmax(np.zeros(70000, "float16"))[0]) == pytest.approx(1 / 70000, rel=0.01)
    assert float(ops.std(np.array([300.0, -300.0], "float16"))) == 300.0


def test_what_cannot_be_counts_as_nothing():
    assert ops.binary_cross_entropy(np.array([math.inf, -math.inf]), np.array([1.0, 0.0])) == 0.0


def test_how_often_a_length_fits_is_counted_by_what_is_left():
    assert gc.grad(ops.fmod, 1)(1.0, 0.1) == -9.0
    assert pytest.approx(ops.fmod(1.0, 0.1), abs=1e-15) == 1.0 - 9 * 0.1


def refused_when_run(x):
    """A setting that only the forward looks at."""
    return gc.evaluate(ops.sum(ops.huber(x, x, delta=-1.0)), {x: np.ones((3, 3))})


UNSUPPORTED = {
    "a mask that is added": lambda x: ops.scaled_dot_product_attention(x, x, x, np.array([0.0, -math.inf, 0.0])),
    "a wider mask": lambda x: ops.dropout(x[0], np.ones((4, 3)), rate=0.5),
    "a bias too many": lambda x: ops.conv1d(x[None], np.ones((2, 3, 2)), np.ones(5)),
    "a gain too many": lambda x: ops.batch_norm(x, np.ones(5)),
    "a gain of more axes": lambda x: ops.layer_norm(x, np.ones((5, 3, 3))),
    "a mean with an axis too many": lambda x: ops.batch_norm_inference(x, np.ones((3, 1)), np.ones(3)),
    "lengths 3 and 1": lambda x: ops.tensordot(x, np.ones((1, 4)), axes=1),
    "the same axis twice": lambda x: ops.tensordot(x, x, axes=((0, 0), (0, 1))),
    "a diagonal of no square": lambda x: ops.einsum("ii->i", x[:2]),
    "axes that are not there": lambda x: ops.permute_dims(x, axes=(0, 5)),
    "a negative delta": lambda x: ops.huber(x, x, delta=-1.0) if isinstance(x, np.ndarray) else refused_when_run(x),
    "the ends exchanged": lambda x: ops.hardtanh(np.ones(3), low=2.0, high=-2.0),
    "a label for all": lambda x: ops.cross_entropy(x, np.array([1])),
    "an axis one too far": lambda x: ops.permute_dims(x, axes=(1, 2)),
    "half a power": lambda x: ops.matrix_power(x, 0.5),
    "a power of no square": lambda x: ops.matrix_power(x[:2], 1),
}


@pytest.mark.parametrize("what", UNSUPPORTED)
@pytest.mark.parametrize("kind", ["array", "node"])
def test_what_does_not_fit_is_refused(what, kind):
    x = np.arange(9.0).reshape(3, 3)
    with pytest.raises(gc.errors.GraphcoreError):
        UNSUPPORTED[what](x if kind == "array" else gc.Graph().input("x", (3, 3)))


RAW = {
    "tensordot": lambda x: ops.tensordot(x, x, axes="a"),
    "conv1d": lambda x: ops.conv1d(x, np.ones((2, 3, 2)), stride=1.5),
    "vecdot": lambda x: ops.vecdot(x, x, axis=5),
    "batch_norm": lambda x: ops.batch_norm(x, channel="c"),
    "dropout": lambda x: ops.dropout(x, x, rate="a"),
    "tile": lambda x: ops.tile(x, "a"),
    "sum": lambda x: ops.sum(x, axis=1.0),
    "sort": lambda x: ops.sort(x, axis=None),
    "einsum": lambda x: ops.einsum("ij,k", x, x),
}


@pytest.mark.parametrize("name", RAW)
def test_settings_of_the_wrong_kind_are_refused_where_they_were_written(name):
    x = gc.Graph().input("x", (3, 3, 3))
    with pytest.raises(gc.errors.GraphcoreError, match=rf"^{name}.* at .*test_attacks\.py:\d+ is refused: "):
        RAW[name](x)


def test_a_function_of_another_library_is_not_taken_for_ours():
    foreign = np.frompyfunc(lambda delta, r: delta * r, 2, 1)
    node = gc.Graph().input("x")
    with pytest.raises(gc.errors.UnknownNameError, match="of another library than numpy"):
        foreign(1.0, node)


def test_numbers_at_equal_distances_between_nodes():
    def f(stop):
        return np.sum(np.linspace(1.0, stop, 5) ** 2)

    steps = np.linspace(0.0, 1.0, 5)
    assert gc.value_and_grad(f)(3.0) == pytest.approx((f(3.0), np.sum(2 * np.linspace(1.0, 3.0, 5) * steps)), rel=1e-14)


def test_what_python_does_with_numbers():
    x = np.array([7.3, -2.6])
    for f in (lambda x: divmod(x, 2.0)[0], lambda x: divmod(x, 2.0)[1], round):
        expected = np.round(x) if f is round else f(x)
        np.testing.assert_allclose(gc.trace(f, x)(x), expected, rtol=1e-15)
    node = gc.Graph().input("x")
    with pytest.raises(gc.errors.NoValueError, match=r"np.stack\(\[node, node\]\)"):
        np.array([node, node])
    with pytest.raises(gc.errors.NoValueError, match="has no number until it runs"):
        f"{node:.3f}"


def test_a_matrix_that_is_not_a_number_has_no_cofactors_and_spoils_no_other():
    stack = np.stack([np.eye(2), np.full((2, 2), np.nan)])
    found = gc.grad(lambda x: np.sum(np.linalg.det(x)))(stack)
    np.testing.assert_allclose(found[0], np.eye(2), atol=1e-15)
    assert np.all(np.isnan(found[1]))


def test_a_norm_of_negative_order_is_zero_beside_a_zero():
    assert gc.grad(lambda x: np.linalg.norm(x, -1))(np.array([0.0, 2.0])).tolist() == [0.0, 0.0]
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(gc.grad(lambda x: np.linalg.norm(x, -1))(x), (1 / (1 / x).sum() / x) ** 2, rtol=1e-14)


INF = math.inf


@pytest.mark.parametrize("scores", [[-INF, -INF], [INF, 0.0], [INF, INF], [-INF, 0.0], [0.0, 1.0], [np.nan, 0.0]])
def test_the_logarithm_of_softmax_is_that_of_softmax(scores):
    z = np.array(scores)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(ops.log_softmax(z), np.log(ops.softmax(z)), rtol=1e-14, atol=1e-16)
        expected = np.log(ops.softmax(z)[0])
    np.testing.assert_allclose(-ops.cross_entropy(z, np.array(0)), expected, rtol=1e-14)
    shares = ops.softmax(z)
    np.testing.assert_allclose(gc.jacobian(ops.log_softmax)(z), np.eye(2) - shares, rtol=1e-14, atol=1e-16)


def test_an_example_that_is_masked_as_a_whole_spoils_no_other():
    z = np.array([[-INF, -INF], [0.0, 1.0]])
    weights = np.array([0.0, 1.0])
    gradient = gc.grad(lambda z: np.sum(weights * ops.cross_entropy(z, np.array([0, 1]))))(z)
    s = 1 / (1 + np.exp(1.0))
    np.testing.assert_allclose(gradient, [[0.0, 0.0], [s, -s]], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint8, np.int64])
def test_what_is_left_of_small_whole_numbers(dtype):
    least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
    values = np.array([least, least + 1, most, 7, 5, 1, 2], dtype)
    if least:
        values = np.concatenate([values, np.array([-7, -2, -1], dtype)])
    x, y = np.meshgrid(values, values[values != 0])
    np.testing.assert_array_equal(ops.fmod(x, y), np.fmod(x, y))
    np.testing.assert_array_equal(ops.remainder(x, y), np.remainder(x, y))


@pytest.mark.parametrize("operation", [ops.remainder, ops.fmod], ids=["remainder", "fmod"])
@pytest.mark.parametrize(("x", "y"), [(INF, 1.0), (-INF, 2.0), (1.0, 0.0), (INF, INF), (np.nan, 1.0)])
def test_where_nothing_can_be_left_nothing_changes(operation, x, y):
    value, gradient = gc.value_and_grad(operation, (0, 1))(x, y)
    assert np.all(np.isnan([value, *gradient]))
    assert gc.grad(operation)(3.5, INF) == 1.0


@pytest.mark.parametrize("padding", [0, 1])
def test_what_is_padded_takes_no_part_in_a_tie(padding):
    x = np.full((1, 1, 4), -INF)
    pooled, pullback = gc.vjp(lambda x: ops.max_pool1d(x, 2, stride=2, padding=padding), x)
    assert np.all(pooled == -INF)
    assert np.sum(pullback(np.ones(pooled.shape))[0]) == pooled.size
    x = np.full((2, 3, 3, 3), -INF)
    x[0, 0, 1, 1] = x[0, 0, 0, 0] = 2.0
    pooled, pullback = gc.vjp(lambda x: ops.max_pool2d(x, 2, stride=1, padding=padding), x)
    by_x = pullback(np.ones(pooled.shape))[0]
    assert np.sum(by_x) == pytest.approx(pooled.size, rel=1e-14)
    assert by_x[0, 0, 1, 1] == pytest.approx(3.5)
    corner = gc.grad(lambda x: ops.max_pool2d(x, 2, stride=1, padding=1)[0, 1, 0, 0])(x)
    assert corner[0, 1, 0, 0] == 1.0


def test_the_square_root_of_minus_infinity_is_the_same_alone_and_among_others():
    for base in (-INF, np.array([-INF, 4.0]), np.array([[-INF], [4.0]])):
        for exponent in (0.5, np.array(0.5), np.array([0.5]), np.array([0.5, 1.5])):
            expected = np.float_power(base, exponent)
            with np.errstate(invalid="ignore"):
                np.testing.assert_array_equal(ops.pow(base, exponent), expected)
            np.testing.assert_array_equal(gc.trace(lambda x, e=exponent: x**e, base)(base), expected)


COSTS = [ops.squared_error, ops.absolute_error, ops.huber, ops.log_loss, ops.kl_divergence, ops.binary_cross_entropy]


@pytest.mark.parametrize("cost", [*COSTS, ops.cross_entropy], ids=lambda cost: cost.__name__)
@pytest.mark.parametrize("shape", [(1, 2), (3, 1), (1, 1)])
def test_no_target_is_repeated_by_mistake(cost, shape):
    a = np.full((3, 2), 0.25)
    with pytest.raises(gc.errors.ShapeError, match="as many of both"):
        cost(a, np.full(shape, 0.5))
    x = gc.Graph().input("x", (3, 2))
    with pytest.raises(gc.errors.ShapeError, match="as many of both"):
        cost(x, np.full(shape, 0.5))


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.__name__)
def test_one_target_for_all(cost):
    a = np.array([[0.25, 0.5], [0.75, 0.125]])
    for y in (0.5, np.array([0.5, 0.25])):
        np.testing.assert_array_equal(cost(a, y), cost(a, np.broadcast_to(y, a.shape)))


SMALL = np.array([[-128, 1, 2], [3, 100, -7]], np.int8)


@pytest.mark.parametrize(
    "operation",
    [
        *(ops.std, ops.var, ops.vector_norm, ops.svdvals, ops.sinc, ops.erf, ops.erfc, ops.matrix_norm, ops.layer_norm),
        lambda x: ops.vector_norm(x, ord=1),
        lambda x: ops.vector_norm(x, ord=INF),
        lambda x: ops.matrix_norm(x, ord=1),
        lambda x: ops.matrix_norm(x, ord=2),
        ops.reciprocal,
        lambda x: ops.max_pool1d(x[None], 2, padding=1),
    ],
)
def test_whole_numbers_are_measured_as_floats(operation):
    expected = operation(SMALL.astype(float))
    found = operation(SMALL)
    assert found.dtype == "float64"
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    node = gc.Graph().input("x", (2, 3), "int8")
    np.testing.assert_allclose(gc.evaluate(operation(node), {node: SMALL}), expected, rtol=1e-14)


@pytest.mark.parametrize("narrow", [0, 1])
@pytest.mark.parametrize("kind", ["float32", "float16", "int64"])
def test_equations_of_mixed_precision(narrow, kind):
    a, b = np.array([[2.0, -1.0], [1.0, 3.0]]), np.array([4.0, 1.0])
    mixed = [x.astype(kind) if i == narrow else x for i, x in enumerate((a, b))]
    g = gc.Graph()
    nodes = [g.input(f"x{i}", x.shape, x.dtype) for i, x in enumerate(mixed)]
    out = ops.solve(*nodes)
    run = gc.backprop(ops.sum(out), dict(zip(nodes, mixed, strict=True)))
    assert out.dtype == run.value[out].dtype == ops.solve(*mixed).dtype == "float64"
    np.testing.assert_allclose(run.value[out], np.linalg.solve(a, b), rtol=1e-14)
    back = np.linalg.solve(a.T, np.ones(2))
    if kind != "int64":
        np.testing.assert_allclose(run.grad[nodes[1]], back, rtol=1e-3)
        assert run.grad[nodes[0]].dtype == mixed[0].dtype


def test_matrices_of_whole_numbers():
    x = np.array([[4, 1], [1, 3]])
    node = gc.Graph().input("x", (2, 2), "int64")
    for f, reference in ((ops.inv, np.linalg.inv), (ops.det, np.linalg.det), (ops.cholesky, np.linalg.cholesky)):
        np.testing.assert_allclose(gc.evaluate(f(node), {node: x}), reference(x), rtol=1e-14)


def test_bytes_the_other_way_round_are_taken():
    assert gc.grad(lambda x: np.sum(x**2))(np.array([1.0, 3.0], ">f8")).tolist() == [2.0, 6.0]


@pytest.mark.parametrize("a", [-0.1, 1.1, INF, -INF])
@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_what_is_no_probability_has_no_log_loss(a, y):
    assert np.all(np.isnan(gc.value_and_grad(ops.log_loss)(a, y)))
    assert np.isfinite(gc.value_and_grad(ops.log_loss)(np.round(y), np.round(y))).all()


def test_what_is_no_probability_has_no_divergence():
    assert np.all(np.isnan(gc.value_and_grad(ops.kl_divergence)(-0.1, 0.5)))


def test_more_corrections_than_entries():
    x = np.array([3.0, 4.0])
    for f in (ops.var, ops.std):
        value, gradient = gc.value_and_grad(lambda x, f=f: f(x, correction=3))(x)
        assert value == INF
        assert not np.any(np.isfinite(gradient))
