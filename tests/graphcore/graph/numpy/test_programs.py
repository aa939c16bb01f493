"""Programs as people write them for numpy: nothing of graphcore in them, and their gradients are right all the same."""

import numpy as np
import pytest

import graphcore as gc
from graphcore.support import pytree

RNG = np.random.default_rng(3)
PROGRAMS = {}


def program(*examples):
    """Keep a program under its own name, with arguments to call it with; the first is differentiated by."""

    def keep(f):
        PROGRAMS[f.__name__] = (f, examples)
        return f

    return keep


def normal(*shape):
    return RNG.standard_normal(shape)


@program(normal(3), normal(5, 3), np.array([1.0, 0.0, 1.0, 1.0, 0.0]))
def logistic_regression(weights, inputs, targets):
    predictions = 0.5 * (np.tanh(np.dot(inputs, weights) / 2.0) + 1)
    label_probabilities = predictions * targets + (1 - predictions) * (1 - targets)
    return -np.sum(np.log(label_probabilities))


@program([(normal(4, 5), normal(5)), (normal(5, 3), normal(3))], normal(6, 4), np.eye(3)[[0, 1, 2, 0, 1, 2]])
def multilayer_perceptron(params, inputs, targets):
    for w, b in params:
        outputs = np.dot(inputs, w) + b
        inputs = np.tanh(outputs)
    log_probabilities = outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))
    penalty = sum(np.sum(w**2) + np.sum(b**2) for w, b in params)
    return -np.mean(np.sum(log_probabilities * targets, axis=1)) + 0.01 * penalty


@program({"change": normal(3 + 4 + 1, 4), "predict": normal(4 + 1, 2)}, normal(5, 2, 3))
def recurrent_network(params, inputs):
    def with_bias(array):
        return np.hstack([array, np.ones((array.shape[0], 1))])

    hidden = np.zeros((2, 4))
    total = 0.0
    for step in inputs:
        hidden = np.tanh(np.dot(with_bias(np.concatenate((step, hidden), axis=1)), params["change"]))
        total = total + np.mean(np.dot(with_bias(hidden), params["predict"]) ** 2)
    return total


@program({"means": normal(2, 3), "scales": normal(2, 3), "shares": normal(2)}, normal(7, 3))
def mixture_of_gaussians(p, data):
    log_shares = p["shares"] - np.log(np.sum(np.exp(p["shares"])))
    away = (data[:, None, :] - p["means"]) / np.exp(p["scales"])
    each = log_shares - np.sum(0.5 * away**2 + p["scales"], axis=-1)
    most = np.max(each, axis=1, keepdims=True)
    return -np.sum(most[:, 0] + np.log(np.sum(np.exp(each - most), axis=1)))


@program(normal(6))
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


@program(0.7)
def taylor_series_of_the_sine(x):
    term = total = x
    for i in range(12):
        term = -term * x * x / ((2 * i + 3) * (2 * i + 2))
        total = total + term
    return total


@program(normal(4, 4) + 4 * np.eye(4), normal(4))
def gaussian_log_density(root, x):
    covariance = np.dot(root, root.T) + 0.1 * np.eye(4)
    _, logdet = np.linalg.slogdet(covariance)
    return -0.5 * (np.dot(x, np.linalg.solve(covariance, x)) + logdet + 4 * np.log(2 * np.pi))


@program(np.array([0.3, 0.8]), normal(6, 1), normal(6))
def gaussian_process(log_scales, inputs, targets):
    away = np.sum((inputs[:, None, :] - inputs[None, :, :]) ** 2, axis=2) / np.exp(log_scales[0])
    kernel = np.exp(log_scales[1]) * np.exp(-0.5 * away) + 0.5 * np.eye(len(inputs))
    root = np.linalg.cholesky(kernel)
    solved = np.linalg.solve(root, targets)
    return 0.5 * np.sum(solved**2) + np.sum(np.log(np.diag(root)))


@program(normal(4, 3), normal(3, 5), np.array([0, 2, 2, 1]))
def picking_labels(w, x, labels):
    scores = w @ x
    return np.mean(scores[np.arange(4), labels] ** 2) + np.sum(scores[:, ::2]) + np.linalg.norm(scores[[1, 1]])


@program(normal(3, 4), normal(4, 5), normal(2, 3, 5))
def contractions(a, b, c):
    product = np.einsum("ij,jk->ik", a, b)
    stacked = np.stack([product, np.flip(product, axis=0)])
    return np.sum(np.tensordot(stacked, c, axes=([0, 1], [0, 1])) ** 2) + np.trace(np.outer(a[0], b[:, 0]))


@program(normal(2, 6))
def statistics(x):
    centred = (x - np.mean(x, axis=1, keepdims=True)) / np.std(x, axis=1, keepdims=True)
    spread = np.var(np.clip(x, -1.0, 1.0), axis=0, ddof=1)
    return np.sum(np.cumsum(centred, axis=1) ** 3) + np.sum(np.sort(x, axis=None)[2:]) + np.prod(spread + 1.0)


@program(normal(3, 4))
def methods(x):
    flat = x.T.reshape(-1).astype("float64")
    return (flat.dot(flat) + x.sum(axis=0).max() + x.mean() * x.std() - x[x.shape[0] - 1].min()) / x.size


@program(normal(8))
def moving_about(signal):
    rolled = np.roll(signal, 2) * signal + np.tile(signal[:4], 2)
    folded = np.repeat(np.reshape(rolled, (2, 4)), 2, axis=0)
    parts = np.split(np.swapaxes(folded, 0, 1), 2)
    return np.sum(np.where(parts[0] > 0, np.sqrt(np.abs(parts[0])), np.abs(parts[1]))) + np.sum(np.diff(signal) ** 2)


@pytest.mark.parametrize("name", PROGRAMS)
def test_value_and_gradient(name, differences, agree):
    f, (first, *rest) = PROGRAMS[name]
    value, gradient = gc.value_and_grad(f)(first, *rest)
    np.testing.assert_allclose(value, f(first, *rest), rtol=1e-13)
    leaves = pytree.leaves(first)
    for i, (leaf, found) in enumerate(zip(leaves, pytree.leaves(gradient), strict=True)):

        def moved(x, i=i):
            return f(pytree.unflatten(first, [*leaves[:i], x, *leaves[i + 1 :]]), *rest)

        agree(found, differences(moved, leaf), 2e-9, what=f"{name}, part {i}")


@pytest.mark.parametrize("name", PROGRAMS)
def test_traced_once_it_computes_for_other_numbers(name):
    f, (first, *rest) = PROGRAMS[name]
    traced = gc.trace(lambda p: f(p, *rest), first)
    other = pytree.map_leaves(lambda leaf: leaf * 0.9 + 0.05, first)
    np.testing.assert_allclose(traced(other), f(other, *rest), rtol=1e-13)
