"""The registry: a mapping, a namespace, provenance, and what happens when a name is taken."""

import copy
import importlib
import inspect
import pickle

import numpy as np
import pytest

import graphcore as gc
import ops


def define(name="mine", factor=2.0, **options):
    """An operation that is defined anew at each call."""

    def forward(x):
        return x * factor

    forward.__qualname__ = f"{name}_{factor}"
    return gc.op(name=name, **options)(forward)


def test_it_is_a_mapping_in_order_of_name():
    assert gc.registry["sigmoid"] is ops.sigmoid
    assert list(gc.registry) == sorted(gc.registry)
    assert len(gc.registry) == len(list(gc.registry.items()))
    assert "sigmoid" in gc.registry
    assert "sigmod" not in gc.registry
    assert gc.registry.get("sigmod") is None
    with pytest.raises(TypeError):
        gc.registry["sigmoid"] = ops.relu


def test_a_name_that_nobody_bears():
    for ask in (lambda: gc.registry["sigmod"], lambda: gc.registry.sigmod):
        with pytest.raises(gc.errors.UnknownNameError, match=r"'sigmod'.*Did you mean 'sigmoid'"):
            ask()
    assert not hasattr(gc.registry, "sigmod")
    assert not hasattr(gc.registry, "__wrapped__")
    for odd in (3, None, ("a",)):
        with pytest.raises(gc.errors.UnknownNameError, match="no operation"):
            gc.registry[odd]


def test_sources_say_where_each_was_defined():
    sources = gc.registry.sources()
    assert list(sources) == list(gc.registry)
    file, _, line = sources["sigmoid"].rpartition(":")
    assert file == inspect.getsourcefile(ops.sigmoid.forward)
    lines, first = inspect.getsourcelines(ops.sigmoid)
    assert int(line) == first
    assert any(row.startswith("def sigmoid(") for row in lines)


def test_a_name_that_is_taken_is_refused_and_the_first_stays():
    first = define(factor=2.0)
    with pytest.raises(gc.errors.NameTakenError) as caught:
        define(factor=3.0)
    for piece in ("'mine'", "registered already", __file__, "replace=True"):
        assert piece in str(caught.value)
    assert gc.registry["mine"] is first
    with pytest.raises(gc.errors.NameTakenError, match="'sigmoid'"):

        @gc.op
        def sigmoid(x):
            return x


def test_replace_takes_its_place_and_old_graphs_keep_theirs():
    first = define(factor=2.0)
    g = gc.Graph()
    x = g.parameter("x", 5.0)
    old = first(x)
    second = define(factor=3.0, replace=True)
    assert gc.registry["mine"] is second
    assert (gc.evaluate(old), gc.evaluate(second(x))) == (10.0, 15.0)
    assert gc.backprop(old).grad[x] == 2.0


def test_running_the_same_definition_again_is_allowed():
    """As in a notebook whose cell is run twice."""
    cell = "import graphcore as gc\n@gc.op\ndef in_a_cell(x):\n    return x * {}\n"
    namespace = {"__name__": "__a_notebook__"}
    exec(cell.format("2.0"), namespace)
    first = gc.registry["in_a_cell"]
    exec(cell.format("3.0"), namespace)
    assert gc.registry["in_a_cell"] is not first
    assert gc.registry["in_a_cell"](2.0) == 6.0


def test_the_same_name_in_a_script_that_runs_replaces():
    """As in a notebook whose process was started from a file."""
    for factor in (2.0, 3.0):
        namespace = {"__name__": "__main__"}
        exec(f"import graphcore as gc\n\n@gc.op\ndef in_a_script(x):\n    return x * {factor}\n", namespace)
    assert gc.registry["in_a_script"](2.0) == 6.0


def test_what_replaces_an_operation_is_exported_in_its_place():
    original = ops.sigmoid
    for factor in (2.0, 3.0):
        new = define("sigmoid", factor=factor, replace=True)
        assert gc.registry.sigmoid is ops.sigmoid is ops.activation.sigmoid is new is not original
    gc.registry.register(original, replace=True)
    assert ops.sigmoid is ops.activation.sigmoid is original


def test_operations_and_the_registry_are_saved_by_name():
    for op in (ops.sigmoid, gc.registry):
        assert pickle.loads(pickle.dumps(op)) is op
        assert copy.deepcopy(op) is op


def test_a_graph_that_is_read_where_an_operation_is_missing_says_which():
    op = define("will_be_missing")
    g = gc.Graph()
    op(g.parameter("x", 1.0))
    saved = pickle.dumps(g)
    del gc.registry._ops["will_be_missing"]
    with pytest.raises(gc.errors.UnknownNameError, match="'will_be_missing'"):
        pickle.loads(saved)


def test_plain_functions_made_of_operations_are_found_and_are_no_operations():
    def twice_sum(x):
        return gc.registry.sum(x) * 2.0

    before = dict(gc.registry.functions)
    try:
        assert gc.operations.functions.function(twice_sum).__wrapped__ is twice_sum
        x = gc.Graph().parameter("x", [1.0, 2.0])
        assert gc.evaluate(x.__array_namespace__().twice_sum(x)) == 6.0
        assert "twice_sum" not in gc.registry
        assert "twice_sum" not in list(gc.registry)
        with pytest.raises(gc.errors.UnknownNameError, match="Did you mean 'twice_sum'"):
            gc.registry.twice_sun  # noqa: B018
    finally:
        gc.registry.functions.clear()
        gc.registry.functions.update(before)


def test_the_namespace_has_an_operation_by_every_name_including_add():
    x = gc.Graph().parameter("x", [1.0, 2.0])
    np.testing.assert_array_equal(gc.evaluate(gc.registry.add(x, x)), [2.0, 4.0])


STANDARD = set(dir(importlib.import_module("array_api_strict")))
NOT_YET = {
    *("conj", "imag", "real", "complex64", "complex128"),  # numbers here are real
    *("tensordot", "vecdot", "tril", "triu", "linalg", "fft"),  # linear algebra has its own file
    *("from_dlpack", "broadcast_shapes", "isin"),  # not for arrays of a graph, or of a later standard
    *("Device", "ModuleType", "ArrayAPIStrictFlags"),
}


def test_the_namespace_of_nodes_has_every_name_of_the_standard():
    names = {name for name in STANDARD if not name.startswith("_") and "array_api_strict" not in name}
    assert {name for name in names - NOT_YET if not hasattr(gc.registry, name)} == set()


def test_constants_of_the_array_namespace():
    assert gc.registry.pi == np.pi
    assert gc.registry.inf == np.inf
    assert np.isnan(gc.registry.nan)
    assert gc.registry.newaxis is None
    assert gc.registry.float32 == np.dtype("float32")
    assert gc.registry.bool == np.dtype("bool")


def test_the_names_of_the_array_api_standard_are_those_of_numpy():
    """Where the standard has the operation numpy has it under the same name, and both compute the same."""
    shared = [op for op in gc.registry.values() if op.examples and hasattr(np, op.name) and op.source.file in OPS_FILES]
    assert len(shared) > 30
    for op in shared:
        (values, settings) = op.examples[0]
        bound, _, settings = op.signature.bind(values, settings)
        settings = {key: value for key, value in settings.items() if value != op.settings[key]}
        arrays = [np.asarray(v) for v in bound]
        f = getattr(np, op.name)
        if op.name == "concat":
            expected = f(arrays, **settings)
        elif op.name in ("astype", "permute_dims", "broadcast_to", "reshape"):
            expected = f(*arrays, *settings.values())
        else:
            expected = f(*arrays, **settings)
        np.testing.assert_allclose(op(*arrays, **settings), expected, rtol=1e-13, err_msg=op.name)


OPS_FILES = {op.source.file for op in gc.registry.values() if "/ops/" in op.source.file.replace("\\", "/")}


def test_names_of_the_last_version_are_found_with_a_warning():
    for find in (lambda: gc.registry["share"], lambda: gc.registry.share):
        with pytest.warns(DeprecationWarning, match="share is now safe_divide") as caught:
            assert find() is ops.safe_divide
        assert caught[0].filename == __file__
    assert "share" not in gc.registry
