"""Names that the families export, and deprecated names."""

import importlib
import pkgutil

import pytest

import ops

RENAMED = {
    "bell": "erf_derivative",
    "count": "axis_size",
    "from_mean": "center",
    "part_of_concat": "concat_slice",
    "put_like": "scatter_slice",
    "rest_of_sigmoid": "sigmoid_complement",
    "share": "safe_divide",
    "to_image": "conv_transpose",
    "to_kernel": "conv_weight_grad",
    "where_defined": "propagate_nan",
    "windows": "unfold",
}


def test_the_package_exports_what_its_families_export():
    families = [importlib.import_module(f"ops.{module.name}") for module in pkgutil.iter_modules(ops.__path__)]
    exported = [name for family in families for name in family.__all__]
    assert sorted(ops.__all__) == sorted(exported)
    assert len(set(exported)) == len(exported)


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_deprecated_name_warns_and_is_the_new_operation(old, new):
    with pytest.warns(DeprecationWarning, match=f"ops.{old} is now ops.{new}"):
        assert getattr(ops, old) is getattr(ops, new)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'sigmoidd'"):
        _ = ops.sigmoidd
