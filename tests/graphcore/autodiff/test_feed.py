"""Feeds: complete, nothing superfluous, shapes and dtypes as declared, copied; a refused feed changes nothing."""

import numpy as np
import pytest

import graphcore as gc
import ops


@pytest.fixture
def net():
    """A layer with a float32 batch, whole number labels and a single float."""
    g = gc.Graph("the net")
    x, labels = g.input("images", (None, 3), "float32"), g.input("labels", (None,), "int64")
    w = g.parameter("w", np.ones((3, 2), "float32"))
    ops.mean(ops.cross_entropy(x @ w, labels), name="C")
    g.input("unrelated")
    return g


GOOD = {"images": np.ones((4, 3), "float32"), "labels": np.array([0, 1, 1, 0])}


def refused(net, feed, error, *pieces):
    """What a refused feed says; and that it has changed nothing."""
    before = gc.backprop(net["C"], GOOD)
    size = len(net)
    for run in (gc.backprop, gc.evaluate):
        with pytest.raises(error) as caught:
            run(net["C"], feed)
        for piece in pieces:
            assert piece in str(caught.value), str(caught.value)
        assert isinstance(caught.value, gc.errors.GraphcoreError)
    after = gc.backprop(net["C"], GOOD)
    assert len(net) == size
    assert after.cost == before.cost
    np.testing.assert_array_equal(after.grad["w"], before.grad["w"])


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


def test_a_missing_feed(net):
    refused(net, without("labels"), gc.errors.FeedError, "lacks input 'labels' of int64 (any,)", __file__)
    refused(net, {}, gc.errors.FeedError, "'images'", "'labels'")
    refused(net, None, gc.errors.FeedError, "'images'", "'labels'")


def test_a_superfluous_feed(net):
    refused(net, {**GOOD, "unrelated": 1.0}, gc.errors.FeedError, "unrelated", "leave it out", "'images', 'labels'")
    refused(net, {**GOOD, "imagse": 1.0}, gc.errors.FeedError, "'imagse'", "the net", "Did you mean 'images'?")
    refused(net, {**GOOD, "w": 1.0}, gc.errors.FeedError, "parameter 'w'", "w.value = ...", __file__)
    refused(net, {**GOOD, "C": 1.0}, gc.errors.FeedError, "mean 'C'", "computed")
    refused(net, {**GOOD, net["images"]: GOOD["images"]}, gc.errors.FeedError, "'images' twice")
    refused(net, {**GOOD, 7: 1.0}, gc.errors.FeedError, "7")


def test_what_is_no_feed(net):
    refused(net, [1.0], gc.errors.FeedError, "list")
    refused(net, GOOD["images"], gc.errors.FeedError, "ndarray")
    stranger = gc.Graph("elsewhere").input("images", (None, 3))
    refused(net, {**without("images"), stranger: 1.0}, gc.errors.GraphError, "another graph", "elsewhere", __file__)
    refused(net, {**without("images"), "images": net["images"]}, gc.errors.FeedError, "is fed a node", "gc.evaluate")


@pytest.mark.parametrize("shape", [(4,), (4, 2), (1, 4, 3), ()])
def test_a_wrong_shape(net, shape):
    refused(
        net, {**GOOD, "images": np.ones(shape, "float32")}, gc.errors.ShapeError,
        "input 'images' of float32 (any, 3)", f"shape {shape}", "expected (any, 3)", __file__,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "int64", "bool", "float16"])
def test_a_wrong_dtype(net, dtype):
    refused(
        net, {**GOOD, "images": np.ones((4, 3), dtype)}, gc.errors.DtypeError,
        "input 'images' of float32", f"is fed {dtype}", ".astype('float32')", f"dtype='{dtype}'", __file__,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", ["complex128", "U1", "object", "datetime64[s]"])
def test_a_dtype_that_nothing_takes(net, dtype):
    refused(net, {**GOOD, "images": np.zeros((4, 3), dtype)}, gc.errors.DtypeError, "'images'", __file__)


@pytest.mark.parametrize("value", ["text", None, 1j, [[1.0, 2.0, 3.0], [1.0]], {"a": 1}, object()])
def test_what_is_no_array_of_numbers(net, value):
    refused(net, {**GOOD, "images": value}, gc.errors.GraphcoreError, "'images'")


@pytest.mark.parametrize("labels", [[0.5, 1.0, 1.0, 0.0], [0, 1, 2**70, 0], [float("nan")] * 4])
def test_whole_numbers_are_not_rounded_to(net, labels):
    refused(net, {**GOOD, "labels": labels}, gc.errors.DtypeError, "'labels'", "int64")


def test_lists_and_numbers_take_the_declared_dtype(net):
    run = gc.backprop(net["C"], {"images": [[1, 2, 3]], "labels": [1]})
    assert run.value["images"].dtype == "float32"
    assert run.value["labels"].dtype == "int64"
    g = gc.Graph()
    x = g.input("x", (), "float32")
    assert gc.evaluate(x * 2.0, {x: 3}) == np.float32(6)


def test_inputs_by_node_or_by_name(net):
    by_node = gc.backprop(net["C"], {net["images"]: GOOD["images"], net["labels"]: GOOD["labels"]})
    assert by_node.cost == gc.backprop(net["C"], GOOD).cost


def test_nan_is_allowed(net):
    assert np.isnan(gc.evaluate(net["C"], {**GOOD, "images": np.full((4, 3), np.nan, "float32")}))


def test_a_buffer_that_is_fed_again_changes_no_run():
    g = gc.Graph()
    x = g.input("x", (2,))
    buffer = np.array([1.0, 2.0])
    run = gc.backprop(ops.sum(ops.square(x)), {x: buffer})
    before = np.array(buffer)
    buffer[:] = 99
    np.testing.assert_array_equal(run.value[x], [1.0, 2.0])
    np.testing.assert_array_equal(run.grad[x], [2.0, 4.0])
    buffer[:] = before
    gc.backprop(ops.sum(ops.square(x)), {x: buffer})
    np.testing.assert_array_equal(buffer, before)


def test_a_tensor_that_is_fed_again_changes_no_run(library):
    g = gc.Graph()
    x = g.input("x", (2,))
    buffer = library.array([1.0, 2.0])
    run = gc.backprop(ops.sum(ops.square(x)), {x: buffer})
    library.overwrite(buffer)
    np.testing.assert_array_equal(library.numpy(run.value[x]), [1.0, 2.0])
    np.testing.assert_array_equal(library.numpy(run.grad[x]), [2.0, 4.0])


def test_views_that_are_not_contiguous_are_fed_as_they_look():
    g = gc.Graph()
    x = g.input("x", (None, 2))
    whole = np.arange(12.0).reshape(3, 4)
    view = whole[::-2, 1::2]
    np.testing.assert_array_equal(gc.evaluate(x * 1.0, {x: view}), view)
    np.testing.assert_array_equal(gc.evaluate(x.T * 1.0, {x: np.asfortranarray(view)}), view.T)


@pytest.mark.parametrize("library", ["array_api_strict", "jax"], indirect=True)
def test_two_libraries_at_once_are_refused(torch, library):
    g = gc.Graph()
    x, y = g.input("x"), g.input("y")
    with pytest.raises(gc.errors.DtypeError, match="no single array library"):
        gc.evaluate(x * y, {x: torch.tensor(1.0, dtype=torch.float64), y: library.array(2.0)})


@pytest.mark.parametrize("library", ["jax"], indirect=True)
def test_jax_in_single_precision_says_how_to_get_double(library):
    import jax

    g = gc.Graph()
    x = g.input("x", (2,), "float32")
    w = g.parameter("w", [1.0, 2.0])
    jax.config.update("jax_enable_x64", val=False)
    with pytest.raises(gc.errors.DtypeError, match="jax_enable_x64"), pytest.warns(UserWarning, match="float64"):
        gc.evaluate(x * w, {x: library.xp.asarray([1.0, 2.0])})
