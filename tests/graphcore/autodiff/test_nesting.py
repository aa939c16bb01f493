"""Transforms inside transforms: JAX is the referee, of every pair and of some that are three deep."""

import itertools
from collections import Counter, OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest

import graphcore as gc
import ops

W = np.array([[0.2, 1.0], [-0.7, 0.4]])
V = np.array([0.3, 2.0])
X = np.array([0.5, -0.4])
NAMES = ("grad", "value_and_grad", "jacobian", "hessian", "hvp", "vjp", "jvp")
DEEPER = [
    ("grad", "jacobian", "jvp"),
    ("jvp", "vjp", "grad"),
    ("hvp", "hvp", "jvp"),
    ("jacobian", "hessian", "vjp"),
    ("jvp", "jvp", "jvp"),
]


@pytest.fixture(scope="module")
def jax():
    module = pytest.importorskip("jax")
    before = module.config.jax_enable_x64
    module.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
    yield module
    module.config.update("jax_enable_x64", before)


def base(xp):
    return lambda x: xp.exp(0.3 * x) * xp.tanh(x @ W)


def nested(names, transforms, xp, hvp):
    """Each name turns a function of vectors into another one; the last of them is the innermost."""

    def total(g):
        return lambda x: xp.sum(g(x) ** 2)

    def value_times_gradient(g):
        return lambda x: xp.sum(transforms.value_and_grad(total(g))(x)[0]) * transforms.value_and_grad(total(g))(x)[1]

    wrap = {
        "grad": lambda g: transforms.grad(total(g)),
        "value_and_grad": value_times_gradient,
        "jacobian": lambda g: lambda x: xp.sum(transforms.jacobian(g)(x) * V, axis=1),
        "hessian": lambda g: lambda x: transforms.hessian(total(g))(x) @ V,
        "hvp": lambda g: lambda x: hvp(total(g), x, x * V),
        "vjp": lambda g: lambda x: transforms.vjp(g, x)[1](xp.sin(x))[0],
        "jvp": lambda g: lambda x: transforms.jvp(g, (x,), (xp.cos(x),))[1],
    }
    f = base(xp)
    for name in reversed(names):
        f = wrap[name](f)
    return f


@pytest.mark.parametrize("names", [*itertools.product(NAMES, NAMES), *DEEPER], ids="-".join)
def test_nested_transforms_are_those_of_jax(jax, names):
    ours = nested(names, gc, np, gc.hvp)(X)
    theirs = nested(names, jax, jax.numpy, lambda f, x, v: jax.jvp(jax.grad(f), (x,), (v,))[1])(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_containers_nest(jax):
    def network(p, x, xp=np):
        return xp.sum(xp.tanh(x @ p["w"] + p["b"][0]) ** 2) * p["b"][1]

    def outer(p, x, transforms=gc, xp=np):
        def f(p, x):
            return network(p, x, xp)

        by_p, by_x = transforms.jacobian(f, (0, 1))(p, x)
        moved = transforms.jvp(lambda p: f(p, x), (p,), (transforms.grad(f)(p, x),))[1]
        back = transforms.vjp(f, p, x)[1](moved)[0]["b"][1]
        curved = transforms.hessian(f)(p, x)["w"]["b"][0]
        return xp.sum(by_p["w"] ** 2) + xp.sum(by_x**3) + moved * back + xp.sum(curved**2)

    p = {"w": W, "b": [np.array([0.1, -0.2]), 1.5]}
    value, ours = gc.value_and_grad(outer)(p, X)
    expected, theirs = jax.value_and_grad(lambda p, x: outer(p, x, jax, jax.numpy))(p, X)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    for mine, want in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(mine, want, rtol=1e-9)


def test_hessians_by_several_arguments(jax):
    def f(x, y, xp=np):
        return xp.sum(xp.sin(x) * y**3)

    ours = gc.hessian(f, (0, 1))(X, V)
    theirs = jax.hessian(lambda x, y: f(x, y, jax.numpy), (0, 1))(X, V)
    for i, j in itertools.product(range(2), range(2)):
        np.testing.assert_allclose(ours[i][j], theirs[i][j], rtol=1e-12, atol=1e-15)


def test_perturbations_are_not_confused():
    assert gc.grad(lambda x: x * gc.grad(lambda y: x * y)(1.0))(3.0) == 6.0
    assert gc.grad(lambda x: x * gc.jvp(lambda y: x + y, (1.0,), (1.0,))[1])(3.0) == 1.0
    assert gc.jvp(lambda x: x * gc.jvp(lambda y: x * y, (x,), (1.0,))[1], (3.0,), (1.0,))[1] == 6.0
    assert gc.grad(lambda x: gc.vjp(lambda y: x * y, x)[1](x)[0])(3.0) == 6.0
    with pytest.raises(gc.errors.DtypeError, match=r"1\.0 instead of 1"):
        gc.grad(lambda x: x * gc.grad(lambda y: x * y)(1))(3.0)


def test_what_is_constant_inside():
    assert gc.grad(lambda x: x * gc.grad(lambda y: 3.0)(x))(2.0) == 0.0
    assert gc.grad(lambda x: x * gc.jvp(lambda y: 3.0, (x,), (x,))[0])(2.0) == 3.0
    assert gc.grad(lambda x: x * np.sum(gc.jacobian(lambda y: np.ones(3))(x)))(2.0) == 0.0
    assert gc.grad(lambda x: x * gc.grad(lambda y: y**2)(3.0))(2.0) == 6.0
    assert gc.hessian(lambda x: 3.0)(np.ones(2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_pullback_of_a_pullback_is_the_push_forward(jax):
    _, pullback = gc.vjp(base(np), X)
    pushed = gc.vjp(lambda dout: pullback(dout)[0], np.ones(2))[1](V)[0]
    np.testing.assert_allclose(pushed, jax.jvp(base(jax.numpy), (X,), (V,))[1], rtol=1e-12)


def test_elementwise_gradients(jax):
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    ours = gc.elementwise_grad(gc.elementwise_grad(np.sin))(x)
    np.testing.assert_allclose(ours, -np.sin(x), rtol=1e-15)
    by_both = gc.elementwise_grad(lambda x, y: x * np.exp(y), (0, 1))(x, V)
    sums = jax.grad(lambda x, y: jax.numpy.sum(x * jax.numpy.exp(y)), (0, 1))(x, V)
    for mine, want in zip(by_both, sums, strict=True):
        np.testing.assert_allclose(mine, want, rtol=1e-14)
    assert gc.elementwise_grad(np.tanh)(0.0) == 1.0
    with pytest.raises(gc.errors.ShapeError, match="not known"):
        gc.elementwise_grad(np.tanh)(gc.Graph().input("x", (None,)))


class Pair(NamedTuple):
    """Two numbers, or what stands for them."""

    w: float
    b: float


@pytest.mark.parametrize(
    "container",
    [
        OrderedDict(w=1.0, b=2.0),
        defaultdict(float, w=1.0, b=2.0),
        Counter(w=1.0, b=2.0),
        Pair(1.0, 2.0),
        [1.0, (2.0, None)],
        {"p": Pair(1.0, OrderedDict(b=2.0))},
    ],
    ids=lambda c: type(c).__name__,
)
def test_containers_come_back_as_they_were(container):
    def f(p):
        return sum(leaf**2 for leaf in gc.support.pytree.leaves(p))

    gradient = gc.grad(f)(container)
    assert type(gradient) is type(container)
    assert gc.support.pytree.leaves(gradient) == [2.0, 4.0]
    assert gc.support.pytree.leaves(gc.hvp(f, container, container)) == [2.0, 4.0]
    if isinstance(container, defaultdict):
        assert gradient.default_factory is float
    if isinstance(container, dict) and "p" in container:
        assert type(gradient["p"]) is Pair
        assert type(gradient["p"].b) is OrderedDict


def test_a_function_may_change_the_containers_that_it_is_given():
    def f(p):
        p["new"] = p.pop("w") * 2.0
        return p["new"] ** 2

    p = {"w": 3.0}
    assert gc.grad(f)(p) == {"w": 24.0}
    assert p == {"w": 3.0}


@pytest.mark.parametrize("argnums", [np.int64(1), np.int32(-1), -1])
def test_places_of_every_kind_of_whole_number(argnums):
    assert gc.grad(lambda x, y: x * y**2, argnums)(2.0, 3.0) == 12.0
    assert gc.jacobian(lambda x, y: x * y**2, [argnums])(2.0, 3.0) == (12.0,)
    assert gc.hessian(lambda x, y: x * y**2, argnums)(2.0, 3.0) == 4.0


@pytest.mark.parametrize(
    ("argnums", "said"),
    [
        ((0, 0), "once"),
        ((1, -1), "once"),
        (2, "no argument 2"),
        ("x", "expected an integer"),
        (0.0, "expected an integer"),
    ],
)
def test_places_that_make_no_sense_are_refused(argnums, said):
    for transform in (gc.grad, gc.value_and_grad, gc.jacobian, gc.hessian, gc.elementwise_grad):
        with pytest.raises(gc.errors.DtypeError, match=said):
            transform(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_whole_numbers_as_a_result_are_refused():
    with pytest.raises(gc.errors.CostError, match="no float"):
        gc.grad(ops.argmax)(np.ones(2))


def test_a_traced_function_is_differentiated_like_any_other():
    traced = gc.trace(lambda p, y: {"out": np.sum(p["w"] * y) ** 2, "same": p["w"]}, {"w": V}, X)
    value, gradient = gc.value_and_grad(lambda p: traced(p, X)["out"] + np.sum(traced(p, X)["same"]))({"w": V})
    assert value == pytest.approx(np.sum(V * X) ** 2 + np.sum(V), rel=1e-15)
    np.testing.assert_allclose(gradient["w"], 2 * np.sum(V * X) * X + 1, rtol=1e-14)


def test_arrays_of_every_library_nest(library):
    def f(x):
        return ops.sum(gc.grad(lambda x: ops.sum(ops.sigmoid(x) * x))(x) ** 2)

    expected = [gc.grad(f)(X), gc.hessian(f)(X), gc.jvp(gc.grad(f), (X,), (V,))[1]]
    x, v = library.array(X), library.array(V)
    found = [gc.grad(f)(x), gc.hessian(f)(x), gc.jvp(gc.grad(f), (x,), (v,))[1]]
    for ours, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(library.numpy(ours), want, rtol=1e-12)
