"""The interface of an operation for the packages below the one that defines it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .shaped_array import ShapedArray


class Operation(Protocol):
    """An operation as used by the registry, nodes and shape inference; `Op` implements it."""

    name: str
    forward: Callable[..., Any]
    source: Any
    __module__: str
    values: tuple[str, ...]
    settings: dict[str, Any]
    variadic: str | None
    shape_rule: Callable[..., Any] | None
    dtype_rule: Any
    inferred: dict[Any, ShapedArray]
    primitive: str | None

    @property
    def is_elementwise(self) -> bool:
        """True if each entry of the result depends only on the same entry of the (broadcast) arguments."""

    @property
    def is_composite(self) -> bool:
        """True if the operation has no rules and is differentiated through the operations its forward calls."""

    @property
    def is_pure(self) -> bool:
        """True if equal arguments give equal results, so that a compiled step may merge and precompute calls."""

    def check_single(self, result: Any) -> Any:
        """Return the result of the forward, which is one array."""

    def compute(self, values: Iterable[Any], arguments: tuple[str, ...], settings: dict[str, Any], xp: Any) -> Any:
        """Run the forward on arrays of the namespace ``xp``."""

    def rule_for(self, argument: str) -> Any:
        """Return the rule of an edge, or ``None``."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Compute on arrays, or make a node of nodes."""
