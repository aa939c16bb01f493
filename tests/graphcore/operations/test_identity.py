"""Two operations of one name stay two in copies and pickles; settings are copied; a result is one array."""

import copy
import gc as garbage
import itertools
import pickle
import types

import numpy as np
import pytest

import graphcore as gc
import ops


def scaled_by(factor):
    """A factory: its operations have one name and one definition, and captured different factors."""

    @gc.op(name="scaled_by_a_factor")
    def scaled(x):
        return x * factor

    @scaled.local("x")
    def dscaled_dx():
        return factor

    return scaled


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_operations_of_one_factory_stay_two(duplicate):
    g = gc.Graph()
    x = g.input("x")
    factors = [2.0, 3.0, np.array(5.0)]
    for number, factor in enumerate(factors):
        ops.sum(scaled_by(factor)(x), name=f"y{number}")
    run = [gc.backprop(duplicate(g)[f"y{number}"], {"x": 1.0}) for number in range(3)]
    assert [(float(r.cost), float(r.grad["x"])) for r in run] == [(f, f) for f in (2.0, 3.0, 5.0)]


def test_a_graph_whose_operation_is_another_now_is_not_loaded():
    g = gc.Graph()
    scaled_by(2.0)(g.input("x"), name="y")
    saved = pickle.dumps(g)
    del g
    gc.registry.register(scaled_by(2.0), replace=True)  # the same definition, made again
    garbage.collect()
    assert gc.evaluate(pickle.loads(saved)["y"], {"x": 1.0}) == 2.0
    scaled_by(3.0)
    garbage.collect()
    with pytest.raises(gc.errors.OperationError, match="'scaled_by_a_factor' was saved with another definition"):
        pickle.loads(saved)


def test_comments_and_docstrings_belong_to_no_definition():
    sources = ["def f(x):\n    return x * 2.0\n", "\n# a comment\ndef f(x):\n    'Twice.'\n\n    return x * 2.0\n"]
    made = []
    for source in (*sources, sources[0].replace("*", "+"), sources[0].replace("2.0", "-0.0"), "f = abs"):
        scope = {"__name__": "a_module"}
        exec(source, scope)
        made.append(gc.operations.fingerprint.fingerprint(scope["f"]))
    assert made[0] == made[1]
    assert len(set(made)) == 4
    for same in (lambda: {"b": {1, "two"}, "a": slice(3)}, lambda: np.float32(0.1), lambda: itertools.count):
        assert gc.operations.fingerprint.describe(same()) == gc.operations.fingerprint.describe(same())


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_settings_are_copied(backend):
    @gc.op
    def with_settings(x, *, weights, table, parts):
        return x * weights * table["scale"] * parts[0]

    g = gc.Graph()
    x = g.input("x", (2,))
    weights, table, parts = np.array([1.0, 2.0]), {"scale": np.array([10.0, 10.0])}, [np.array([1.0, 1.0])]
    y = ops.sum(with_settings(x, weights=weights, table=table, parts=parts))
    run = gc.compile(y, wrt=[], backend=backend) if backend else lambda feed: gc.evaluate(y, feed)
    for array in (weights, table["scale"], parts[0]):
        array[...] = 99.0
    table["scale"] = None
    assert run({x: np.array([1.0, 1.0])}) == 30.0
    with pytest.raises(gc.errors.OperationError, match="'parts' is a setting and cannot be a node"):
        with_settings(x, weights=1.0, table=1.0, parts=[x])


@pytest.mark.parametrize("kind", [tuple, list, lambda pair: dict(enumerate(pair)), lambda _: None])
def test_a_result_is_one_array(kind):
    @gc.op
    def several(x):
        return kind([x, 2 * x])

    @gc.op(shape="x", dtype="float64")
    def not_tried(x):
        return kind([np.sum(x), np.sum(2 * x)])

    x = gc.Graph().input("x", (2,))
    feed = {x: np.ones(2)}
    late = ops.sum(not_tried(x))
    for call in (
        lambda: several(np.ones(2)),
        lambda: several(2.0),
        lambda: several(x),
        lambda: gc.evaluate(late, feed),
        lambda: gc.compile(late, wrt=[], backend="numpy")(feed),
    ):
        with pytest.raises(
            (gc.errors.OperationError, gc.errors.ShapeError), match=r"its forward .* expected one array"
        ):
            call()


def test_every_option_arrives_in_the_short_form():
    made = gc.op(lambda a: 2 * a, name="every_option", level=gc.SUM, elementwise=True, dtype="float32", pure=True)
    assert (made.name, made.is_elementwise, made.dtype_rule, made.pure) == ("every_option", True, "float32", True)
    assert made.notation.level == gc.SUM


# -- purity

HELPERS = types.ModuleType("helpers_of_a_program")
exec("import numpy as np\nRATE = 2.0\nrate = 2.0\ndef noise():\n    return np.random.rand()\n", HELPERS.__dict__)
GENERATOR = np.random.default_rng(0)
COUNTER = itertools.count()
rate = 2.0


def count():
    return next(COUNTER)


@pytest.mark.parametrize(
    ("forward", "pure"),
    [
        (lambda x: np.exp(x) * np.pi, True),
        (lambda x: x * HELPERS.RATE, True),
        (lambda x: ops.sin(x) + 1, True),
        (lambda x: x * HELPERS.rate, False),
        (lambda x: x * HELPERS.noise(), False),
        (lambda x: x * GENERATOR.normal(), False),
        (lambda x: x * count(), False),
        (lambda x: x * rate, False),
        (lambda x: sum(np.random.default_rng().normal() for _ in range(2)) * x, False),
    ],
)
def test_purity_as_a_forward_looks(forward, pure):
    assert gc.op(forward, name="pure_or_not").is_pure is pure
    assert gc.op(forward, name="pure_or_not", replace=True, pure=not pure).is_pure is not pure


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch", "jax"])
@pytest.mark.parametrize("region", [lambda f: f, gc.checkpoint], ids=["plain", "checkpointed"])
def test_an_impure_operation_is_called_once_for_each_node_at_every_run(imported, backend, region):
    if backend != "numpy":
        imported(backend)
    calls = []

    @gc.op(pure=False, shape="x", dtype="float64")
    def counted(x):
        calls.append(None)
        return x * len(calls)

    @counted.local("x")
    def dcounted_dx(x, out):
        return out / x

    g = gc.Graph()
    x, w = g.input("x", (2,)), g.parameter("w", [1.0, 1.0])
    part = region(lambda z: ops.square(counted(z)))
    cost = part(w * x) + part(w * x)
    cost = ops.sum(cost, name="C")
    step, feed = gc.compile(cost, backend=backend), {x: np.array([1.0, 1.0])}
    runs = [step, lambda f: (gc.backprop(cost, f).cost, None), lambda f: (gc.backprop(cost, f, keep=[]).cost, None)]
    for run in runs * 2:
        first = len(calls)
        value, gradients = run(feed)
        assert len(calls) == first + 2
        assert value == 2 * ((first + 1) ** 2 + (first + 2) ** 2)
        if gradients is not None:
            np.testing.assert_allclose(gradients[w], 2.0 * ((first + 1) ** 2 + (first + 2) ** 2), rtol=1e-14)


def test_a_forward_that_draws_is_not_differentiated_through_a_second_call():
    for number, forward in enumerate([lambda x: x * np.random.default_rng().normal(), lambda x: x * count()]):
        op = gc.op(forward, name=f"draws{number}", pure=None if number == 0 else False)
        x = gc.Graph().input("x")
        run = gc.backprop(ops.square(op(x)), {x: 1.0})
        with pytest.raises(gc.errors.MissingRuleError, match="no rule for 'x'"):
            run.grad[x]
