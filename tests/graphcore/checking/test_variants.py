"""What gc.check tries beyond the arguments it was given finds rules that are right only there."""

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.checking.subject import Subject
from graphcore.checking.variants import variants


def wrong_where(name, condition):
    """The square, whose rule is wrong by one percent where a condition on ``x`` holds."""
    op = gc.op(name=name)(lambda x: x * x)
    op.local("x")(lambda x, xp: 2 * x * xp.where(condition(x, xp), 1.01 * xp.ones_like(x), xp.ones_like(x)))
    return op


@pytest.mark.parametrize(
    "condition",
    [
        lambda x, xp: xp.less(x, xp.zeros_like(x)),
        lambda x, xp: xp.greater(xp.abs(x), 20 * xp.ones_like(x)),
        lambda x, xp: xp.less(xp.abs(x), 0.02 * xp.ones_like(x)),
        lambda x, xp: xp.not_equal(8 * x, xp.round(8 * x)),
    ],
    ids=["negative", "large", "small", "not a short fraction"],
)
def test_a_rule_that_is_right_at_what_was_shown(condition):
    op = wrong_where("right_where_shown", condition)
    gc.check(op, np.array([0.5, 1.5]), variations=False, libraries=False)
    with pytest.raises(gc.errors.CheckError, match="variant"):
        gc.check(op, np.array([0.5, 1.5]), libraries=False)


def test_a_rule_that_is_right_for_short_arrays_alone():
    op = gc.op(name="right_when_short")(lambda x: x * x)
    op.local("x")(lambda x: 2 * x if x.size < 50 else 2.02 * x)
    with pytest.raises(gc.errors.CheckError, match="variant of the arguments"):
        gc.check(op, np.array([0.5, 1.5]), libraries=False)


def test_an_elementwise_operation_that_fails_for_empty_arrays():
    op = gc.op(name="fails_when_empty")(lambda x, *, xp: x - xp.max(x, axis=None) * 0)
    op.local("x")(lambda: 1)
    with pytest.raises(gc.errors.CheckError, match="empty"):
        gc.check(op, np.array([0.5, 1.5]), libraries=False)


@pytest.mark.parametrize("op", [ops.diagonal_matrix, ops.convolution, ops.gather], ids=lambda op: op.name)
def test_no_variant_has_more_derivatives_than_can_be_compared(op):
    for given, settings in op.examples:
        subject = Subject(op, given, settings)
        for variant in variants(subject, subject.given):
            if variant.name.startswith("longer"):
                floats = sum(x.size for x in variant.arrays if x.dtype.kind == "f")
                try:
                    size = np.size(subject.call(variant.arrays))
                except (ValueError, gc.errors.GraphcoreError):
                    continue  # not for this operation
                assert floats * size <= 1_000_000
