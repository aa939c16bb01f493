"""Plain functions made of operations, which the namespace of nodes has beside the operations themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..arrays.namespace import is_node
from ..arrays.registry import registry
from ..errors import GraphcoreError, OperationError
from ..support.pytree import leaves
from ..support.source_location import caller_location, hide_frames_of

F = TypeVar("F", bound=Callable[..., Any])


def function(made_of_operations: F) -> F:
    """Let the namespace of nodes have a plain function that is made of operations, under the function's own name.

    The nodes it makes, and its errors, have the line where it was called.

    >>> import graphcore as gc, ops
    >>> gc.registry.stack is ops.stack, "stack" in gc.registry
    (True, False)
    """
    hide_frames_of(made_of_operations)

    @functools.wraps(made_of_operations)
    def called(*args: Any, **settings: Any) -> Any:
        try:
            return made_of_operations(*args, **settings)
        except GraphcoreError as error:
            if _REFUSED in str(error):
                raise
            raise type(error)(_error_message(made_of_operations, error)) from error
        except _RAW as error:
            if not _any_node(args):
                raise  # arrays alone: what the array library says is best
            raise OperationError(_error_message(made_of_operations, error)) from error

    registry.register_function(called)
    return called  # type: ignore[return-value]


_REFUSED = " is refused: "
_RAW = (TypeError, ValueError, IndexError, AttributeError, KeyError, ZeroDivisionError)


def _any_node(args: Any) -> bool:
    return any(is_node(leaf) for leaf in leaves(args))


def _error_message(function_: Callable[..., Any], error: Exception) -> str:
    reason = str(error) if isinstance(error, GraphcoreError) else f"{type(error).__name__}: {error}"
    return f"{function_.__name__} at {caller_location()}{_REFUSED}{reason}"
