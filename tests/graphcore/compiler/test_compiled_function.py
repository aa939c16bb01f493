"""Compiled plain functions: every transform, for arguments of every structure, equals the uncompiled one."""

import collections

import numpy as np
import pytest

import graphcore as gc
import ops  # noqa: F401  the operations that numpy's functions find

X = np.array([0.5, -1.25, 2.0])
PAIR = collections.namedtuple("PAIR", "w b")  # noqa: PYI024  as users have them


def bowl(x):
    return np.sum(np.tanh(x) ** 2) + np.sum(x[1:] * x[:-1])


def neuron(p, x):
    return np.mean((1 / (1 + np.exp(-(x @ p["w"] + p["b"]))) - 0.3) ** 2)


TRANSFORMS = {
    "function": (bowl, (X,)),
    "grad": (gc.grad(bowl), (X,)),
    "value_and_grad": (gc.value_and_grad(bowl), (X,)),
    "hessian": (gc.hessian(bowl), (X,)),
    "jacobian": (gc.jacobian(np.tanh), (X,)),
    "jvp": (lambda x, v: gc.jvp(bowl, (x,), (v,)), (X, X * 2)),
    "hvp": (lambda x, v: gc.hvp(bowl, x, v), (X, X[::-1].copy())),
    "vjp": (lambda x, v: gc.vjp(np.sin, x)[1](v), (X, X)),
    "nested": (gc.grad(lambda x: np.sum(gc.grad(bowl)(x) ** 2)), (X,)),
    "dict": (gc.value_and_grad(neuron), ({"w": np.array([0.1, -0.4]), "b": 0.3}, np.linspace(-1, 1, 6).reshape(3, 2))),
    "tuple": (gc.grad(lambda p: np.sum(p.w * p.b)), (PAIR(X, X + 1),)),
    "number": (gc.grad(lambda x, k: np.sin(k * x), argnums=(0, 1)), (0.3, 2.0)),
}


def same(found, expected):
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, (tuple, list)):
        assert type(found) is type(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_compiles(name, backend):
    function, args = TRANSFORMS[name]
    compiled = gc.compile(function, backend=backend)
    for _ in range(2):
        same(compiled(*args), function(*args))


def test_one_program_for_each_form_and_each_constant():
    calls = []

    def power(x, n, *, scale=1.0, axis=None):
        calls.append(n)
        return scale * np.sum(x**n, axis=axis)

    compiled = gc.compile(power, backend="numpy")
    np.testing.assert_allclose(compiled(X, 2), np.sum(X**2))
    np.testing.assert_allclose(compiled(X + 1, 2), np.sum((X + 1) ** 2))
    assert calls == [2, 2]  # a function is traced twice at first
    np.testing.assert_allclose(compiled(X, 3), np.sum(X**3))
    np.testing.assert_allclose(compiled(np.ones((2, 2)), 3, axis=0), [2.0, 2.0])
    np.testing.assert_allclose(compiled(X, 2, scale=2.5), 2.5 * np.sum(X**2))
    np.testing.assert_allclose(compiled(X, 2, scale=0.5), 0.5 * np.sum(X**2))
    np.testing.assert_allclose(compiled(X.astype("float32"), 2), np.sum(X.astype("float32") ** 2), rtol=1e-6)
    assert len(calls) == 2 * 5
    assert "5 programs" in repr(compiled)


def test_what_has_no_array_and_what_is_traced_itself():
    assert gc.compile(lambda n: n + 1, backend="numpy")(3) == 4
    inside = gc.compile(bowl, backend="numpy")
    np.testing.assert_allclose(gc.grad(lambda x: 2 * inside(x))(X), 2 * gc.grad(bowl)(X))
    with pytest.raises(gc.errors.GraphError, match="value_and_grad"):
        gc.compile(bowl, wrt=["x"])
    with pytest.raises(gc.errors.DtypeError, match="neither an array nor a constant"):
        gc.compile(lambda x, s: x, backend="numpy")(X, {1, 2})
