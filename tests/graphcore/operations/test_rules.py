"""Rules are checked when they are registered: a wrong name fails there and then, with what was meant."""

import pytest

import graphcore as gc
import ops


@pytest.fixture
def op():
    """An operation with two values and a setting, and no rules yet."""

    @gc.op
    def scaled(activation, weight, *, power=1, xp):
        return activation * weight**power

    return scaled


def test_a_wrong_argument(op):
    with pytest.raises(gc.errors.OperationError) as caught:

        @op.local("activations")
        def rule(weight):
            return weight

    for piece in ("scaled", "'activations'", "activation, weight", "Did you mean 'activation'?"):
        assert piece in str(caught.value)
    for word in (op.flat, lambda n: op.missing(n, "why")):
        with pytest.raises(gc.errors.OperationError, match=r"'wieght'.*Did you mean 'weight'"):
            word("wieght")
    assert op.is_composite


def test_a_rule_that_reads_what_is_not_there(op):
    with pytest.raises(gc.errors.OperationError) as caught:

        @op.local("activation")
        def dscaled_dactivation(wieght):
            return wieght

    for piece in ("scaled", "dscaled_dactivation", "'wieght'", "power", "out", "xp", "Did you mean 'weight'?"):
        assert piece in str(caught.value)
    assert not op.rules


def test_a_local_rule_does_not_know_what_comes_after(op):
    with pytest.raises(gc.errors.OperationError, match=r"reads 'dout'.*scaled\.pullback"):

        @op.local("activation")
        def rule(dout, weight):
            return dout * weight


def test_index_is_for_operations_of_many_values(op):
    with pytest.raises(gc.errors.OperationError, match="'index'"):

        @op.pullback("activation")
        def rule(dout, index):
            return dout * index


@pytest.mark.parametrize("source", ["def rule(*args): ...", "def rule(**kwargs): ...", "def rule(weight, /): ..."])
def test_what_a_rule_reads_is_listed_by_name(op, source):
    namespace = {}
    exec(source, namespace)
    with pytest.raises(gc.errors.OperationError, match="list by name"):
        op.local("activation")(namespace["rule"])


def test_one_rule_per_argument(op):
    @op.local("activation")
    def first(weight, power):
        return weight**power

    with pytest.raises(gc.errors.OperationError) as caught:

        @op.pullback("activation")
        def second(dout):
            return dout

    for piece in ("has a rule for 'activation' already", "first", "one rule"):
        assert piece in str(caught.value)
    with pytest.raises(gc.errors.OperationError, match="already"):
        op.flat("activation")


def test_the_decorator_needs_the_name_of_the_argument(op):
    with pytest.raises(gc.errors.OperationError, match=r'@scaled\.local\("activation"\)'):

        @op.local
        def rule(weight):
            return weight

    with pytest.raises(gc.errors.OperationError, match=r'@scaled\.pullback\("activation"\)'):
        op.pullback()


def test_a_rule_is_handed_exactly_what_it_reads(op):
    seen = {}

    @op.local("activation")
    def dactivation(weight, out, power, xp):
        seen.update(weight=weight, out=out, power=power, xp=xp)
        return weight**power

    @op.pullback("weight")
    def dweight(dout, activation):
        seen.update(dout=dout, activation=activation)
        return 3 * dout * activation * 4.0

    import numpy as np

    g = gc.Graph()
    a, w = g.parameter("a", 5.0), g.parameter("w", 2.0)
    run = gc.backprop(op(a, w, power=3) * 10.0)
    assert seen == {"weight": 2.0, "out": 40.0, "power": 3, "xp": np, "dout": 10.0, "activation": 5.0}
    assert (run.grad[a], run.grad[w]) == (80.0, 600.0)
    assert repr(op.rules["weight"]) == "<pullback rule dweight(dout, activation) of scaled with respect to weight>"
    assert op.rules["weight"].origin.file == __file__


def test_a_literal_number_is_a_rule():
    @gc.op
    def thrice(x):
        return x * 3.0

    @thrice.local("x")
    def dthrice_dx():
        return 3

    g = gc.Graph()
    x = g.parameter("x", [1.0, 2.0])
    run = gc.backprop(ops.sum(thrice(x)))
    assert run.grad[x].tolist() == [3.0, 3.0]
    (edge,) = (edge for edge in run.edges if edge.source is x)
    assert edge.local.tolist() == [3.0, 3.0]
    assert edge.local.dtype == "float64"
    assert gc.evaluate(gc.derivative(ops.sum(thrice(x)), x)).tolist() == [3.0, 3.0]
