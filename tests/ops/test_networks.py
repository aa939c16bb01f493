"""What networks are made of, held against torch.nn.functional: values, gradients and second derivatives."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest

import graphcore as gc
import ops

RNG = np.random.default_rng(11)


def normal(*shape):
    return RNG.standard_normal(shape)


def probabilities(*shape):
    return 0.1 + 0.8 * RNG.random(shape)


def held_against(torch, agree, ours, theirs, arrays, tolerance=1e-10):
    """Value, gradient, and the gradient of a mixture of the gradients."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out = theirs(*tensors)
    dout = np.cos(1.3 * np.arange(out.numel()) + 0.2).reshape(tuple(out.shape))
    first = torch.autograd.grad(out, tensors, torch.tensor(dout), create_graph=True)
    mixture = sum((part**2).sum() for part in first)
    second = torch.autograd.grad(mixture, tensors, allow_unused=True) if mixture.requires_grad else [None] * len(arrays)

    def cost(*values):
        return np.sum(ours(*values) * dout)

    def mixed(*values):
        return sum(np.sum(part**2) for part in gc.grad(cost, range(len(values)))(*values))

    agree(ours(*arrays), out.detach(), 1e-12)
    for found, want in zip(gc.grad(cost, range(len(arrays)))(*arrays), first, strict=True):
        agree(found, want.detach(), tolerance)
    for found, want in zip(gc.grad(mixed, range(len(arrays)))(*arrays), second, strict=True):
        agree(found, np.zeros(found.shape) if want is None else want, 10 * tolerance)


ACTIVATIONS = {
    "selu": (ops.selu, "selu", {}), "mish": (ops.mish, "mish", {}), "hardtanh": (ops.hardtanh, "hardtanh", {}),
    "gelu": (ops.gelu, "gelu", {}),
    "gelu tanh": (lambda z: ops.gelu(z, approximate="tanh"), "gelu", {"approximate": "tanh"}),
    "leaky_relu": (lambda z: ops.leaky_relu(z, slope=0.2), "leaky_relu", {"negative_slope": 0.2}),
    "elu": (lambda z: ops.elu(z, alpha=0.7), "elu", {"alpha": 0.7}), "silu": (ops.silu, "silu", {}),
    "softsign": (ops.softsign, "softsign", {}), "logsigmoid": (ops.logsigmoid, "logsigmoid", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, torch, agree):
    ours, theirs, settings = ACTIVATIONS[name]
    held_against(torch, agree, ours, lambda z: getattr(torch.nn.functional, theirs)(z, **settings), [3 * normal(4, 5)])


def test_the_error_function_and_its_units_far_from_zero():
    mpmath = pytest.importorskip("mpmath")
    mpmath.mp.dps = 40
    for z in (-30.0, -12.5, -3.0, -1e-9, 0.0, 1e-9, 2.0, 25.0):
        below = mpmath.erfc(-mpmath.mpf(z) / mpmath.sqrt(2)) / 2
        erf_derivative = mpmath.exp(-(mpmath.mpf(z) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi)
        np.testing.assert_allclose(ops.gelu(z), float(z * below), rtol=1e-12)
        np.testing.assert_allclose(gc.grad(ops.gelu)(z), float(below + z * erf_derivative), rtol=1e-9)
        np.testing.assert_allclose(ops.erf(z), float(mpmath.erf(z)), rtol=1e-14)
        np.testing.assert_allclose(
            gc.grad(ops.erfc)(z), float(-2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-z * z)), rtol=1e-12
        )
        inner = mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf("0.044715") * mpmath.mpf(z) ** 3)
        np.testing.assert_allclose(ops.gelu(z, approximate="tanh"), float(z / (1 + mpmath.exp(-2 * inner))), rtol=1e-12)
        if z > -25:
            slope = mpmath.diff(lambda t: t * mpmath.tanh(mpmath.log(1 + mpmath.exp(t))), z)
            np.testing.assert_allclose(gc.grad(ops.mish)(z), float(slope), rtol=1e-12)


@pytest.mark.parametrize(
    "activation", [ops.gelu, ops.mish, ops.selu, ops.hardtanh, ops.erf, ops.erfc, ops.erf_derivative]
)
def test_nothing_overflows_and_nan_stays(activation):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for z in (-1e4, 1e4):
            assert np.isfinite(activation(np.float64(z)))
    for z in (-1e4, 1e4):
        assert np.isfinite(gc.grad(activation)(z))
        assert np.isfinite(gc.grad(gc.grad(activation))(z))
    assert np.isnan(activation(np.float64("nan")))
    assert np.isnan(gc.grad(activation)(np.nan))


def test_the_error_function_without_scipy():
    program = """
import sys
import numpy as np
import ops
assert "scipy" not in sys.modules
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "scipy" else found(name, *more)
values = ops.erf([0.5, -1.0]), ops.gelu(np.array([[0.5]], "float32")), ops.erfc(2.0)
assert "scipy" not in sys.modules
print(values[0].tolist(), values[1].dtype, values[1].shape, float(values[2]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == f"{[math.erf(0.5), math.erf(-1.0)]} float32 (1, 1) {math.erfc(2.0)}".split()


@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        (ops.selu, 1.0507009873554805),
        (ops.hardtanh, 1.0),
        (lambda z: ops.hardtanh(z - 1.0), 0.0),
        (lambda z: ops.hardtanh(z + 1.0), 0.0),
        (lambda z: ops.leaky_relu(z, slope=0.3), 0.3),
        (lambda z: ops.leaky_relu(z, slope=2.0), 1.0),
        (lambda z: ops.leaky_relu(z, slope=-0.5), 0.0),
        (lambda z: ops.elu(z, alpha=0.5), 0.5),
        (lambda z: ops.elu(z, alpha=1.5), 1.0),
    ],
)
def test_the_slope_of_least_size_at_kinks(activation, slope):
    assert gc.grad(activation)(0.0) == slope


COSTS = {
    "huber": (lambda a, y: ops.huber(a, y, delta=0.7), "huber_loss", {"delta": 0.7}, normal),
    "log_loss": (ops.log_loss, "binary_cross_entropy", {}, probabilities),
    "binary_cross_entropy": (ops.binary_cross_entropy, "binary_cross_entropy_with_logits", {}, normal),
}


@pytest.mark.parametrize("name", COSTS)
def test_costs(name, torch, agree):
    ours, theirs, settings, draw = COSTS[name]
    a, y = draw(4, 3), probabilities(4, 3)

    def summed(a, y):
        return getattr(torch.nn.functional, theirs)(a, y, reduction="none", **settings).sum(-1)

    held_against(torch, agree, lambda a: ops.sum(ours(a, y)), lambda a: summed(a, torch.tensor(y)).sum(), [a])
    agree(ours(a, y), summed(torch.tensor(a), torch.tensor(y)), 1e-12)


def test_kl_divergence(torch, agree):
    a, y = probabilities(4, 3), probabilities(4, 3)
    held_against(
        torch, agree, ops.kl_divergence,
        lambda a, y: torch.nn.functional.kl_div(a.log(), y, reduction="none").sum(-1), [a, y],
    )  # fmt: skip


def test_costs_of_what_cannot_be_and_is_not():
    for cost in (ops.log_loss, ops.kl_divergence):
        value, gradient = gc.value_and_grad(lambda a, cost=cost: ops.sum(cost(a, np.array([0.0, 0.5]))))(
            np.array([0.0, 0.5])
        )
        assert np.isfinite(value)
        assert np.all(np.isfinite(gradient))
        assert np.isinf(gc.value_and_grad(lambda a, cost=cost: cost(a, 0.5))(0.0)[0])
    with pytest.raises(gc.errors.ShapeError, match="last axis"):
        ops.huber(np.ones((3, 1)), np.ones(3))


CONVOLUTIONS = [
    (stride, padding, dilation, groups)
    for stride, padding, dilation, groups in itertools.product((1, 2, 3), (0, 1, 2, "same", "valid"), (1, 2), (1, 2))
    if padding != "same" or stride == 1
]


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), CONVOLUTIONS)
def test_conv1d(stride, padding, dilation, groups, torch, agree):
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    held_against(
        torch, agree, lambda x, w, b: ops.conv1d(x, w, b, **settings),
        lambda x, w, b: torch.nn.functional.conv1d(x, w, b, **settings),
        [normal(2, 4, 9), normal(6, 4 // groups, 3), normal(6)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"),
    [(1, 0, 1, 1), ((2, 1), (1, 2), (1, 2), 1), (2, 1, 1, 3), (1, "same", (2, 1), 1), ((1, 3), (0, 2), 2, 3)],
)
def test_conv2d(stride, padding, dilation, groups, torch, agree):
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    held_against(
        torch, agree, lambda x, w: ops.conv2d(x, w, **settings),
        lambda x, w: torch.nn.functional.conv2d(x, w, **settings),
        [normal(2, 3, 6, 7), normal(6, 3 // groups, 2, 3)],
    )  # fmt: skip


@pytest.mark.parametrize(("size", "stride", "padding"), [(2, None, 0), (3, 2, 1), ((2, 3), (1, 2), (1, 0))])
def test_pools_of_images(size, stride, padding, torch, agree):
    held_against(
        torch, agree, lambda x: ops.max_pool2d(x, size, stride=stride, padding=padding),
        lambda x: torch.nn.functional.max_pool2d(x, size, stride, padding), [normal(2, 3, 6, 7)],
    )  # fmt: skip
    for counted in (True, False):
        held_against(
            torch, agree,
            lambda x, counted=counted: ops.avg_pool2d(x, size, stride=stride, padding=padding, count_padding=counted),
            lambda x, counted=counted: torch.nn.functional.avg_pool2d(
                x, size, stride, padding, count_include_pad=counted
            ),
            [normal(2, 3, 6, 7)],
        )  # fmt: skip


@pytest.mark.parametrize(("size", "stride", "padding", "dilation"), [(2, None, 0, 1), (3, 2, 1, 2), (3, 1, 0, 1)])
def test_pools_of_signals(size, stride, padding, dilation, torch, agree):
    held_against(
        torch, agree, lambda x: ops.max_pool1d(x, size, stride=stride, padding=padding, dilation=dilation),
        lambda x: torch.nn.functional.max_pool1d(x, size, stride, padding, dilation), [normal(2, 3, 9)],
    )  # fmt: skip
    held_against(
        torch, agree, lambda x: ops.avg_pool1d(x, size, stride=stride, padding=padding),
        lambda x: torch.nn.functional.avg_pool1d(x, size, stride, padding), [normal(2, 3, 9)],
    )  # fmt: skip


def test_ties_in_a_patch_share_evenly():
    gradient = gc.grad(lambda x: np.sum(ops.max_pool1d(x, 2)))(np.array([[[1.0, 1.0, 0.0, 2.0]]]))
    np.testing.assert_array_equal(gradient, [[[0.5, 0.5, 0.0, 1.0]]])


def test_normalizations(torch, agree):
    functional = torch.nn.functional
    x, gain, bias = normal(4, 3, 5), normal(5), normal(5)
    held_against(torch, agree, ops.layer_norm, lambda x, g, b: functional.layer_norm(x, (5,), g, b), [x, gain, bias])
    held_against(
        torch, agree, lambda x: ops.layer_norm(x, axis=(1, 2), epsilon=0.1),
        lambda x: functional.layer_norm(x, (3, 5), eps=0.1), [x],
    )  # fmt: skip
    gain, bias, mean, variance = normal(3), normal(3), normal(3), probabilities(3)
    held_against(
        torch, agree, ops.batch_norm,
        lambda x, g, b: functional.batch_norm(x, None, None, g, b, training=True), [x, gain, bias],
    )  # fmt: skip
    held_against(
        torch, agree, ops.batch_norm_inference,
        lambda x, m, v, g, b: (x - m[:, None]) / torch.sqrt(v[:, None] + 1e-5) * g[:, None] + b[:, None],
        [x, mean, variance, gain, bias],
    )  # fmt: skip
    theirs = functional.batch_norm(*(torch.tensor(a) for a in (x, mean, variance, gain, bias)))
    agree(ops.batch_norm_inference(x, mean, variance, gain, bias), theirs, 1e-12)


def test_a_constant_is_normalized_to_nothing_with_a_finite_gradient():
    value, gradient = gc.value_and_grad(lambda x: np.sum(ops.layer_norm(x) * np.arange(3.0)))(np.ones((2, 3)))
    assert value == 0
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("causal", [False, True])
def test_attention(causal, torch, agree):
    held_against(
        torch, agree, lambda q, k, v: ops.scaled_dot_product_attention(q, k, v, causal=causal),
        lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal),
        [normal(2, 3, 4, 5), normal(2, 3, 4, 5), normal(2, 3, 4, 6)],
    )  # fmt: skip


def test_attention_that_may_look_nowhere_finds_nothing(torch, agree):
    q, k, v = normal(1, 3, 4), normal(1, 5, 4), normal(1, 5, 2)
    mask = RNG.random((1, 3, 5)) > 0.4
    mask[0, 1] = False
    value, pullback = gc.vjp(lambda *parts: ops.scaled_dot_product_attention(*parts, mask, scale=0.3), q, k, v)
    np.testing.assert_array_equal(value[0, 1], 0)
    gradients = pullback(np.ones_like(value))
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    np.testing.assert_array_equal(gradients[0][0, 1], 0)
    kept = [0, 2]
    tensors = [torch.tensor(part, requires_grad=True) for part in (q[:, kept], k, v)]
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *tensors, attn_mask=torch.tensor(mask[:, kept]), scale=0.3
    )
    agree(value[:, kept], theirs.detach(), 1e-12)
    theirs.sum().backward()
    for found, tensor in zip((gradients[0][:, kept], *gradients[1:]), tensors, strict=True):
        agree(found, tensor.grad, 1e-10)


def test_embedding_adds_up_what_comes_back_to_a_row(torch, agree):
    table, labels = normal(5, 3), np.array([[0, 4, 4], [1, 4, 0]])
    held_against(
        torch, agree, lambda t: ops.embedding(t, labels),
        lambda t: torch.nn.functional.embedding(torch.tensor(labels), t), [table],
    )  # fmt: skip
    with pytest.raises(gc.errors.ShapeError, match="no entry 5"):
        ops.embedding(table, np.array([5]))
    g = gc.Graph()
    node = g.input("labels", (None,), "int64")
    rows = ops.embedding(g.parameter("table", table), node)
    np.testing.assert_array_equal(gc.evaluate(rows, {node: np.array([2, 2])}), table[[2, 2]])


def test_dropout():
    x, mask = np.array([1.0, 2.0, 4.0], "float32"), np.array([True, False, True])
    value, pullback = gc.vjp(lambda x: ops.dropout(x, mask, rate=0.75), x)
    assert value.dtype == "float32"
    np.testing.assert_array_equal(value, [4, 0, 16])
    np.testing.assert_array_equal(pullback(np.ones(3))[0], [4, 0, 4])


def test_a_network_of_them_with_any_number_of_examples(differences, agree):
    g = gc.Graph("small convolution net")
    x = g.input("x", (None, 1, 8, 8))
    y = g.input("y", (None,), "int64")
    w1, w2 = g.parameter("w1", 0.4 * normal(3, 1, 3, 3)), g.parameter("w2", 0.4 * normal(27, 4))
    b1 = g.parameter("b1", normal(3))
    seen = ops.avg_pool2d(ops.gelu(ops.conv2d(x, w1, b1)), 2)
    assert seen.shape == (None, 3, 3, 3)
    scores = ops.layer_norm(ops.reshape(seen, (-1, 27))) @ w2
    C = ops.mean(ops.cross_entropy(scores, y), name="C")
    feed = {x: normal(5, 1, 8, 8), y: np.array([0, 1, 2, 3, 0])}
    run = gc.backprop(C, feed)

    def cost(value):
        g2 = w1.value
        w1.value = value
        found = gc.evaluate(C, feed)
        w1.value = g2
        return found

    agree(run.grad[w1], differences(cost, w1.value), 1e-8)
    np.testing.assert_allclose(gc.evaluate(gc.derivative(C, w1), feed), run.grad[w1], rtol=1e-10, atol=1e-13)


UNSUPPORTED = [
    (lambda x: ops.conv2d(x, np.ones((2, 1, 3, 3))), "channels of x are 1 times"),
    (lambda x: ops.conv2d(x, np.ones((2, 3, 9, 3))), "reaches over 9 entries does not fit on an axis of 8"),
    (lambda x: ops.conv2d(x, np.ones((3, 1, 3, 3)), groups=2), "groups=2"),
    (lambda x: ops.conv1d(x, np.ones((2, 3, 3))), "with 3 axes; got 4 and 3"),
    (lambda x: ops.conv2d(x, np.ones((2, 3, 3, 3)), stride=0), "stride is an integer from 1"),
    (lambda x: ops.conv2d(x, np.ones((2, 3, 3, 3)), stride=2, padding="same"), "stride is 1"),
    (lambda x: ops.conv2d(x, np.ones((2, 3, 3, 3)), padding="full"), "'same', 'valid'"),
    (lambda x: ops.conv2d(x, np.ones((2, 3, 3, 3)), dilation=(1, 2, 3)), "dilation"),
    (lambda x: ops.max_pool2d(x, 3, padding=2), "half of the size"),
    (lambda x: ops.max_pool1d(x, 3), "3 axes here; got 4"),
    (lambda x: ops.batch_norm(x, channel=4), "no axis 4 for the channels"),
    (lambda x: ops.layer_norm(x, axis=7), "no axis 7"),
    (lambda x: ops.embedding(x, np.array([1])), "two axes"),
    (lambda x: ops.dropout(x, np.ones((5, 3, 8, 8)), rate=1.0), "less than 1"),
    (lambda x: ops.scaled_dot_product_attention(x, np.ones((5, 3, 8, 7)), x), "8 features and keys 7"),
    (lambda x: ops.gelu(x, approximate="erf"), "'none' or 'tanh'"),
]


@pytest.mark.parametrize(("make", "said"), UNSUPPORTED, ids=[said for _, said in UNSUPPORTED])
def test_what_does_not_fit_is_refused_where_it_is_made(make, said):
    x = gc.Graph().input("x", (5, 3, 8, 8))
    with pytest.raises(gc.errors.GraphcoreError, match=said):
        make(x)
