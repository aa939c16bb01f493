"""What holds for every registered operation, whatever it computes. An operation without an example fails here."""

import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

PACKAGES = {pathlib.Path(package.__file__).parent for package in (gc, ops)}
EVERY_OP = [op for op in gc.registry.values() if not PACKAGES.isdisjoint(pathlib.Path(op.source.file).parents)]
EXAMPLES = [
    pytest.param(op, arrays, settings, id=f"{op.name}-{i}")
    for op in EVERY_OP
    for i, (arrays, settings) in enumerate(op.examples)
]
every_example = pytest.mark.parametrize(("op", "arrays", "settings"), EXAMPLES)
every_float_example = pytest.mark.parametrize(
    ("op", "arrays", "settings"),
    [e for e in EXAMPLES if np.asarray(e.values[0](*e.values[1], **e.values[2])).dtype.kind == "f"],
)


def bound(op, arrays, settings):
    """An example with its positional settings sorted out."""
    values, _, settings = op.signature.bind(arrays, settings)
    return values, settings


def test_the_registry_is_not_empty_here():
    assert {"add", "matmul", "sigmoid", "chain", "sum_like"} <= {op.name for op in EVERY_OP}


@pytest.mark.parametrize("op", EVERY_OP, ids=lambda op: op.name)
def test_has_an_example_a_docstring_and_a_word_about_every_argument(op):
    assert op.examples, f"{op.name} has no example: give {op.name}.example(...) arguments that prove it"
    assert op.__doc__, f"{op.name} does not say what it means"
    if not op.is_composite:
        silent = [argument for argument in op.values if op.rule_for(argument) is None]
        assert not silent, f"{op.name} has neither rule nor word for {silent}"


@every_float_example
def test_the_gradient_is_that_of_differences(op, arrays, settings, around, differences, agree):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings)
    run = gc.backprop(net.cost, net.feed)
    for place, node in enumerate(net.inputs):
        if node in net.floats:
            expected = differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node])
            agree(run.grad[node], expected, what=f"{op.name} by {net.out.arguments[place]}")


@every_float_example
def test_the_second_derivative_is_that_of_differences_of_the_first(op, arrays, settings, around, differences, agree):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings)
    for node in net.floats:
        first = gc.derivative(net.cost, node)
        mixture = ops.sum(ops.square(first) + first * 0.7)  # neither linear nor symmetric in the first derivatives
        for other in net.floats:

            def mixed(x, node=node, other=other):
                gradient = gc.backprop(net.cost, {**net.feed, other: x}).grad[node]
                return np.sum(gradient**2 + 0.7 * gradient)

            actual = net.value(gc.derivative(mixture, other))
            agree(actual, differences(mixed, net.feed[other]), what=f"{op.name}: ∂²/∂{node.label}∂{other.label}")


@every_float_example
@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown lengths"])
def test_the_formula_gives_what_the_numbers_give(op, arrays, settings, unknown, around):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings, unknown=unknown)
    run = gc.backprop(net.cost, net.feed)
    for node in net.floats:
        formula = net.value(gc.derivative(net.cost, node))
        np.testing.assert_allclose(formula, run.grad[node], rtol=1e-12, atol=1e-14)


@every_float_example
def test_it_can_be_differentiated_three_times(op, arrays, settings, around):
    """Closed under differentiation: every operation that a rule uses has rules."""
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings)
    for node in net.floats:
        cost = net.cost
        for _ in range(3):
            cost = ops.sum(gc.derivative(cost, node) * gc.derivative(cost, node) + node * 0.3)
        assert np.all(np.isfinite(net.value(cost)))


@every_example
@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown lengths"])
def test_shape_and_dtype_are_foretold(op, arrays, settings, unknown, around):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings, unknown=unknown)
    feed = {node: net.feed[node] for node in net.inputs}
    value = gc.evaluate(net.out, feed)
    assert net.out.dtype == value.dtype
    assert len(net.out.shape) == value.ndim
    assert all(n in (None, m) for n, m in zip(net.out.shape, value.shape, strict=True))
    if not unknown:
        assert None not in net.out.shape


@every_float_example
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_float_stays_as_narrow_as_it_is(op, arrays, settings, dtype, around):
    arrays, settings = bound(op, arrays, settings)
    if op.name == "axis_size" and dtype == "float16":
        pytest.skip("a count is a float32, since float16 ends at 65504")
    if settings.get("dtype"):
        settings = {**settings, "dtype": dtype}
    net = around(op, arrays, settings, dtype=dtype)
    run = gc.backprop(net.cost, net.feed)
    for node in run.order:
        if node.type.is_float:
            assert node.dtype == run.value[node].dtype == run.grad[node].dtype == dtype, node
    for edge in run.edges:
        assert edge.contribution is None or edge.contribution.dtype == dtype, edge
        assert edge.local is None or edge.local.dtype == dtype, edge
    for node in net.floats:
        formula = gc.derivative(net.cost, node)
        assert formula.dtype == net.value(formula).dtype == dtype, node
    if settings.get("dtype"):
        settings = {**settings, "dtype": "float64"}
    exact = around(op, arrays, settings)
    exact = gc.backprop(exact.cost, exact.feed)
    for node in net.floats:
        near = {"float32": 1e-5, "float16": 3e-2}[dtype]
        np.testing.assert_allclose(run.grad[node], exact.grad[node.name], rtol=near, atol=near)


@every_float_example
def test_the_edges_into_it_hand_back_what_arrives(op, arrays, settings, around):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings)
    run = gc.backprop(net.cost, net.feed)
    into = [edge for edge in run.edges if edge.target is net.out]
    assert [edge.argument for edge in into] == list(net.out.arguments)
    for edge in into:
        if edge.source in net.floats:
            np.testing.assert_allclose(edge.contribution, run.grad[edge.source], rtol=1e-12, atol=0)
            if edge.local is not None:
                assert edge.local.shape == run.value[net.out].shape
                total = np.asarray(edge.local * run.grad[net.out])
                axes = tuple(range(total.ndim - edge.source.ndim))
                total = total.sum(axis=axes)
                axes = tuple(i for i, n in enumerate(edge.source.shape) if n == 1)
                np.testing.assert_allclose(total.sum(axis=axes, keepdims=True), edge.contribution, rtol=1e-12)


@every_example
def test_every_array_library_agrees(op, arrays, settings, around, library):
    arrays, settings = bound(op, arrays, settings)
    net = around(op, arrays, settings)
    feed = {node: library.array(value) for node, value in net.feed.items()}
    direct = op(*(feed[node] for node in net.inputs), **settings)
    expected = gc.evaluate(net.out, {node: net.feed[node] for node in net.inputs})
    np.testing.assert_allclose(library.numpy(direct), expected, rtol=1e-13, atol=1e-15)
    assert np.asarray(direct).dtype == expected.dtype
    if net.cost is None:
        return
    run, reference = gc.backprop(net.cost, feed), gc.backprop(net.cost, net.feed)
    for node in net.floats:
        np.testing.assert_allclose(library.numpy(run.grad[node]), reference.grad[node], rtol=1e-12, atol=1e-14)
        assert np.asarray(run.grad[node]).dtype == "float64"


# -- elementwise operations on random shapes that broadcast

ELEMENTWISE = [
    op
    for op in EVERY_OP
    if op.is_elementwise and op.shape_rule is None and op.examples and any(rule.function for rule in op.rules.values())
]


@st.composite
def broadcastable(draw, count):
    """Shapes that broadcast with one another, of up to three axes and 12 entries."""
    full = tuple(draw(st.lists(st.integers(1, 3), min_size=0, max_size=3)))
    shapes = []
    for _ in range(count):
        kept = full[draw(st.integers(0, len(full))) :]
        shapes.append(tuple(1 if draw(st.booleans()) else n for n in kept))
    shapes[draw(st.integers(0, count - 1))] = full
    return shapes


def distinct(op, shapes, seed):
    """Arguments that an operation is meant for, no two entries of which are equal or near zero: away from every kink.

    What it is meant for is told by its examples: their signs, and for one argument alone how large they are.
    """
    sizes = [int(np.prod(shape, dtype=int)) for shape in shapes]
    rng = np.random.default_rng(seed)
    magnitudes = rng.permutation(0.5 + 0.07 * np.arange(sum(sizes)))
    arrays = []
    for i, (shape, size) in enumerate(zip(shapes, sizes, strict=True)):
        taken, magnitudes = magnitudes[:size], magnitudes[size:]
        examples = [op.signature.bind(arrays, settings) for arrays, settings in op.examples]
        given = [dict(zip(names, values, strict=True)) for values, names, _ in examples]
        shown = np.concatenate([np.ravel(values[op.values[i]]) for values in given if op.values[i] in values])
        if len(shapes) == 1:
            least, most = np.min(np.abs(shown[shown != 0])), np.max(np.abs(shown))
            taken = least + (most - least) * (taken - 0.5) / (0.07 * max(size, 1))
        signs = 1.0 if np.all(shown > 0) else rng.choice([-1.0, 1.0], size)
        array = (signs * taken).reshape(shape)
        arrays.append(array > 0 if shown.dtype == bool else array)
    return arrays


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_broadcasting_is_undone(op, data, seed, around, differences, agree):
    settings = bound(op, *op.examples[0])[1]
    shapes = data.draw(broadcastable(len(op.values)))
    net = around(op, distinct(op, shapes, seed), settings)
    run = gc.backprop(net.cost, net.feed)
    assert net.out.shape == np.broadcast_shapes(*shapes)
    for place, node in enumerate(net.inputs):
        if node in net.floats:
            expected = differences(lambda x, place=place: net.forward_cost(place, x), net.feed[node])
            agree(run.grad[node], expected, what=f"{op.name} by {net.out.arguments[place]}")
            agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_broadcasting_that_only_a_run_can_tell_is_undone_in_formulas(op, data, seed, around, agree):
    settings = bound(op, *op.examples[0])[1]
    net = around(op, distinct(op, data.draw(broadcastable(len(op.values))), seed), settings, unknown=True)
    run = gc.backprop(net.cost, net.feed)
    for node in net.floats:
        agree(net.value(gc.derivative(net.cost, node)), run.grad[node], 1e-12)
