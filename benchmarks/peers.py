"""The gradient checkers of torch, jax and autograd, with their defaults, on rules of ours.

The forward and the rule become a custom function of the library, to which they are ordinary calls on its
arrays: so a wrong rule is the same wrong rule everywhere, and the library's checker sees through it to second order.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import graphcore as gc
from graphcore.operations.core_ops import chain, sum_like

Case = tuple[tuple[Any, ...], dict[str, Any]]


def passes(peer: Callable[..., None], op: gc.Op, cases: list[Case]) -> bool:
    """Return true if the peer's checker accepts the rule at all arguments."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for given, settings in cases:
                values, arguments, chosen = op.signature.bind(given, settings)
                arrays = [np.asarray(value) for value in values]
                peer(op, arrays, arguments, chosen)
    except Exception:  # noqa: BLE001  any exception is a rejection
        return False
    return True


def edge_vjp(
    op: gc.Op, argument: str, arrays: dict[str, Any], out: Any, dout: Any, settings: dict[str, Any], xp: Any
) -> Any:
    """Return the contribution of the rule for an argument, in the shape of the argument."""
    rule = op.rule_for(argument)
    if rule is None or rule.function is None:
        return None
    given = {**dict.fromkeys(op.values), **settings, **arrays, "out": out, "dout": dout, "xp": xp}
    contribution = rule.function(**{name: given[name] for name in rule.reads})
    if rule.kind == "local":
        contribution = (
            dout * contribution if isinstance(contribution, (int, float)) else chain.forward(dout, contribution, xp=xp)
        )
    like = arrays[argument]
    return sum_like.forward(contribution, like, xp=xp) if contribution.shape != like.shape else contribution


def torch_gradcheck(op: gc.Op, arrays: list[Any], arguments: tuple[str, ...], settings: dict[str, Any]) -> None:
    """torch.autograd.gradcheck and gradgradcheck."""
    import array_api_compat.torch as xp
    import torch

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *values):
            out = op.compute(values, arguments, settings, xp)
            out = out.clone() if any(out is value for value in values) else out
            ctx.save_for_backward(*values, out)
            return out

        @staticmethod
        def backward(ctx, dout):
            *values, out = ctx.saved_tensors
            given = dict(zip(arguments, values, strict=True))
            return tuple(
                edge_vjp(op, a, given, out, dout, settings, xp) if v.is_floating_point() else None
                for a, v in given.items()
            )

    tensors = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    torch.autograd.gradcheck(Custom.apply, tensors)
    torch.autograd.gradgradcheck(Custom.apply, tensors)


def jax_check_grads(op: gc.Op, arrays: list[Any], arguments: tuple[str, ...], settings: dict[str, Any]) -> None:
    """jax.test_util.check_grads to second order, in reverse mode: a custom pullback has no forward mode."""
    import jax
    import jax.test_util

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  jax has it so
    xp = jax.numpy
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]

    def filled(given):
        values = [xp.asarray(a) for a in arrays]
        for i, value in zip(floats, given, strict=True):
            values[i] = value
        return values

    @jax.custom_vjp
    def custom(*given):
        return op.compute(filled(given), arguments, settings, xp)

    def run(*given):
        out = custom(*given)
        return out, (given, out)

    def back(kept, dout):
        given, out = kept
        values = dict(zip(arguments, filled(given), strict=True))
        contributions = [edge_vjp(op, arguments[i], values, out, dout, settings, xp) for i in floats]
        return tuple(xp.zeros_like(g) if s is None else s for s, g in zip(contributions, given, strict=True))

    custom.defvjp(run, back)
    jax.test_util.check_grads(custom, [xp.asarray(arrays[i]) for i in floats], order=2, modes=["rev"])


def autograd_check_grads(op: gc.Op, arrays: list[Any], arguments: tuple[str, ...], settings: dict[str, Any]) -> None:
    """autograd.test_util.check_grads to second order, in reverse mode."""
    import autograd.extend
    import autograd.numpy as xp
    import autograd.test_util

    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]

    @autograd.extend.primitive
    def custom(*values):
        return np.asarray(op.compute(values, arguments, settings, np))

    def back(i):
        def pull(out, *values):
            given = dict(zip(arguments, values, strict=True))
            return lambda dout: edge_vjp(op, arguments[i], given, out, dout, settings, xp)

        return pull

    autograd.extend.defvjp(custom, *(back(i) for i in floats), argnums=floats)

    def of_floats(*given):
        values = list(arrays)
        for i, value in zip(floats, given, strict=True):
            values[i] = value
        return custom(*values)

    autograd.test_util.check_grads(of_floats, argnum=tuple(range(len(floats))), modes=["rev"], order=2)(
        *(arrays[i] for i in floats)
    )


PEERS = {
    "torch gradcheck": torch_gradcheck,
    "jax check_grads": jax_check_grads,
    "autograd check_grads": autograd_check_grads,
}
