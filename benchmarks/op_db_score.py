"""The number of samples of torch's own ``op_db`` with which our values and gradients agree.

    python benchmarks/op_db_score.py [NAME ...] [--failures]

For every operation that we share a name or meaning with (see op_db_table.py), all sample inputs in float64: the
value, and the gradient by every float tensor for a fixed generic sensitivity, must agree within 1e-6 relative wherever
torch's are finite. What cannot be translated is counted apart and is no pass. Points at which torch differs
than the policy of docs/kinks.md, none of which op_db visits, are verified at the end (op_db_points.py).
"""

import argparse
import collections
import warnings

import numpy as np
import torch
from op_db_points import print_points
from op_db_table import TABLE, UntranslatableError, refuse_another_subgradient
from torch.testing._internal.common_methods_invocations import op_db

import graphcore as gc
from graphcore.support import pytree

TOLERANCE = 1e-6
#: what is left of a difference of numbers near 1 that should be zero
ROUNDING = 1e-12


class Outcome(collections.Counter):
    """Counts by verdict, and the messages of samples that did not pass."""

    def __init__(self):
        super().__init__()
        self.notes = []

    def add(self, verdict, note=""):
        """Count one sample."""
        self[verdict] += 1
        if note:
            self.notes.append((verdict, note))


def main():
    """Print the score per operation and in total."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="only these operations of torch")
    parser.add_argument("--failures", action="store_true", help="say of every sample why it did not pass")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    total = Outcome()
    print(f"{'operation':48} {'agree':>6} {'differ':>6} {'untranslated':>13}")
    for entry in op_db:
        if entry.name not in TABLE or (options.names and entry.name not in options.names):
            continue
        if not entry.supports_dtype(torch.float64, "cpu"):
            continue
        outcome = score(entry)
        total.update(outcome)
        name = entry.name + (f" ({entry.variant_test_name})" if entry.variant_test_name else "")
        print(f"{name:48} {outcome['agree']:6} {outcome['differ']:6} {outcome['untranslated']:13}")
        for verdict, note in outcome.notes:
            if options.failures or verdict == "differ":
                print(f"    {verdict}: {note}")
    judged = total["agree"] + total["differ"]
    print(f"\n{total['agree']} of {judged} samples agree; {total['untranslated']} have no counterpart here\n")
    if not options.names:
        print_points()


def score(entry):
    """All samples of one operation."""
    outcome = Outcome()
    differentiable = entry.supports_autograd
    for sample in entry.sample_inputs("cpu", torch.float64, requires_grad=differentiable):
        shown = f"{shape_of(sample.input)} {shape_of(sample.args)} {shape_of(sample.kwargs)}"
        try:
            verdict, note = judge(entry, sample)
        except UntranslatableError as reason:
            verdict, note = "untranslated", str(reason)
        except Exception as error:  # noqa: BLE001  whatever goes wrong is a sample that does not agree
            verdict, note = "differ", f"{type(error).__name__}: {str(error)[:300]}"
        outcome.add(verdict, "" if verdict == "agree" else f"{shown}: {note}")
    return outcome


def judge(entry, sample):
    """Return the verdict on one sample."""
    place = [sample.input, list(sample.args), dict(sample.kwargs)]
    leaves = tensors_in(place)
    floats = [leaf for leaf in leaves if leaf.requires_grad]
    theirs = entry.op(sample.input, *sample.args, **sample.kwargs)
    ours_of = TABLE[entry.name]
    refuse_another_subgradient(entry, sample)

    def ours(*arrays):
        given = iter(arrays)
        filled = with_arrays(place, lambda leaf: next(given) if leaf.requires_grad else leaf.detach().numpy())
        return floats_of(ours_of(filled[0], *filled[1], **filled[2]), "dtype")

    theirs = floats_of(theirs, "dtype")
    arrays = [leaf.detach().numpy().copy() for leaf in floats]
    if not floats:
        found, pullback = ours(), None
    else:
        found, pullback = gc.vjp(ours, *arrays)
    if len(found) != len(theirs):
        theirs = theirs[: len(found)]
    for mine, want in zip(found, theirs, strict=True):
        note = difference(np.asarray(mine), want.detach().numpy(), "value")
        if note:
            return "differ", note
    wanted = [out for out in theirs if out.requires_grad]
    if not wanted or pullback is None:
        return "agree", ""
    seeds = [np.cos(1.7 * np.arange(out.numel()) + 0.3).reshape(tuple(out.shape)) for out in theirs]
    expected = torch.autograd.grad(
        wanted, floats, [torch.tensor(s) for s, out in zip(seeds, theirs, strict=True) if out.requires_grad],
        allow_unused=True,
    )  # fmt: skip
    handed = pullback(seeds)
    for i, (mine, want) in enumerate(zip(handed, expected, strict=True)):
        want = np.zeros(arrays[i].shape) if want is None else want.numpy()
        note = difference(np.asarray(mine), want, f"gradient {i}")
        if note:
            return "differ", note
    return "agree", ""


def difference(mine, want, what):
    """Return a description of the difference; empty if there is no difference."""
    if mine.shape != want.shape:
        return f"{what} has the shape {mine.shape}, torch's {want.shape}"
    if want.dtype.kind != "f":
        return "" if np.array_equal(mine, want) else f"{what} differs"
    finite = np.isfinite(want)
    scale = max(float(np.max(np.abs(want[finite]), initial=0.0)), 1e-12)
    off = np.abs(np.where(finite, mine - want, 0.0))
    off = np.where(np.isnan(off), np.inf, off)
    if np.all(off <= TOLERANCE * np.maximum(np.abs(np.where(finite, want, 0)), TOLERANCE * scale) + ROUNDING):
        return ""
    at = np.unravel_index(np.argmax(off), off.shape)
    return f"{what}{[int(i) for i in at]} is {mine[at]:.9g}, torch's {want[at]:.9g}"


# -- samples are nested


def tensors_in(place):
    """Every tensor, in order."""
    return [leaf for leaf in pytree.leaves(place) if isinstance(leaf, torch.Tensor)]


def with_arrays(place, f):
    """The same with arrays in the place of tensors; a tensor is put to ``f`` in order."""
    if isinstance(place, torch.Tensor):
        return f(place)
    if isinstance(place, dict):
        return {key: with_arrays(value, f) for key, value in place.items()}
    if isinstance(place, (list, tuple)) and not isinstance(place, torch.Size):
        return type(place)(with_arrays(value, f) for value in place)
    return place


def floats_of(out, attribute):
    """The results that are arrays, one by one."""
    outs = list(out) if isinstance(out, (tuple, list)) else [out]
    return [one for one in outs if hasattr(one, attribute)]


def shape_of(place):
    """A sample in brief."""
    if isinstance(place, torch.Tensor):
        return list(place.shape)
    if isinstance(place, dict):
        return {key: shape_of(value) for key, value in place.items()}
    if isinstance(place, (list, tuple)):
        return [shape_of(value) for value in place]
    return place


if __name__ == "__main__":
    main()
