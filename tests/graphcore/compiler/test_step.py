"""Compiled steps on every backend: feeds, results, and the ownership of results."""

import threading

import numpy as np
import pytest

import graphcore as gc
import ops


def network():
    rng = np.random.default_rng(7)
    g = gc.Graph("two layers; import os")
    x, y = g.input("x", (None, 4)), g.input("y", (None, 2))
    w1, b1 = g.parameter("w1", rng.standard_normal((4, 5))), g.parameter("b1", rng.standard_normal(5))
    w2, b2 = g.parameter("w2", rng.standard_normal((5, 2))), g.parameter("b2\nimport os", rng.standard_normal(2))
    a1 = ops.sigmoid(ops.add_bias(x @ w1, b1), name="a1")
    a2 = ops.sigmoid(ops.add_bias(a1 @ w2, b2), name="a2")
    return g, ops.mean(ops.squared_error(a2, y), name="C")


def data(batch, seed=0):
    rng = np.random.default_rng(seed)
    return {"x": rng.random((batch, 4)), "y": rng.random((batch, 2))}


def check(found, run):
    cost, gradients = found
    np.testing.assert_allclose(cost, run.cost, rtol=1e-12)
    for node, gradient in gradients.items():
        np.testing.assert_allclose(gradient, run.grad[node], rtol=1e-10, atol=1e-14, err_msg=node.name)


def test_each_shape_has_its_program(backend):
    g, C = network()
    step = gc.compile(C, backend=backend)
    for batch in (3, 1, 7, 3):
        feed = data(batch)
        check(step(feed), gc.backprop(C, feed))
        check(step({g[name]: array for name, array in feed.items()}), gc.backprop(C, feed))
    assert set(step(data(3))[1]) == set(g.parameters.values())


def test_lists_and_views_are_fed_as_in_backprop(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    feed = data(6)
    run = gc.backprop(C, feed)
    check(step(feed), run)
    check(step({name: array.tolist() for name, array in feed.items()}), run)
    check(step({name: np.asfortranarray(array) for name, array in feed.items()}), run)
    check(step({name: np.repeat(array, 2, axis=0)[::2] for name, array in feed.items()}), run)
    for array in feed.values():
        array.setflags(write=False)
    check(step(feed), run)


def test_a_single_zero_times_infinity_is_not_a_number(backend):
    g = gc.Graph()
    a, b = g.input("a", (1, 1)), g.input("b", (1, 4))
    product = a @ b
    C = ops.sum(product)
    feed = {a: [[0.0]], b: [[0.0, 1.0, np.inf, 2.0]]}
    (_, value), gradients = gc.compile([C, product], [a, b], backend=backend)(feed)
    np.testing.assert_array_equal(value, [[0.0, 0.0, np.nan, 0.0]])
    np.testing.assert_array_equal(gradients[a], gc.backprop(C, feed).grad[a])


def test_as_a_function_of_one_input_it_gives_what_it_gives_otherwise(backend):
    g = gc.Graph()
    x, y, w = g.input("x", (None,)), g.input("y"), g.parameter("w", 2.0)
    step = gc.compile([ops.sum(ops.square(w * x - y), name="C"), x * y], wrt=[], backend=backend)
    for length in (3, 4):
        fed = np.arange(float(length))
        alone = step.of_one(y, {x: fed, y: 0.0})
        for value in (0.0, 1.5, -2.0):
            for found, expected in zip(alone(np.array(value)), step({x: fed, y: value}), strict=True):
                np.testing.assert_array_equal(found, expected)
        w.value = w.value + 1.0
        for value in (1, 2.5):  # other types than the fed one are checked and converted
            np.testing.assert_array_equal(alone(value)[0], step({x: fed, y: float(value)})[0])
        with pytest.raises(gc.errors.ShapeError):
            alone(np.ones(2))


def test_parameters_are_read_at_every_call(backend):
    g, C = network()
    step = gc.compile(C, backend=backend)
    feed = data(5)
    for _ in range(3):
        _, gradients = step(feed)
        for w in g.parameters.values():
            w.value -= 0.5 * np.asarray(gradients[w])
        check(step(feed), gc.backprop(C, feed))
    g["w1"].value = np.asfortranarray(g["w1"].value * 2)
    check(step(feed), gc.backprop(C, feed))


def test_results_are_not_overwritten(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    first = step(data(4))
    kept = {node: np.asarray(gradient).copy() for node, gradient in first[1].items()}
    step(data(4, seed=1))
    for node, gradient in first[1].items():
        np.testing.assert_array_equal(gradient, kept[node])


@pytest.mark.parametrize("backend", ["numpy"])
def test_out_is_written_over(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    first = step(data(4))
    again = step(data(4, seed=1), out=first)
    for node, gradient in first[1].items():
        assert again[1][node] is gradient
    check(again, gc.backprop(C, data(4, seed=1)))


@pytest.mark.parametrize(
    "feed",
    [
        {"x": np.ones((3, 4))},
        {"x": np.ones((3, 4)), "y": np.ones((3, 3))},
        {"x": np.ones((3, 4)), "y": np.ones((4, 2))},
        {"x": np.ones((3, 4), "float32"), "y": np.ones((3, 2))},
        {"x": np.ones((3, 4)), "z": np.ones((3, 2))},
        {"x": np.ones((3, 4)), "y": np.ones((3, 2)), "w1": np.ones((4, 5))},
        {"x": np.ones((3, 4)), "y": "no numbers"},
        {"x": np.ones((3, 4)), "y": None},
        ["x", "y"],
        None,
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_a_wrong_feed_raises_the_error_of_backprop(feed, warm, backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    if warm:
        step(data(3))
    with pytest.raises(gc.errors.GraphcoreError) as expected:
        gc.backprop(C, feed)
    with pytest.raises(type(expected.value)) as found:
        step(feed)
    assert str(found.value) == str(expected.value)


def test_the_result_has_the_form_of_the_outputs(backend):
    g, C = network()
    feed = data(3)
    a1 = g["a1"]
    run = gc.backprop(C, feed)
    np.testing.assert_allclose(gc.compile(a1, wrt=[], backend=backend)({"x": feed["x"]}), run.value[a1])
    two = gc.compile([C, a1], wrt=[], backend=backend)(feed)
    np.testing.assert_allclose(two[0], run.cost)
    np.testing.assert_allclose(two[1], run.value[a1])
    (cost, activation), gradients = gc.compile([C, a1], wrt=["w1", g["x"], a1], backend=backend)(feed)
    check((cost, gradients), run)
    np.testing.assert_allclose(activation, run.value[a1])
    assert list(gradients) == [g["w1"], g["x"], a1]


def test_leaves_as_results_and_gradients_of_what_does_not_matter(backend):
    g = gc.Graph()
    x, w, unused = g.input("x", (2,)), g.parameter("w", [1.0, 2.0]), g.parameter("unused", [[3.0]])
    C = ops.sum(x * w)
    feed = {x: np.array([5.0, 7.0])}
    cost, gradients = gc.compile(C, backend=backend)(feed)
    assert cost == 19.0
    np.testing.assert_array_equal(gradients[w], [5.0, 7.0])
    np.testing.assert_array_equal(gradients[unused], [[0.0]])
    assert not np.shares_memory(np.asarray(gradients[w]), feed[x])
    values = gc.compile([x, w, w], wrt=[], backend=backend)(feed)
    np.testing.assert_array_equal(values, [[5.0, 7.0], [1.0, 2.0], [1.0, 2.0]])


def test_the_graph_of_the_user_stays_as_it_is(backend):
    g, C = network()
    before = len(g)
    gc.compile(C, backend=backend)(data(3))
    assert len(g) == before


def test_no_text_of_the_user_becomes_code(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    step(data(3))
    assert isinstance(step.source, str)
    assert not {"os", "import", "w1", "layers"} & set(step.source.replace("(", " ").replace(",", " ").split())


def test_many_threads_share_a_step(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    feeds = [data(8, seed) for seed in range(8)]
    expected = [gc.backprop(C, feed) for feed in feeds]
    step(feeds[0])
    wrong = []

    def work(number):
        for _ in range(50):
            try:
                check(step(feeds[number]), expected[number])
            except AssertionError as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(feeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_doubled_sum_compiles_and_runs(backend):
    g = gc.Graph()
    x = g.parameter("x", 1.0)
    y = x
    for _ in range(60):
        y = y + y
    cost, gradients = gc.compile(y, backend=backend)({})
    assert cost == gradients[x] == 2.0**60


def test_a_deep_chain_compiles_and_runs():
    """On numpy alone, which compiles in milliseconds."""
    x = gc.Graph().parameter("x", 1.0)
    z = x
    for _ in range(2000):
        z = ops.tanh(z * 1.01)
    check(gc.compile(z, wrt=[x], backend="numpy")({}), gc.backprop(z, {}))


def test_an_operation_that_reads_a_variable_is_called_as_it_is(backend):
    scale = 3.0

    @gc.op(name="scaled_in_compiler_test")
    def scaled(x):
        return x * scale

    @scaled.local("x")
    def dscaled_dx(x):
        return 0 * x + scale

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    out = scaled(x * 2.0)
    step = gc.compile(out, wrt=[], backend=backend)
    np.testing.assert_array_equal(step({}), [6.0, 12.0])
    if backend == "numpy":
        scale = 5.0  # it reads the present value, as the executor does
        np.testing.assert_array_equal(step({}), [10.0, 20.0])


def test_a_profile_shows_every_part_with_its_time_and_work(backend):
    _, C = network()
    step = gc.compile(C, backend=backend)
    with pytest.raises(gc.errors.FeedError, match="takes a feed"):
        step.profile()
    profile = step.profile(data(7))
    products = [row for row in profile.rows if row.what == "matmul"]
    # two in the forward pass; in the backward pass two for the weights and one for the first activation
    assert sorted(row.operations for row in products) == sorted([2 * 7 * 4 * 5] * 2 + [2 * 7 * 5 * 2] * 3)
    assert all(row.seconds > 0 and row.at_least >= 0 for row in profile.rows)
    assert profile.seconds == pytest.approx(sum(row.seconds for row in profile.rows))
    assert "matmul" in str(profile)
    assert "100%" in str(profile)
    run = gc.backprop(C, data(7))
    check(step(data(7)), run)
    assert len(step.profile().rows) == len(profile.rows)


def test_the_threads_of_blas_are_limited_for_the_step_alone(imported):
    imported("threadpoolctl")
    from threadpoolctl import threadpool_info

    def threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    seen = []

    @gc.op(name="threads_in_compiler_test")
    def spying(x):
        seen.append(threads())
        return x

    spying.flat("x")
    g = gc.Graph()
    x = g.input("x", (2,))
    before = threads()
    step = gc.compile(spying(x), wrt=[], backend="numpy", threads=1)
    step({x: np.ones(2)})
    assert set(seen[-1]) == {1}
    assert threads() == before
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(ValueError, match="threads must be a positive integer"):
            gc.compile(x, wrt=[], threads=wrong)


def test_results_are_reused_only_if_nothing_refers_to_them(need):
    for backend in ("numpy", "numba"):
        need(backend)
        g, C = network()
        step = gc.compile(C, backend=backend)
        w = g["w1"]
        first = step(data(5))[1][w]
        rows, copy = first[1:], first.copy()
        where = first.__array_interface__["data"][0]
        del first  # the view is left and refers to the memory
        for seed in range(6):
            step(data(5, seed))
        np.testing.assert_array_equal(rows, copy[1:])
        del rows
        places = {step(data(5))[1][w].__array_interface__["data"][0] for _ in range(6)}
        assert where in places


def test_an_unknown_backend_and_a_wrong_cost_are_refused():
    g, C = network()
    with pytest.raises(gc.errors.UnknownNameError, match="numpy"):
        gc.compile(C, backend="nunpy")
    with pytest.raises(gc.errors.CostError):
        gc.compile(g["a1"])
    with pytest.raises(gc.errors.GraphError):
        gc.compile([])


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_an_error_of_the_network_says_where(backend, need):
    """Where values can be looked at; elsewhere the result is NaN, as in `backprop`."""
    need(backend)
    g = gc.Graph()
    z, labels = g.input("z", (None, 3)), g.input("labels", (None,), "int64")
    C = ops.mean(ops.cross_entropy(z, labels))
    feed = {z: np.zeros((1, 3)), labels: np.array([7])}
    with pytest.raises(gc.errors.ShapeError, match="label 7"):
        gc.compile(C, [z], backend=backend)(feed)


def test_the_same_lines_for_other_types_are_other_functions(need):
    need("numba")

    @gc.op(name="opaque_in_compiler_test", dtype=lambda _, x: x)
    def opaque(before, x):
        return np.array(x)  # fails for a node, so that it is called as it is

    opaque.flat("before", "x")
    g = gc.Graph()
    small, wide = g.input("small", (5,), "float32"), g.input("wide", (5,))
    first = ops.square(small) * small
    after = opaque(first, wide)
    outputs = [first, after, ops.square(after) * after]
    feed = {small: np.linspace(0.1, 1, 5, dtype="float32"), wide: np.linspace(0.1, 1, 5)}
    found = gc.compile(outputs, wrt=[], backend="numba")(feed)
    for value, expected in zip(found, gc.evaluate(outputs, feed), strict=True):
        assert value.dtype == expected.dtype
        np.testing.assert_allclose(value, expected, rtol=1e-6 if expected.dtype == "float32" else 1e-14)


INDEXED = {
    "one": lambda w, _: w[0],
    "scaled": lambda w, _: 3.0 * w[0],
    "input": lambda w, y: w[0] * y,
    "sum": lambda w, _: ops.sum(w[:2]),
    "mean": lambda w, _: ops.mean(w[::-2]),
    "square": lambda w, y: w[-1] * w[-1] * y,
}


@pytest.mark.parametrize("name", INDEXED)
def test_gradients_of_an_index_whose_sensitivity_is_one_number(name, backend):
    g = gc.Graph()
    w, y = g.parameter("w", np.arange(3.0)), g.input("y")
    C = INDEXED[name](w, y) + 0.0 * y
    check(gc.compile(C, backend=backend)({y: 2.0}), gc.backprop(C, {y: 2.0}))


@pytest.mark.parametrize("own", ["numba", "numpy"])
def test_an_input_may_be_the_array_of_a_result(own):
    g = gc.Graph()
    x = g.input("x", (4,))
    turned = np.roll(np.eye(4), 1, axis=1)
    for make in (lambda: [turned @ x], lambda: [x[::-1] * 2.0 + x], lambda: [x + 1.0, x * 2.0]):
        step = gc.compile(make(), wrt=[], backend=own)
        earlier = step({x: np.arange(4.0)})
        expected = [one.copy() for one in step({x: earlier[-1].copy()})]
        again = step({x: earlier[-1]}, out=earlier)
        for found, place, right in zip(again, earlier, expected, strict=True):
            np.testing.assert_array_equal(found, right)
            assert found is place
        twice = step({x: np.arange(4.0)}, out=[earlier[0]] * len(earlier))
        np.testing.assert_array_equal(twice[-1], step({x: np.arange(4.0)})[-1])


def test_a_root_of_minus_infinity_and_warnings(backend):
    """numpy's power takes a square root for an exponent of one half; infinities raise no warnings."""
    g = gc.Graph()
    a, half = g.input("a", (3,)), g.input("half")
    fed = {a: np.array([-np.inf, 4.0, 0.0]), half: 0.5}
    outputs = [a**0.5, a**half, ops.reciprocal(a), ops.prod(1e200 * a)]
    values = gc.compile(outputs, wrt=[], backend=backend)(fed)
    for found, expected in zip(values, gc.evaluate(outputs, fed), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_function_of_one_input_raises_clear_errors(backend):
    g = gc.Graph()
    x, i, w = g.input("x", (3,)), g.input("i", (1,), "int64"), g.parameter("w", 2.0)
    step = gc.compile(ops.take(w * x, i), wrt=[], backend=backend)
    fed = {x: np.arange(3.0), i: np.array([1])}
    np.testing.assert_array_equal(step.of_one("i", fed)(np.array([2])), [4.0])
    for wrong in (w, "y"):
        with pytest.raises((gc.errors.FeedError, gc.errors.UnknownNameError)):
            step.of_one(wrong, fed)
    if backend in ("numpy", "numba"):
        with pytest.raises(gc.errors.ShapeError) as caught:
            step.of_one(i, fed)(np.array([7]))
        assert any("while computing" in note for note in caught.value.__notes__)


def test_bytes_of_a_profile_are_those_that_leave_a_part():
    """A fused loop reads the input and writes one sum; unfused instructions write every intermediate value."""
    g = gc.Graph()
    z = g.input("z", (512,))
    C = ops.sum(ops.sigmoid(z) * ops.sigmoid_complement(z), name="C")
    moved = {b: sum(r.bytes for r in gc.compile(C, wrt=[], backend=b).profile().rows) for b in ("numba", "numpy")}
    assert moved["numba"] == 8 * (512 + 1)
    # −z, e⁻ᶻ, the logistic and its complement from it, their product, the sum
    assert moved["numpy"] == 8 * (512 * (2 + 2 + 3 + 3 + 3 + 1) + 1)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_an_operation_that_draws_is_called_each_time(backend, need):
    need(backend)

    @gc.op(name="noise_in_compiler_test")
    def noise(x):
        return x + np.random.default_rng().standard_normal(x.shape)

    noise.flat("x")
    g = gc.Graph()
    x = g.input("x", (3,))
    step = gc.compile([noise(x), noise(x)], wrt=[], backend=backend)
    drawn = [*step({x: np.zeros(3)}), *step({x: np.zeros(3)})]
    assert len({tuple(one) for one in drawn}) == 4
