"""Op packs: installed packages that register operations, found by their entry points and loaded on request."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple

from ..arrays.registry import registry
from ..errors import NameTakenError, PackError, UnknownNameError, did_you_mean

#: the entry-point group in which a package says which of its modules registers operations
GROUP = "graphcore.ops"


class OpPack(NamedTuple):
    """An op pack that is installed: its name, the distribution that brings it, and whether it has been loaded."""

    name: str
    distribution: str
    version: str
    loaded: bool


def op_packs() -> list[OpPack]:
    """Return the op packs that are installed here, in order of name. Looking at them loads none.

    >>> import graphcore as gc
    >>> all(pack.name and pack.distribution for pack in gc.op_packs())
    True
    """
    return sorted(OpPack(e.name, *_origin(e), e.module in sys.modules) for e in entry_points(group=GROUP))


def load_ops(name: str) -> list[str]:
    """Load an op pack, which is to import it, and return the names of its operations. Loading twice changes nothing.

    Raises `UnknownNameError` if no such pack is installed. If its import fails, or if it takes a name that another
    operation has without saying ``replace=True``, raises `PackError`, and the registry is what it was before.

    >>> import graphcore as gc
    >>> gc.load_ops("no such pack")
    Traceback (most recent call last):
    graphcore.errors.UnknownNameError: no op pack named 'no such pack' is installed...
    """
    found = _entry_point(name)
    package = found.module.partition(".")[0]
    before = set(sys.modules)
    try:
        with registry.all_or_none(package):
            importlib.import_module(found.module)
    except Exception as error:
        for module in set(sys.modules) - before:
            if module.partition(".")[0] == package:  # to be run again, should loading be tried again
                del sys.modules[module]
        distribution, version = _origin(found)
        raise PackError(
            f"the op pack {name!r} of {distribution} {version} cannot be loaded: {type(error).__name__}: {error}; "
            f"none of its operations is registered"
        ) from error
    return [op.name for op in registry.values() if op.__module__.partition(".")[0] == package]


def _entry_point(name: str) -> EntryPoint:
    packs = entry_points(group=GROUP)
    named = sorted((e for e in packs if e.name == name), key=_origin)
    if not named:
        known = sorted(packs.names)
        installed = f"; there are {', '.join(known)}" if known else f"; no package has an entry point {GROUP!r}"
        raise UnknownNameError(f"no op pack named {name!r} is installed{installed}{did_you_mean(name, known)}")
    if len(named) > 1:
        origins = " and by ".join(" ".join(_origin(e)) for e in named)
        raise NameTakenError(
            f"the op pack {name!r} is offered by {origins}; import the module of the one that is meant"
        )
    return named[0]


def _origin(found: EntryPoint) -> tuple[str, str]:
    """Return the distribution and version that an entry point belongs to."""
    return (found.dist.name, found.dist.version) if found.dist else ("an unknown distribution", "")
