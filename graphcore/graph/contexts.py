"""Scope, origin and region of new nodes: the contexts that they are made in, in each thread its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import get_ident
from typing import NamedTuple

from ..support.source_location import SourceLocation


class Metadata(NamedTuple):
    """The scope, origin and checkpointed region of new nodes; without an origin, that of the line that makes them.

    >>> Metadata(("layer 1",)).region is None
    True
    """

    scope: tuple[str, ...] = ()
    origin: SourceLocation | None = None
    region: int | None = None


_OUTSIDE = Metadata()


class Contexts:
    """The metadata for new nodes, by the thread that opened a context.

    >>> contexts = Contexts()
    >>> with contexts.enter(Metadata(("layer 1",))):
    ...     contexts.current.scope
    ('layer 1',)
    >>> contexts.current.scope
    ()
    """

    def __init__(self) -> None:
        self._inside: dict[int, Metadata] = {}

    @property
    def current(self) -> Metadata:
        """The metadata for a node that this thread makes now."""
        return self._inside.get(get_ident(), _OUTSIDE) if self._inside else _OUTSIDE

    @contextlib.contextmanager
    def enter(self, inside: Metadata) -> Iterator[None]:
        """Let nodes that this thread makes inside have some metadata; other threads are not affected."""
        thread, outer = get_ident(), self.current
        self._inside[thread] = inside
        try:
            yield
        finally:
            if outer is _OUTSIDE:
                del self._inside[thread]
            else:
                self._inside[thread] = outer

    def replace(self, metadata: Metadata) -> None:
        """Change the metadata of the innermost context of this thread."""
        self._inside[get_ident()] = metadata
