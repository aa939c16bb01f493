"""Small products are computed by one thread, and the number of threads is what it was afterwards."""

import contextlib
import functools

import numpy as np
import pytest

import graphcore as gc
import ops
from graphcore.compiler.backends import threads

SMALL, MIDDLE, LARGE = 8, 128, 1024


def step_of(sizes, backend, **options):
    """A stack of layers, each a product of square matrices."""
    g = gc.Graph()
    x = g.input("x", (sizes, sizes))
    step = gc.compile(ops.sum(x @ x), wrt=[], backend=backend, **options)
    return step, {x: np.ones((sizes, sizes))}


@pytest.fixture
def blas(monkeypatch):
    """In place of the BLAS of numpy, one whose number of threads is 4."""

    class Library:
        def __init__(self):
            self.number, self.seen = 4, []

        def get_num_threads(self):
            return self.number

        def set_num_threads(self, number):
            self.number = number
            self.seen.append(number)

    library = Library()
    monkeypatch.setattr(threads, "_numpy_blas", lambda: (library.get_num_threads, library.set_num_threads))
    monkeypatch.setattr(threads, "blas_libraries", functools.cache(lambda: [library]))
    monkeypatch.setattr("graphcore.compiler.backends.numpy.uses_threads", lambda: True)
    return library


@pytest.mark.parametrize(("size", "limits"), [(SMALL, 0), (MIDDLE, 1), (LARGE, 0)])
def test_products_of_middle_size_are_computed_by_one_thread(size, limits, blas, need):
    step, feed = step_of(size, "numpy")
    assert step(feed) == size**3
    assert step.source.count("with one_thread: dot") == limits
    assert blas.number == 4
    need("numba")
    assert step_of(size, "numba")[0].source.count("= one_thread()") == limits


def test_a_number_that_was_chosen_is_used(blas, imported, need):
    imported("threadpoolctl")
    step, feed = step_of(MIDDLE, "numpy", threads=3)
    assert step(feed) == MIDDLE**3
    assert blas.seen == [3, 4]
    assert "one_thread" not in step.source
    need("numba")
    assert "one_thread" not in step_of(MIDDLE, "numba", threads=3)[0].source


@pytest.mark.parametrize("own", ["numpy", "numba"])
def test_an_operation_that_is_called_uses_one_thread_also_if_it_fails(own, blas, monkeypatch, need):
    need(own)
    if own == "numba":
        monkeypatch.setattr("graphcore.compiler.backends.numba.host.uses_threads", lambda: True)
    seen = []

    @gc.op(name="counting_threads_in_compiler_test")
    def counting(x):
        seen.append(blas.number)
        if np.asarray(x)[0, 0] < 0:
            raise KeyboardInterrupt
        return np.array(x)

    counting.flat("x")
    g = gc.Graph()
    x = g.input("x", (MIDDLE, MIDDLE))
    step = gc.compile(counting(x), wrt=[], backend=own)
    step({x: np.ones((MIDDLE, MIDDLE))})
    with pytest.raises(KeyboardInterrupt):
        step({x: -np.ones((MIDDLE, MIDDLE))})
    assert seen[-2:] == [1, 1]
    assert blas.number == 4


def test_limits_that_overlap_are_restored_by_the_last(blas):
    """As two Python threads enter and leave: the second to enter is the last to leave."""
    first, second = contextlib.ExitStack(), contextlib.ExitStack()
    first.enter_context(threads.limit_threads(1))
    second.enter_context(threads.limit_threads(2))
    first.close()
    assert blas.number == 2
    second.close()
    assert blas.number == 4
    first, second = threads.OneThread(), threads.OneThread()
    first.__enter__()
    second.__enter__()
    first.__exit__()
    second.__exit__()
    assert blas.number == 4


def test_the_blas_of_numpy_is_found(imported):
    """threadpoolctl finds the same library by other means."""
    controllers = imported("threadpoolctl").ThreadpoolController().select(internal_api="openblas").lib_controllers
    own = [one for one in controllers if "numpy" in one.filepath]
    if not own:
        pytest.skip("numpy has another BLAS")
    before = own[0].get_num_threads()
    own[0].set_num_threads(2)
    try:
        assert threads.numpy_threads() == 2
        with threads.OneThread():
            assert own[0].get_num_threads() == 1
        assert own[0].get_num_threads() == 2
    finally:
        own[0].set_num_threads(before)
