"""The torch backend: programs on tensors, compiled by ``torch.compile`` on a GPU.

>>> import graphcore as gc, ops
>>> g = gc.Graph()
>>> x, w = g.input("x", (2,)), g.parameter("w", 3.0)
>>> step = gc.compile(ops.sum(ops.square(w * x)), backend="torch")
>>> step({x: np.array([1.0, 2.0])})[0]
np.float64(45.0)
>>> step({x: torch.tensor([1.0, 2.0], dtype=torch.float64)})[0]
tensor(45., dtype=torch.float64)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import array_api_compat.torch as xp
import numpy as np
import torch

from ...arrays.namespace import native_dtype
from ..ir.primitives import VIEW_OPS
from ..ir.program import Program, Value
from .array_library import LibraryProgram

name = "torch"
arrays = (torch.Tensor,)


class TorchProgram(LibraryProgram):
    """A program on torch tensors, on the device of the inputs."""

    def __init__(self, program: Program) -> None:
        super().__init__(program, xp)
        #: the numbers of results that may share memory with a leaf or with each other
        self._shared = [
            number
            for number, value in enumerate(program.results)
            if value.kind != "op" or value.name in (*VIEW_OPS, "call") or program.results.index(value) < number
        ]
        self._compiled: Any = None

    def convert(self, array: Any, value: Value, beside: Any) -> Any:
        """Return a tensor. Other arrays are copied: torch has no read-only tensors, and an operation may write."""
        tensor = array if isinstance(array, torch.Tensor) else torch.as_tensor(np.array(array))
        device = None if beside is None else beside.device
        return tensor.detach().to(device=device, dtype=native_dtype(value.dtype, xp))

    def compute_results(self, leaves: list[Any]) -> list[Any]:
        """Return the results as tensors."""
        compute = self.compute
        if self.is_pure and any(leaf.is_cuda for leaf in leaves):
            compute = self._compiled = self._compiled or torch.compile(self.compute)
        with torch.no_grad():
            results = compute(*leaves)
            for number in self._shared:
                results[number] = results[number].clone()
        return results

    def wait_for(self, array: Any) -> Any:
        """Wait until a tensor is computed, and return it."""
        if array.is_cuda:
            torch.cuda.synchronize(array.device)
        return array

    def to_numpy(self, array: Any) -> Any:
        """Return the memory of a tensor as a numpy array."""
        return array.numpy()

    def constants_beside(self, leaves: Sequence[Any]) -> dict[Value, Any]:
        """Return the constants on the device of the leaves; other threads may use another device."""
        if not leaves:
            return self._constants
        self._constants = found = {value: constant.to(leaves[0].device) for value, constant in self._constants.items()}
        return found


def build(program: Program) -> TorchProgram:
    """Make a program ready to run."""
    return TorchProgram(program)
