"""Random graphs, with NaN and infinities among their values, give compiled what they give interpreted."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphcore as gc
import ops

ONE = [
    "sigmoid",
    "sigmoid_complement",
    "relu",
    "tanh",
    "exp",
    "negative",
    "abs",
    "square",
    "softplus",
    "silu",
    "sqrt",
    "log",
    "sign",
    "softmax",
    "log_softmax",
    "leaky_relu",
    "elu",
    "cos",
    "sin",
    "expm1",
    "log1p",
    "reciprocal",
    "floor",
]
TWO = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot", "difference", "atan2", "logaddexp"]
SHAPES = [(3, 4), (3, 1), (1, 4), (4,), (1,), (), (2, 3, 4)]
#: eighths, since sums of these are exact in any order; and entries that show every rewrite that is not exact
NUMBERS = st.one_of(
    st.integers(-24, 24).map(lambda eighths: eighths / 8),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]),
)


@st.composite
def graphs(draw):
    """A graph, its cost, some of its nodes, and a feed."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    g = gc.Graph()
    feed, nodes = {}, []
    for number in range(draw(st.integers(1, 3))):
        shape = draw(st.sampled_from(SHAPES))
        size = int(np.prod(shape))
        entries = np.array(draw(st.lists(NUMBERS, min_size=size, max_size=size)), dtype).reshape(shape)
        leaf = g.input(f"x{number}", shape, dtype) if number % 2 == 0 else g.parameter(f"x{number}", entries)
        if leaf.kind == "input":
            feed[leaf] = entries
        nodes.append(leaf)
    for _ in range(draw(st.integers(1, 8))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        kind = draw(st.sampled_from(["one", "two", "two", "arrange", "reduce", "where", "matmul", "number"]))
        try:
            nodes.append(grown(draw, kind, a, b))
        except gc.errors.ShapeError:
            continue
    cost = nodes[-1] if nodes[-1].shape == () else ops.sum(nodes[-1])
    return g, cost, nodes, feed


def grown(draw, kind, a, b):
    if kind == "one":
        return getattr(ops, draw(st.sampled_from(ONE)))(a)
    if kind == "two":
        return getattr(ops, draw(st.sampled_from(TWO)))(a, b)
    if kind == "number":
        return getattr(ops, draw(st.sampled_from(TWO[:4])))(a, draw(st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5])))
    if kind == "where":
        return ops.where(ops.greater(a, b), a, ops.negative(b))
    if kind == "matmul":
        return ops.matmul(a, ops.matrix_transpose(b))
    if kind == "reduce":
        axis = draw(st.sampled_from([None, 0, -1]))
        return getattr(ops, draw(st.sampled_from(["sum", "mean", "max", "min", "var"])))(a, axis=axis)
    return draw(
        st.sampled_from(
            [
                lambda: ops.reshape(a, (-1,)),
                lambda: ops.matrix_transpose(a),
                lambda: ops.expand_dims(a, axis=0),
                lambda: ops.broadcast_to(a, (2, *a.shape)),
                lambda: a[..., ::-1],
                lambda: a[0],
                lambda: ops.reshape(ops.matrix_transpose(a), (-1,)),
                lambda: ops.concat([a, a], axis=-1),
            ]
        )
    )()


def same(actual, expected, dtype, what):
    tolerance = 1e-9 if dtype == "float64" else 2e-4
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance, err_msg=what)


#: the number of graphs per backend: compiling one takes up to half a second
MOST = {"numpy": 400, "numba": 40, "jax": 20, "torch": 200}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_compiled_is_interpreted(backend):
    @settings(max_examples=MOST[backend])
    @given(graphs())
    def holds(drawn):
        g, cost, nodes, feed = drawn
        fed = [*feed.values(), *(parameter.value for parameter in g.parameters.values())]
        assume(backend != "jax" or all(np.all(np.isfinite(a)) for a in fed))  # not all of XLA's rewrites preserve NaN
        used = {node: array for node, array in feed.items() if node in g.ancestors([cost])}
        wanted = [node for node in nodes if node in g.ancestors([cost])]
        run = gc.backprop(cost, used)
        values, gradients = gc.compile([cost, *wanted], wanted, backend=backend)(used)
        for node, value in zip([cost, *wanted], values, strict=True):
            same(value, run.value[node], node.dtype, repr(node))
        for node, gradient in gradients.items():
            same(gradient, run.grad[node], node.dtype, f"gradient of {node!r}")

    holds()
