"""Forward and reverse: sums over outgoing edges, random graphs, and networks in every array library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

UNARY = [ops.tanh, ops.sigmoid, ops.square, ops.negative, ops.softplus, lambda a: ops.exp(ops.tanh(a))]
BINARY = [ops.add, ops.subtract, ops.multiply, lambda a, b: a / (ops.square(b) + 1.0), lambda a, b: ops.tanh(a @ b)]


@st.composite
def programs(draw):
    """A random program on 2 × 2 matrices: which operation, on which earlier results."""
    steps = []
    for n in range(draw(st.integers(1, 14))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(UNARY)), (draw(st.integers(0, n + 1)),)))
        else:
            steps.append((draw(st.sampled_from(BINARY)), (draw(st.integers(0, n + 1)), draw(st.integers(0, n + 1)))))
    return steps


def built(graph, steps, scale):
    """A program written into a graph: its cost, and all the matrices on the way."""
    values = [graph.input("x", (2, 2)), graph.parameter("w", [[0.3, -0.7], [0.9, 0.4]])]
    for f, arguments in steps:
        values.append(f(*(values[i] for i in arguments)) * 0.5)
    return ops.sum(sum(values[2:], values[0]) * scale), values


@given(steps=programs(), seed=st.integers(0, 1000))
def test_random_graphs(steps, seed, differences, agree):
    """Gradients by differences; edges that sum to the gradient of their source; formulas that say the same."""
    rng = np.random.default_rng(seed)
    scale, start = rng.standard_normal((2, 2)), rng.uniform(-0.9, 0.9, (2, 2))
    g = gc.Graph()
    cost, _ = built(g, steps, scale)
    run = gc.backprop(cost, {"x": start})
    agree(run.grad["x"], differences(lambda x: gc.evaluate(cost, {"x": x}), start))
    if depends(cost, g["x"]):
        agree(gc.evaluate(gc.derivative(cost, g["x"]), {"x": start}), run.grad["x"], 1e-12)
    else:  # the derivative is constant, so that differences at any other point give the same
        agree(differences(lambda x: gc.evaluate(cost, {"x": x}), start + 1.0), run.grad["x"])
    total = {}
    for edge in run.edges:
        total[edge.source] = total.get(edge.source, 0.0) + edge.contribution
    assert {n for n in run.order if n is not cost} == set(total)
    for node, contributions in total.items():
        assert np.shape(contributions) == run.value[node].shape
        agree(contributions, run.grad[node], 1e-12)
    assert len(run.edges) == sum(len(n.inputs) for n in run.order)


def depends(cost, node):
    """Whether the derivative by a node still depends on that node itself, and so has to be fed with it."""
    import networkx as nx

    return node in nx.ancestors(node.graph.nx, gc.derivative(cost, node))


@given(steps=programs(), seed=st.integers(0, 1000))
def test_random_graphs_twice(steps, seed, differences, agree):
    rng = np.random.default_rng(seed)
    start = rng.uniform(-0.9, 0.9, (2, 2))
    g = gc.Graph()
    cost, values = built(g, steps, rng.standard_normal((2, 2)))
    mixture = ops.sum(ops.square(gc.derivative(cost, values[0]))) + ops.sum(gc.derivative(cost, values[1]) + values[0])

    def first(x):
        grad = gc.backprop(cost, {"x": x}).grad
        w = np.zeros((2, 2)) if g["w"] not in grad else grad["w"]
        return np.sum(grad["x"] ** 2) + np.sum(w + x)

    agree(gc.evaluate(gc.derivative(mixture, values[0]), {"x": start}) if depends(mixture, values[0])
          else gc.evaluate(gc.derivative(mixture, values[0])), differences(first, start), 1e-8)  # fmt: skip


def test_one_node_used_a_thousand_times():
    g = gc.Graph()
    x = g.parameter("x", 1.5)
    total = x
    for i in range(1, 1000):
        total = total + x * float(i)
    run = gc.backprop(total)
    assert run.grad[x] == 1 + sum(range(1, 1000))
    assert sum(edge.source is x for edge in run.edges) == 1000
    assert g.nx.out_degree(x) == 1000


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_the_same_node_for_every_argument(count):
    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    run = gc.backprop(ops.sum(ops.concat(*[x] * count)))
    np.testing.assert_array_equal(run.grad[x], [count, count])
    assert sum(edge.source is x for edge in run.edges) == count


def network(g, dtype="float64"):
    """A 4-5-3 network with every kind of layer that the mission names."""
    rng = np.random.default_rng(0)
    x, y = g.input("x", (None, 4), dtype), g.input("y", (None, 3), dtype)
    a = x
    for layer, (rows, columns) in enumerate(((4, 5), (5, 3)), start=1):
        w = g.parameter(f"w{layer}", rng.standard_normal((rows, columns)).astype(dtype))
        b = g.parameter(f"b{layer}", rng.standard_normal(columns).astype(dtype))
        a = (ops.relu if layer == 1 else ops.sigmoid)(ops.add_bias(ops.matmul(a, w), b), name=f"a{layer}")
    cost = ops.mean(ops.squared_error(a, y)) + 0.1 * ops.mean(ops.cross_entropy(a, y), name="H")
    feed = {"x": rng.random((6, 4)).astype(dtype), "y": rng.dirichlet(np.ones(3), 6).astype(dtype)}
    return cost.named("C"), feed


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_in_every_library_is_the_network_in_numpy(dtype, library):
    g = gc.Graph()
    cost, feed = network(g, dtype)
    reference = gc.backprop(cost, feed)
    run = gc.backprop(cost, {name: library.array(value) for name, value in feed.items()})
    near = 1e-12 if dtype == "float64" else 1e-5
    for node in run.order:
        assert library.owns(run.value[node])
        for theirs, ours in ((run.value[node], reference.value[node]), (run.grad[node], reference.grad[node])):
            assert str(theirs.dtype).endswith(dtype)
            np.testing.assert_allclose(library.numpy(theirs), ours, rtol=near, atol=near * 1e-2)
    for theirs, ours in zip(run.edges, reference.edges, strict=True):
        np.testing.assert_allclose(library.numpy(theirs.contribution), ours.contribution, rtol=near, atol=near * 1e-2)
    slope = gc.derivative(cost, g["w1"])
    value = gc.evaluate(slope, {name: library.array(value) for name, value in feed.items()})
    np.testing.assert_allclose(library.numpy(value), reference.grad["w1"], rtol=near, atol=near * 1e-2)


def test_a_network_in_float32_is_float32_throughout():
    g = gc.Graph()
    cost, feed = network(g, "float32")
    run = gc.backprop(cost, feed)
    slopes = gc.derivative(cost, list(g.parameters.values()))
    second = gc.derivative(ops.sum(ops.square(slopes[0])), g["w2"])
    gc.evaluate([second, *slopes], feed)
    assert {str(node.dtype) for node in g.nodes if node.type.is_float} == {"float32"}
    for node in run.order:
        assert run.value[node].dtype == run.grad[node].dtype == "float32", node
    for edge in run.edges:
        assert edge.contribution.dtype == "float32", edge
        assert edge.local is None or edge.local.dtype == "float32", edge
    assert gc.evaluate(second, feed).dtype == "float32"


def test_pytorch_finds_the_same_gradients(torch):
    g = gc.Graph()
    cost, feed = network(g)
    run = gc.backprop(cost, feed)
    tensors = {name: torch.tensor(p.value, requires_grad=True) for name, p in g.parameters.items()}
    x, y = (torch.tensor(feed[name], requires_grad=True) for name in ("x", "y"))
    hidden = torch.relu(x @ tensors["w1"] + tensors["b1"])
    out = torch.sigmoid(hidden @ tensors["w2"] + tensors["b2"])
    entropy = -(y * torch.log_softmax(out, -1)).sum(-1).mean()
    (((out - y) ** 2).sum(-1).mean() + 0.1 * entropy).backward()
    for name, tensor in {**tensors, "x": x, "y": y}.items():
        np.testing.assert_allclose(run.grad[name], tensor.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_parameters_of_another_library_choose_it(library):
    g = gc.Graph()
    w = g.parameter("w", library.array([[1.0, 2.0], [3.0, 4.0]]))
    x = g.input("x", (2,))
    assert w.shape == (2, 2)
    assert w.dtype == "float64"
    run = gc.backprop(ops.sum(ops.square(w @ x)), {x: [1.0, -1.0]})
    np.testing.assert_array_equal(library.numpy(run.grad[w]), [[-2.0, 2.0], [-2.0, 2.0]])
    w.value = library.array(np.eye(2))
    np.testing.assert_array_equal(np.asarray(gc.evaluate(w @ x, {x: [1.0, -1.0]})), [1.0, -1.0])


def test_nan_never_silently_becomes_a_number():
    g = gc.Graph()
    cost, feed = network(g)
    feed["x"][2, 1] = np.nan
    run = gc.backprop(cost, feed)
    assert np.isnan(run.cost)
    assert np.all(np.isnan(run.value["a2"][2]))
    assert np.all(np.isfinite(run.value["a2"][[0, 1, 3, 4, 5]]))
    assert np.any(np.isnan(run.grad["w1"]))


def test_a_rule_that_answers_nan_is_heard():
    @gc.op
    def fine_forward_bad_slope(x):
        return x * 1.0

    @fine_forward_bad_slope.local("x")
    def slope(x):
        return x * float("nan")

    g = gc.Graph()
    x = g.parameter("x", 2.0)
    assert np.isnan(gc.backprop(fine_forward_bad_slope(x)).grad[x])


def test_a_rule_that_returns_the_wrong_shape_is_reported():
    @gc.op
    def doubled_up(x):
        return x + x

    @doubled_up.pullback("x")
    def three_of_them(dout, xp):
        return xp.concat([dout, dout, dout])

    g = gc.Graph()
    x = g.parameter("the weights", [1.0, 2.0])
    with pytest.raises(gc.errors.OperationError) as caught:
        gc.backprop(ops.sum(doubled_up(x, name="twice")))
    text = str(caught.value) + "".join(caught.value.__notes__)
    for piece in ("doubled_up", "(6,)", "(2,)", "the weights", "twice", "'x'", __file__):
        assert piece in text
    with pytest.raises(gc.errors.GraphcoreError):
        gc.evaluate(gc.derivative(ops.sum(doubled_up(x)), x))


def test_an_error_of_the_array_library_says_which_node():
    g = gc.Graph()
    x, w = g.input("x", (None, 3)), g.input("w", (None, 2))
    product = ops.matmul(x, w, name="the product")
    with pytest.raises(ValueError, match="matmul") as caught:
        gc.evaluate(product, {x: np.ones((2, 3)), w: np.ones((4, 2))})
    (note,) = caught.value.__notes__
    for piece in ("the product", "matmul", "a (2, 3)", "b (4, 2)", __file__):
        assert piece in note


def test_an_error_in_a_rule_says_which_derivative():
    @gc.op
    def breaks_on_the_way_back(x):
        return x * 1.0

    @breaks_on_the_way_back.pullback("x")
    def broken(dout):
        return dout @ dout @ dout.nothing

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    with pytest.raises(AttributeError) as caught:
        gc.backprop(ops.sum(breaks_on_the_way_back(x, name="the culprit")))
    note = "".join(caught.value.__notes__)
    for piece in ("the derivative with respect to 'x'", "the culprit", "(2,)", __file__):
        assert piece in note
