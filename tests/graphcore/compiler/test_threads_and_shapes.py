"""Compiled steps between threads, after an interruption, and fed many shapes."""

import threading
import tracemalloc

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.compiler import program_cache
from graphcore.compiler.backends.backend import get_backend
from graphcore.compiler.step import CALLS_OF_STAND_IN, ResultForm, Step

MEGABYTE = 1_000_000


def cost_of_lengths():
    g = gc.Graph()
    x, w = g.input("x", (None,)), g.parameter("w", 2.0)
    return x, ops.sum(ops.tanh(w * x), name="C")


def expected(array):
    return np.sum(np.tanh(2.0 * array))


class EqualKey:
    """A key of a feed that is equal to a node, and is compared at a point of the test's choice."""

    def __init__(self, node, interrupt):
        self.node, self.interrupt = node, interrupt

    def __hash__(self):
        return hash(self.node)

    def __eq__(self, other):
        if other is self.node:
            interrupt, self.interrupt = self.interrupt, lambda: None
            interrupt()
        return other is self.node


@pytest.mark.parametrize("own", ["numpy", "numba", "jax", "torch"])
def test_a_call_uses_one_program_whatever_runs_between_its_lines(own, need):
    """The key switches to a call with another length in another thread while the feed is matched."""
    need(own)
    x, C = cost_of_lengths()
    step = gc.compile(C, [], backend=own)
    short, long = np.linspace(0, 1, 3), np.linspace(0, 1, 5000)
    for _ in range(CALLS_OF_STAND_IN + 1):
        step({x: long})
        step({x: short})

    def call_with_another_length():
        thread = threading.Thread(target=step, args=({x: long},))
        thread.start()
        thread.join()

    for _ in range(3):
        assert step({EqualKey(x, call_with_another_length): short}) == pytest.approx(expected(short), rel=1e-12)
        assert step({x: short}) == pytest.approx(expected(short), rel=1e-12)


def test_memory_and_programs_of_many_lengths_are_bounded(backend):
    """30 lengths of 1 MB each: without a bound they would keep 30 times the memory of one."""
    x, C = cost_of_lengths()
    step = gc.compile(C, [], backend=backend)
    lengths = [MEGABYTE // 8 + number for number in range(30)]
    step({x: np.ones(lengths[0])})
    tracemalloc.start()
    try:
        for length in lengths:
            step({x: np.ones(length)})
        assert tracemalloc.get_traced_memory()[0] < 10 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert len(step._specializations) == len(lengths)


def test_the_programs_used_last_are_kept(monkeypatch):
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 3)
    x, C = cost_of_lengths()
    step = gc.compile(C, [], backend="numpy")
    double = gc.compile(lambda x: 2.0 * x, backend="numpy")
    for length in (1, 2, 3, 1, 4):
        step({x: np.ones(length)})
        np.testing.assert_array_equal(double(np.ones(length)), [2.0] * length)
    assert len(step._specializations) == len(double._programs) == 3
    kept = {types[0].shape for types in step._specializations._programs}
    assert kept == {(3,), (1,), (4,)}  # (2,) is the one whose last use was longest ago


def test_a_release_does_not_disturb_a_call_in_progress():
    """The operation frees the memory of the program that is calling it."""
    steps = []

    @gc.op(name="releasing_in_compiler_test")
    def releasing(x):
        for step in steps:
            step.release()
        return np.array(x)

    releasing.flat("x")
    g = gc.Graph()
    x = g.input("x", (3,))
    step = gc.compile(ops.square(releasing(ops.square(x))), wrt=[], backend="numpy")
    steps.append(step)
    for _ in range(3):
        np.testing.assert_array_equal(step({x: np.array([1.0, 2.0, 3.0])}), [1.0, 16.0, 81.0])


class CountingBackend:
    """The numpy backend, with a stand-in that is numpy too, and the number of programs that each has built."""

    def __init__(self, name, stand_in=None, interrupted=0):
        self.name, self.built, self.interrupted = name, 0, interrupted
        if stand_in is not None:
            self.stand_in = stand_in

    def build(self, program):
        if self.interrupted:
            self.interrupted -= 1
            raise KeyboardInterrupt
        self.built += 1
        return get_backend("numpy").build(program)


def test_a_rare_shape_is_not_compiled_and_a_frequent_one_is():
    quick = CountingBackend("quick")
    slow = CountingBackend("slow", quick)
    x, C = cost_of_lengths()
    step = Step([C], [], slow, form=ResultForm.VALUE)

    def call(length, times):
        for _ in range(times):
            array = np.linspace(0, 1, length)
            assert step({x: array}) == pytest.approx(expected(array), rel=1e-12)
        return slow.built, quick.built

    assert call(8, 300) == (1, 0)
    assert call(3, 1) == (1, 1)  # the last batch
    assert call(8, 300) == (1, 1)
    assert call(3, CALLS_OF_STAND_IN - 1) == (1, 1)
    assert call(3, 300) == (2, 1)
    step.of_one(x, {x: np.ones(5)})  # for many calls in a row
    assert (slow.built, quick.built) == (3, 1)


def test_an_interrupted_compilation_leaves_a_step_usable():
    """^C in the first compilation, and in that of a shape which the stand-in has computed often."""
    x, C = cost_of_lengths()
    slow = CountingBackend("slow", CountingBackend("quick"), interrupted=1)
    step = Step([C], [], slow, form=ResultForm.VALUE)
    long, short = np.ones(8), np.ones(3)
    with pytest.raises(KeyboardInterrupt):
        step({x: long})
    assert step({x: long}) == pytest.approx(expected(long))
    for _ in range(CALLS_OF_STAND_IN):
        step({x: short})
    slow.interrupted = 2
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            step({x: short})
        assert step({x: long}) == pytest.approx(expected(long))
    assert step({x: short}) == pytest.approx(expected(short))
    assert slow.built == 2


@pytest.mark.parametrize("own", ["numpy", "numba"])
def test_an_interrupted_forward_or_trace_leaves_no_lock_held(own, need):
    need(own)
    interruptions = []

    @gc.op(name="interrupted_in_compiler_test")
    def interrupted(x):
        if interruptions:
            raise interruptions.pop()
        return x + 1.0

    interrupted.flat("x")
    g = gc.Graph()
    x = g.input("x", (2,))
    step = gc.compile(interrupted(x), wrt=[], backend=own)
    function = gc.compile(lambda x: 2.0 * interrupted(x), backend=own)
    fed = np.array([1.0, 2.0])
    for call, right in ((lambda: step({x: fed}), [2.0, 3.0]), (lambda: function(fed), [4.0, 6.0])):
        interruptions.append(KeyboardInterrupt())  # the forward is called with nodes while it is lowered
        with pytest.raises(KeyboardInterrupt):
            call()
        for _ in range(2):
            np.testing.assert_array_equal(call(), right)


def test_a_compiled_function_may_call_itself_with_constants():
    def factorial(n):
        return 1.0 if n == 0 else n * compiled(n - 1)

    compiled = gc.compile(factorial, backend="numpy")
    assert compiled(5) == 120.0
