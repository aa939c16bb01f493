"""Operations that a user defines: signatures, settings, optional and many values, composites, and every mistake."""

import inspect
import pathlib
import pickle

import numpy as np
import pytest

import graphcore as gc
import ops


def test_an_operation_computes_with_arrays_and_lists_and_makes_nodes():
    @gc.op(r"{x:strict}^3")
    def cubed(x):
        """A volume."""
        return x * x * x

    @cubed.local("x")
    def dcubed_dx(x):
        return 3 * x * x

    assert cubed(2.0) == 8.0
    np.testing.assert_array_equal(cubed([1.0, 2.0]), [1.0, 8.0])
    x = gc.Graph().parameter("x", [1.0, -2.0])
    node = cubed(x, name="volume")
    assert (node.name, node.op, node.shape) == ("volume", cubed, (2,))
    np.testing.assert_array_equal(gc.backprop(ops.sum(node)).grad[x], [3.0, 12.0])
    assert cubed.__doc__ == "A volume."
    assert gc.registry["cubed"] is gc.registry.cubed is cubed
    assert str(cubed.source).startswith(__file__)
    assert repr(cubed) == "<op cubed(x)>"


def test_an_operation_without_rules_is_differentiated_through_what_it_is_made_of(differences, agree):
    @gc.op
    def weighted_gate(x, w, *, sharpness=1.7, xp):
        return x * (0.5 + 0.5 * xp.tanh(sharpness * x @ w))

    start, matrix = np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([[1.0, -0.5], [0.25, 0.75]])
    g = gc.Graph()
    x, w = g.input("x", (None, 2)), g.parameter("w", matrix)
    cost = ops.sum(ops.square(weighted_gate(x, w, sharpness=0.9)))
    run = gc.backprop(cost, {x: start})
    f = lambda x, w: np.sum((x * (0.5 + 0.5 * np.tanh(0.9 * x @ w))) ** 2)  # noqa: E731
    agree(run.grad[x], differences(lambda v: f(v, matrix), start))
    agree(run.grad[w], differences(lambda v: f(start, v), matrix))
    slope = gc.derivative(cost, w)
    agree(gc.evaluate(slope, {x: start}), run.grad[w], 1e-12)
    second = gc.evaluate(gc.derivative(ops.sum(ops.square(slope)), x), {x: start})
    agree(second, differences(lambda v: np.sum(gc.backprop(cost, {x: v}).grad[w] ** 2), start))
    assert weighted_gate.is_composite


def test_a_composite_of_composites_with_an_argument_it_does_not_depend_on():
    @gc.op
    def inner(a, unused):
        return a * a

    @gc.op
    def surrounding(a, unused):
        return inner(a, unused) * 3.0

    g = gc.Graph()
    a, unused = g.parameter("a", 2.0), g.parameter("unused", 5.0)
    run = gc.backprop(surrounding(a, unused))
    assert (run.grad[a], run.grad[unused]) == (12.0, 0.0)
    assert gc.evaluate(gc.derivative(gc.derivative(surrounding(a, unused), a), a)) == 6.0


def test_a_composite_that_leaves_the_graph_says_so():
    @gc.op
    def through_numpy(x):
        return np.cumsum(np.asarray(x))

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    cost = ops.sum(through_numpy(x))
    assert gc.evaluate(cost) == 4.0
    with pytest.raises(gc.errors.MissingRuleError) as caught:
        gc.backprop(cost)
    for piece in ("through_numpy", "has no rules", ".local", ".pullback"):
        assert piece in str(caught.value)


def test_a_composite_works_with_an_array_among_its_settings():
    @gc.op
    def masked(x, *, mask):
        return x * mask

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    run = gc.backprop(ops.sum(masked(x, mask=np.array([1.0, 0.0]))))
    np.testing.assert_array_equal(run.grad[x], [1.0, 0.0])


def test_many_values(differences, agree):
    @gc.op
    def weighted(first, *rest, power=2):
        return first * sum(r**power * (i + 1) for i, r in enumerate(rest))

    @weighted.pullback("first")
    def dfirst(dout, rest, power):
        return dout * sum(r**power * (i + 1) for i, r in enumerate(rest))

    @weighted.pullback("rest")
    def drest(dout, first, rest, index, power):
        return dout * first * (index + 1) * power * rest[index] ** (power - 1)

    g = gc.Graph()
    nodes = [g.parameter(f"p{i}", v) for i, v in enumerate((1.5, -2.0, 0.5, 3.0))]
    run = gc.backprop(weighted(*nodes, power=3))
    start = np.array([1.5, -2.0, 0.5, 3.0])
    expected = differences(lambda v: v[0] * sum(v[i + 1] ** 3 * (i + 1) for i in range(3)), start)
    agree([float(run.grad[n]) for n in nodes], expected)
    assert [e.argument for e in run.edges] == ["first", "rest[0]", "rest[1]", "rest[2]"]
    with pytest.raises(gc.errors.OperationError, match="needs first"):
        weighted()
    agree(gc.evaluate(gc.derivative(gc.derivative(weighted(*nodes), nodes[2]), nodes[0])), 2 * 2 * 0.5, 1e-14)


def test_a_value_that_may_be_absent():
    @gc.op
    def affine(x, w, b=None):
        return x * w if b is None else x * w + b

    @affine.local("x")
    def daffine_dx(w):
        return w

    @affine.local("w")
    def daffine_dw(x, b):
        return x if b is None else x + 0 * b

    @affine.local("b")
    def daffine_db():
        return 1

    g = gc.Graph()
    x, w, b = (g.parameter(n, v) for n, v in (("x", 2.0), ("w", 3.0), ("b", 5.0)))
    for node, value in ((affine(x, w), 6.0), (affine(x, w, None), 6.0), (affine(x, w, b=None), 6.0),
                        (affine(x, w, b), 11.0), (affine(x, w, b=b), 11.0), (affine(w=w, x=x), 6.0)):  # fmt: skip
        run = gc.backprop(node)
        assert (run.cost, run.grad[x], run.grad[w]) == (value, 3.0, 2.0)
        assert (b in run.value) == (value == 11.0)
        assert b not in run.value or run.grad[b] == 1.0
    assert affine(2.0, 3.0) == 6.0
    assert affine(2.0, 3.0, None) == 6.0
    assert affine(2.0, 3.0, 5.0) == 11.0
    with pytest.raises(gc.errors.OperationError, match="needs a value for 'w'"):
        affine(x, None)


def test_none_is_no_value():
    x = gc.Graph().input("x", (2, 2))
    with pytest.raises(gc.errors.GraphcoreError, match=r"matmul|None"):
        ops.matmul(x, None)


def test_flat_and_missing_are_not_the_same():
    @gc.op
    def rounded(x, y):
        return x * 0 + y * 0 + 1.0

    rounded.flat("x")
    rounded.missing("y", "it is an open research problem")
    g = gc.Graph()
    x, y = g.parameter("x", 2.0), g.parameter("y", 3.0)
    assert gc.backprop(rounded(x, g.constant(1.0))).grad[x] == 0.0
    with pytest.raises(gc.errors.MissingRuleError) as caught:
        gc.backprop(rounded(x, y, name="the rounded one"))
    text = str(caught.value)
    for piece in ("rounded", "'y'", "open research problem", "the rounded one", __file__):
        assert piece in text
    with pytest.raises(gc.errors.MissingRuleError, match="open research problem"):
        gc.derivative(rounded(x, y), y)
    assert isinstance(caught.value, NotImplementedError)


def test_an_argument_with_neither_rule_nor_word_is_an_error():
    @gc.op
    def forgetful(x, y):
        return x * y

    @forgetful.local("x")
    def dforgetful_dx(y):
        return y

    g = gc.Graph()
    x, y = g.parameter("x", 2.0), g.parameter("y", 3.0)
    assert gc.backprop(forgetful(x, g.constant(3.0))).grad[x] == 3.0
    with pytest.raises(gc.errors.MissingRuleError) as caught:
        gc.backprop(forgetful(x, y, name="product"))
    text = str(caught.value) + "".join(getattr(caught.value, "__notes__", ()))
    for piece in ("forgetful has no rule for 'y'", "forgetful.flat('y')", "product", __file__):
        assert piece in text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: ops.sigmoid(x, zz=1), "no argument 'zz'"),
        (lambda x: ops.sigmoid(x, nmae="a"), "Did you mean 'name'?"),
        (lambda x: ops.sum(x, axes=0), "Did you mean 'axis'?"),
        (lambda x: ops.sigmoid(x, x), "takes 1 value (z)"),
        (lambda x: ops.sum(x, 0, 1, None, 1), "settings axis, keepdims, dtype; got 5 arguments"),
        (lambda x: ops.sigmoid(), "needs a value for 'z'"),
        (ops.matmul, "needs a value for 'b'"),
        (lambda x: ops.sigmoid(x, z=x), "'z' is given twice"),
        (lambda x: ops.sum(x, 0, axis=1), "'axis' is given twice"),
        (ops.reshape, "needs the setting 'shape'"),
        (lambda x: ops.sum(x, axis=x), "cannot be a node"),
        (lambda x: ops.concat(), "at least one of arrays"),
        (lambda x: ops.concat(x, arrays=x), "no argument 'arrays'"),
        (lambda x: ops.sigmoid(1.0, name="a"), "none of the arguments is one"),
    ],
)
def test_a_wrong_call_names_the_operation_and_makes_nothing(call, said):
    g = gc.Graph()
    x = g.input("x", (2, 3))
    with pytest.raises(gc.errors.GraphcoreError) as caught:
        call(x)
    assert said in str(caught.value)
    assert any(name in str(caught.value) for name in ("sigmoid", "sum", "matmul", "reshape", "concat"))
    assert len(g) == 1


def test_nodes_of_two_graphs_do_not_mix():
    a, b = gc.Graph("first").input("a"), gc.Graph("second").input("b")
    with pytest.raises(gc.errors.GraphError) as caught:
        a * b
    for piece in ("multiply", "first", "second", "'b'", __file__):
        assert piece in str(caught.value)
    assert len(a.graph) == len(b.graph) == 1


def test_shapes_that_do_not_fit_are_refused_when_the_node_is_made():
    g = gc.Graph()
    a, b = g.input("left side", (2, 3)), g.input("right side", (None, 4))
    with pytest.raises(gc.errors.ShapeError) as caught:
        ops.add(a, b, name="sum of both")
    for piece in ("add(x1, x2)", "left side", "right side", "(2, 3)", "(any, 4)", "3 and 4", f"{__file__}:"):
        assert piece in str(caught.value)
    assert str(caught.value).count(__file__) == 3  # where the call stands, and where both arguments were made
    assert len(g) == 2
    assert "sum of both" not in g


def test_a_shape_rule_and_a_dtype_that_are_stated():
    @gc.op(dtype="float32")
    def halves(x, *, xp):
        return xp.astype(x[..., ::2], xp.float32)

    @halves.shape
    def halves_shape(x):
        return (*x[:-1], None if x[-1] is None else (x[-1] + 1) // 2)

    g = gc.Graph()
    node = halves(g.input("x", (None, 5)))
    assert (node.shape, node.dtype) == ((None, 3), "float32")
    with pytest.raises(gc.errors.OperationError, match=r"shape rule reads 'xx'.*it may read x"):

        @halves.shape
        def wrong(xx):
            return xx


def test_the_number_of_axes_may_not_depend_on_an_unknown_length():
    @gc.op
    def strange(x, *, xp):
        return xp.reshape(x, (1,) * (x.shape[0] % 3) + (-1,))

    with pytest.raises(gc.errors.ShapeError, match="number of axes"):
        strange(gc.Graph().input("x", (None,)))


def test_lists_in_settings_cannot_be_changed_behind_the_nodes_back():
    g = gc.Graph()
    x = g.input("x", (2, 3))
    shape = [3, 2]
    node = ops.reshape(x, shape)
    shape[0] = 77
    assert gc.evaluate(node, {x: np.zeros((2, 3))}).shape == (3, 2)
    assert node.settings == {"shape": (3, 2)}


def test_what_is_no_definition():
    with pytest.raises(gc.errors.OperationError, match=r"settings are listed by name, not as \*\*anything"):

        @gc.op
        def a(x, **anything):
            return x

    with pytest.raises(gc.errors.OperationError, match="at least one value"):

        @gc.op
        def b(*, axis):
            return axis

    with pytest.raises(gc.errors.OperationError, match=r"default can only be None.*'y'"):

        @gc.op
        def c(x, y=2.0):
            return x * y

    for reserved in ("out", "dout", "index", "name"):
        namespace = {}
        exec(f"def d({reserved}):\n    return {reserved}", namespace)
        with pytest.raises(gc.errors.OperationError, match=f"{reserved!r} has a meaning of its own"):
            gc.op(namespace["d"])
    with pytest.raises(gc.errors.OperationError, match=r"has the field \{y\}.*expected one of x"):

        @gc.op("{x} + {y}")
        def e(x):
            return x

    with pytest.raises(gc.errors.OperationError, match="cannot be read"):

        @gc.op("{x")
        def f(x):
            return x

    with pytest.raises(gc.errors.OperationError, match=":loose"):

        @gc.op("{x:loose}")
        def h(x):
            return x

    assert not {"a", "b", "c", "d", "e", "f", "h"} & set(gc.registry)


def test_the_same_gradient_for_values_by_name():
    g = gc.Graph()
    x, w = g.parameter("x", [[1.0, 2.0]]), g.parameter("w", [[3.0], [4.0]])
    run = gc.backprop(ops.sum(ops.matmul(b=w, a=x)))
    np.testing.assert_array_equal(run.grad[x], [[3.0, 4.0]])


def test_an_elementwise_array_function_is_an_operation_like_any_other():
    assert ops.sin.__doc__.startswith("Return the sine")
    assert ops.sin.__module__ == ops.sin.forward.__module__ == "ops.trigonometry"
    lines = pathlib.Path(ops.sin.source.file).read_text("utf-8").splitlines()
    assert lines[ops.sin.source.line - 1].startswith('@elementwise(r"\\sin')
    assert pickle.loads(pickle.dumps(ops.sin)) is ops.sin
    assert repr(ops.sin.rules["x"]) == "<local rule dsin_dx(x, xp) of sin with respect to x>"
    assert gc.check(ops.sin).entries
    assert [ops.copysign.rules[argument].kind for argument in ("x1", "x2")] == ["local", "flat"]


def test_rules_and_an_example_beside_the_notation(differences, agree):
    @gc.op(
        local={"x": lambda y: 2 * y, "y": lambda x: 2 * x}, flat="z", example=([0.5, -1.0], 2.0, 3.0), meaning="twice"
    )
    def twice_the_product(x, y, z):
        return 2 * x * y + 0 * z

    expected = "<local rule dtwice_the_product_dx(y) of twice_the_product with respect to x>"
    assert repr(twice_the_product.rules["x"]) == expected
    assert twice_the_product.rules["y"].meaning == "twice"
    assert twice_the_product.rules["z"].kind == "flat"
    line = str(twice_the_product.rules["x"].origin).rpartition(":")[2]
    assert "local=" in pathlib.Path(__file__).read_text("utf-8").splitlines()[int(line) - 1]
    assert gc.check(twice_the_product).entries
    agree(gc.grad(twice_the_product)(0.5, 2.0, 3.0), differences(lambda x: 4.0 * x, np.array(0.5)))


def test_a_definition_in_one_place_that_contradicts_itself():
    elementwise = gc.extend.elementwise
    with pytest.raises(gc.errors.OperationError, match=r"no option 'primitve'.*Did you mean 'primitive'"):
        gc.op(primitve=True)(lambda x: x)
    with pytest.raises(gc.errors.OperationError, match=r"`local`: expected a dictionary .* x, y, got a function"):
        gc.op(local=lambda x: x)(lambda x, y: x * y)
    with pytest.raises(gc.errors.OperationError, match="rint: x has no derivative; give `local`"):

        @elementwise()
        def rint(x):
            """Round."""

    for body in ("return 1.0", "return x", "raise ValueError", "print(x)"):
        namespace = {}
        exec(f"def rint(x):\n    {body}", namespace)
        with pytest.raises(gc.errors.OperationError, match="rint: expected a docstring as the only statement"):
            elementwise(flat="x")(namespace["rint"])
    assert "rint" not in gc.registry


def test_an_array_function_with_a_setting_and_another_name():
    @gc.extend.elementwise(flat="x", name="nan_to_num_in_test")
    def nan_to_num(x, *, nan=0.0):
        """Replace NaN."""

    np.testing.assert_array_equal(nan_to_num([1.0, np.nan], nan=7.0), [1.0, 7.0])
    assert inspect.getsource(nan_to_num).splitlines()[1].strip() == "def nan_to_num(x, *, nan=0.0):"


def test_the_shape_of_an_argument():
    @gc.op(shape="like", name="reshape_in_test")
    def made(x, like, *, xp):
        return xp.reshape(x, like.shape)

    g = gc.Graph()
    assert made(g.input("x", (6,)), g.input("like", (None, 3))).shape == (None, 3)
    with pytest.raises(gc.errors.OperationError, match=r"reads 'lik'.*Did you mean 'like'"):
        gc.op(shape="lik", name="another_in_test")(lambda x, like: x)


def test_a_float_operation_promotes_integers():
    @gc.extend.float_op
    def squared_in_test(x):
        return x * x

    assert squared_in_test(np.int8(100)) == 10000.0
