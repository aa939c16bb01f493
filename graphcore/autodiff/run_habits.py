"""Attributes that programs expect of a run by habit, with what it has instead."""

from __future__ import annotations

from ..errors import UnknownNameError, did_you_mean, shorten

_GRADIENTS = "run.grad[w] is the gradient with respect to w, a node or its name"
_INSTEAD = {
    **dict.fromkeys(("loss", "item", "result", "objective"), "run.cost is the value of the cost"),
    **dict.fromkeys(("gradients", "gradient", "grads", "backward", "params", "parameters"), _GRADIENTS),
    **dict.fromkeys(("values", "outputs", "activations", "data"), "run.value[x] is the value of x, a node or its name"),
}


def missing_attribute_error(name: str, available: list[str]) -> UnknownNameError:
    """Return the error for an attribute that runs do not have.

    >>> missing_attribute_error("loss", ["cost"])
    UnknownNameError("`run.loss`: expected an attribute of a run, got 'loss'; run.cost is the value of the cost")
    >>> missing_attribute_error("costs", ["cost"])
    UnknownNameError("`run.costs`: expected an attribute of a run, got 'costs'. Did you mean 'cost'?")
    """
    advice = f"; {_INSTEAD[name]}" if name in _INSTEAD else did_you_mean(name, available)
    return UnknownNameError(f"`run.{shorten(name)}`: expected an attribute of a run, got {shorten(name)!r}{advice}")
