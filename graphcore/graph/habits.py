"""Attributes that arrays of other libraries have and nodes do not, with the line to write instead."""

from __future__ import annotations

import ast

from ..arrays.registry import registry
from ..errors import UnknownNameError, did_you_mean, shorten
from ..support.source_expression import caller_expression
from .conversion import spelling_for_nodes
from .numpy import ALIASES

_CAST = "write {x}.astype('float64'), with the dtype that is meant"
_DEVICE = "a network computes on the device of the arrays that are fed, so leave it out"
_FED = "a node has no value until it runs: gc.evaluate({x}, feed) returns it"
_IMMUTABLE = "a node is never changed: make a new one, such as {x} = {x} + 1.0"
_TRAINABLE = "parameters have gradients without it: w = g.parameter('w', value)"

#: attributes of arrays of numpy, torch and jax, and what to write for each; ``{x}`` stands for the node
_INSTEAD = {
    **dict.fromkeys(("item", "tolist", "numpy", "to_numpy", "tobytes", "data"), _FED),
    **dict.fromkeys(("cpu", "cuda", "to", "device", "is_cuda", "block_until_ready"), _DEVICE),
    **dict.fromkeys(("requires_grad", "requires_grad_", "retain_grad", "is_leaf"), _TRAINABLE),
    **dict.fromkeys(("float", "double", "half", "long", "int", "bool", "bfloat16", "type_as"), _CAST),
    **dict.fromkeys(("fill", "put", "itemset", "resize", "setfield"), _IMMUTABLE),
    "backward": "write run = gc.backprop({x}, feed), and read run.grad[w] for a parameter w",
    "grad": "gradients are in the run: run = gc.backprop(cost, feed), and then run.grad[{x}]",
    "grad_fn": "{x}.op is the operation, and {x}.inputs are its arguments",
    "detach": "for a value without a gradient, evaluate {x} and feed it or use it as a constant",
    "clone": "a node is never changed, so use {x} itself",
    "contiguous": "use {x} itself",
    "view": "write {x}.reshape(...)",
    "view_as": "write np.reshape({x}, other.shape)",
    "unsqueeze": "write np.expand_dims({x}, axis=...)",
    "permute": "write {x}.transpose(...)",
    "gather": "write np.take_along_axis({x}, indices, axis=...)",
    "t": "write {x}.T",
    "H": "write {x}.mT",
    "dim": "write {x}.ndim",
    "numel": "write {x}.size",
    "expand": "write np.broadcast_to({x}, shape)",
    "matmul": "write {x} @ other",
    "mm": "write {x} @ other",
    "bmm": "write {x} @ other",
    "mv": "write {x} @ other",
    "cat": "write np.concatenate([{x}, other])",
    "at": "a node is never changed: write np.where(mask, value, {x})",
    "flat": "write np.ravel({x})",
    "nbytes": "write {x}.size * {x}.dtype.itemsize, where all lengths are known",
    "itemsize": "write {x}.dtype.itemsize",
    "real": "use {x} itself, which is real",
    "conj": "use {x} itself, which is real",
    "imag": "nodes are real",
}  # fmt: skip


def missing_attribute_error(label: str, description: str, name: str, available: list[str]) -> UnknownNameError:
    """Return the error for an attribute that nodes do not have.

    >>> import graphcore as gc, ops
    >>> x = gc.Graph().input("x")
    >>> (x + 1).exp()
    Traceback (most recent call last):
    graphcore.errors.UnknownNameError: `(x + 1).exp`: expected an attribute of a node, got 'exp', of add ...; \
write np.exp(x + 1)
    """
    expression = caller_expression()
    tree = None if expression is None else expression.tree
    if isinstance(tree, ast.Call):  # of a method
        tree = tree.func
    named = isinstance(tree, ast.Attribute) and tree.attr == name
    shown = label if label.isidentifier() else "x"
    inner = tree.value if named else ast.Name(shown)  # type: ignore[union-attr]
    advice = _INSTEAD.get(name) or (_IMMUTABLE if name.endswith("_") else _advice_of_registry(name))
    end = did_you_mean(name, available) if advice is None else "; " + _filled(advice, inner)
    where = shorten(ast.unparse(ast.Attribute(inner, name)))
    return UnknownNameError(f"`{where}`: expected an attribute of a node, got {shorten(name)!r}, of {description}{end}")


def _filled(advice: str, node: ast.expr) -> str:
    """Return advice with the source of a node, in parentheses where an attribute or operator follows."""
    source = ast.unparse(node)
    is_simple = isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
    followed = source if is_simple else f"({source})"
    return advice.replace("{x}.", f"{followed}.").replace("{x} @", f"{followed} @").replace("{x}", source)


def _advice_of_registry(name: str) -> str | None:
    spelled = spelling_for_nodes(name)
    if spelled is None:
        return None
    op = registry.get(ALIASES.get(name, name))
    return f"write {spelled}({{x}}{'' if op is not None and len(op.values) == 1 else ', ...'})"
