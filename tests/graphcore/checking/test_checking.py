"""gc.check must accept every right rule and refuse every wrong one: here rules are broken on purpose, one way each."""

import numpy as np
import pytest

import graphcore as gc
import ops


def op_of(forward, name="under_test", **rules):
    """An operation with the given local rules (or pullbacks, for names that end in _pullback)."""
    made = gc.op(name=name)(forward)
    for key, rule in rules.items():
        argument, _, kind = key.partition("_")
        (made.pullback if kind else made.local)(argument)(rule)
    return made


@pytest.mark.parametrize("name", sorted(gc.registry))
def test_every_registered_operation_is_proven(name):
    report = gc.check(gc.registry[name])
    assert report.worst < 1e-5
    assert str(report).startswith(name)
    assert report.entries or report.notes


def test_a_right_rule_and_what_the_report_says():
    op = op_of(lambda x: x * x * x, x=lambda x: 3 * x * x)
    report = gc.check(op, np.array([0.5, -2.0, 3.0]))
    assert (report.entries, report.second) == (9, 9)
    at_infinity = report.methods["limits at infinity"]
    assert sum(report.methods.values()) - at_infinity == 18 + sum(report.variants.values())
    assert report.variants["200 entries"] == 200 * 200
    assert report.worst < 1e-9


WRONG = {
    "a factor": (lambda x: x * x * x, {"x": lambda x: 2 * x * x}),
    "a sign": (lambda x: 1.0 / x, {"x": lambda out: out * out}),
    "one part in a hundred million": (lambda x: x * x, {"x": lambda x: 2.00000002 * x}),
    "a transpose": (lambda x: x @ x, {"x_pullback": lambda dout, x: dout @ x + x @ dout}),
    "one edge of two": (lambda x, y: x * y, {"x": lambda y: y, "y": lambda y: y}),
    "what does not depend on dout": (lambda x: x * 2.0, {"x_pullback": lambda dout, xp: 2 * xp.ones_like(dout)}),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rule_is_found(what):
    forward, rules = WRONG[what]
    op = op_of(forward, **rules)
    arrays = [np.array([[0.5, -2.0], [1.5, 0.7]]), np.array([[1.1, 0.3], [-0.4, 2.0]])][: len(op.values)]
    with pytest.raises(gc.errors.CheckError) as caught:
        gc.check(op, *arrays)
    assert "under_test" in str(caught.value)
    assert isinstance(caught.value, AssertionError)


def test_what_is_wrong_is_named_with_entry_numbers_and_line():
    op = op_of(lambda x: x * x * x, x=lambda x: 2 * x * x)
    with pytest.raises(gc.errors.CheckError) as caught:
        gc.check(op, np.array([0.5, -2.0]))
    for piece in ("under_test", "∂out[0]/∂x[0]", "0.75", "0.5", __file__):
        assert piece in str(caught.value)


def test_a_rule_that_is_flat_where_it_should_not_be():
    op = gc.op(name="not_flat")(lambda x: x * x)
    op.flat("x")
    with pytest.raises(gc.errors.CheckError, match="not_flat"):
        gc.check(op, np.array([0.5, -2.0]))


def test_a_rule_with_a_shape_of_its_own():
    op = op_of(lambda x: x * 2.0, x_pullback=lambda dout, xp: xp.concat([dout, dout]))
    with pytest.raises(gc.errors.GraphcoreError, match="under_test"):
        gc.check(op, np.array([0.5, -2.0]))


def test_a_forgotten_rule_is_not_zero():
    op = op_of(lambda x, y: x * y, x=lambda y: y)
    with pytest.raises(gc.errors.GraphcoreError, match="'y'"):
        gc.check(op, np.array([0.5]), np.array([1.5]))


def test_a_rule_that_is_said_to_be_missing_is_noted():
    op = op_of(lambda x, y: x * y, x=lambda y: y)
    op.missing("y", "left as an exercise")
    assert any("left as an exercise" in note for note in gc.check(op, np.array([0.5]), np.array([1.5])).notes)


def test_a_shape_rule_that_foretells_the_wrong_shape_or_dtype():
    op = op_of(lambda x: x * 2.0, x=lambda: 2)
    op.shape(lambda x: (*x, 1))
    with pytest.raises(gc.errors.CheckError, match="was inferred"):
        gc.check(op, np.array([0.5, 1.5]))
    narrow = gc.op(name="narrow", dtype="float32")(lambda x: x * 2.0)
    narrow.shape(lambda x: x)
    with pytest.raises(gc.errors.CheckError, match=r"expected the inferred float32 .*got float64"):
        gc.check(narrow, np.array([0.5, 1.5]))


def test_constants_that_widen_float32():
    op = op_of(lambda x: x * np.float64(2.0), x=lambda: 2)
    with pytest.raises(gc.errors.CheckError, match="float64"):
        gc.check(op, np.array([0.5, 1.5]))
    rule = op_of(lambda x: x * x, name="wide_rule", x=lambda x: np.float64(2.0) * x)
    with pytest.raises(gc.errors.CheckError, match="float64"):
        gc.check(rule, np.array([0.5, 1.5]))


def test_a_kink_may_have_any_slope_between_its_two_sides():
    for slope, right in (
        (lambda x, xp: xp.sign(x), True),
        (lambda x, xp: xp.sign(x) + xp.where(x == 0, 1.5, 0.0), False),
    ):
        op = gc.op(name="vee", replace=True)(lambda x, *, xp: xp.abs(x))
        op.local("x")(slope)
        if right:
            assert gc.check(op, np.array([0.0, 1.0])).entries == 4
        else:
            with pytest.raises(gc.errors.GraphcoreError):
                gc.check(op, np.array([0.0, 1.0]))


@pytest.mark.parametrize("op", [ops.abs, ops.relu, ops.maximum, ops.max], ids=lambda op: op.name)
def test_the_kinks_of_our_own_operations(op):
    report = gc.check(op, *[np.array([0.0, 1.0, 1.0]), np.array([0.0, 2.0, -1.0])][: len(op.values)])
    assert report.entries >= 3
    assert report.second >= 3


def test_a_plain_function_is_checked_through_its_operations():
    report = gc.check(lambda x, w: ops.sum(ops.tanh(x @ w)), np.array([[0.5, -1.0]]), np.array([[1.0], [2.0]]))
    assert report.entries == 4


def test_nothing_to_check_is_no_success():
    bare = gc.op(name="bare")(lambda x: x * 1.0)
    for f, arrays in (
        (bare, ()),
        (bare, (np.zeros((0, 2)),)),
        (bare, (np.array([1, 2]),)),
        (lambda x: 3.0, (np.ones(2),)),
    ):
        with pytest.raises(gc.errors.CheckError):
            gc.check(f, *arrays)


def test_a_rule_that_is_wrong_in_single_precision_alone():
    def slope(x):
        return 2 * x * (1 if "float64" in str(x.dtype) else 1.5)

    op = op_of(lambda x: x * x, x=slope)
    with pytest.raises(gc.errors.CheckError, match="the rules give"):
        gc.check(op, np.array([0.5, 1.5]), libraries=False)
