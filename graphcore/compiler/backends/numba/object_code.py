"""Functions compiled by numba, as object code that other processes load from disk.

Numba's own cache pickles what it stores, and fails for a damaged file. Here a function is the bytes of its machine code
and the few names under which the code refers to itself.

>>> from numba import types
>>> compile_cached("def kernel(x):\\n    return x + 1\\n", types.float64(types.float64))(2.0)
3.0
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba import njit
from numba.core.compiler import compile_result
from numba.core.environment import Environment
from numba.core.funcdesc import PythonFunctionDescriptor

from . import blas, disk_cache, scalar_functions

_HEADER = f"from {scalar_functions.__name__} import *\n\n\n"
_OPTIONS = {"error_model": "numpy", "nogil": True}


@lru_cache(maxsize=1024)
def compile_cached(source: str, signature: Any) -> Any:
    """Compile the function ``kernel`` in a source text for arguments of some types, or load it from disk.

    See `disk_cache.folder` for where it is. Whatever is wrong with the folder or a file in it costs a compilation and
    nothing else.
    """
    key = _key(source, signature)
    function = _define(source, key)
    stored = disk_cache.read(key)
    loaded = None if stored is None else _load(function, signature, *stored)
    if loaded is not None:
        return loaded
    compiled = njit(signature, **_OPTIONS)(function)
    found = _serialize(next(iter(compiled.overloads.values())))
    if found is not None:
        disk_cache.write(key, *found)
    return compiled


def _define(source: str, key: str) -> Any:
    """Define the Python function, with a name that no other function has: code refers to itself by name."""
    scope: dict[str, Any] = {"__name__": __name__}
    exec(compile(_HEADER + source, "<graphcore compiled step>", "exec"), scope)  # noqa: S102  generated names only
    function = scope["kernel"]
    function.__qualname__ = f"kernel_{key[:24]}"
    return function


def _key(source: str, signature: Any) -> str:
    return hashlib.sha256("\n".join((_HEADER, source, str(signature), _environment())).encode()).hexdigest()


@cache
def _environment() -> str:
    """Return all that machine code depends on besides its source: versions, the processor, functions that it calls."""
    called = [Path(str(module.__file__)).read_text("utf-8") for module in (blas, scalar_functions)]
    processor = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    versions = [numba.__version__, llvmlite.__version__, sys.implementation.cache_tag]
    return "\n".join((*versions, *processor, str(sorted(_OPTIONS.items())), *called))


def _serialize(compiled: Any) -> tuple[dict[str, Any], list[bytes]] | None:
    """Return a compiled function as a description and bytes; ``None`` if it refers to Python objects."""
    environments = compiled._find_referenced_environments()  # noqa: SLF001
    if compiled.reload_init or compiled.lifted or any(one.consts for one in (compiled.environment, *environments)):
        return None
    library, _, parts = compiled.library.serialize_using_object_code()
    names, tags = [one.env_name for one in environments], list(compiled.fndesc.abi_tags)
    return {"library": library, "uid": compiled.fndesc.uid, "tags": tags, "environments": names}, [*parts]


def _load(function: Any, signature: Any, description: dict[str, Any], parts: list[bytes]) -> Any:
    """Return the compiled function of a description and bytes, or ``None`` if they are not those of this function."""
    dispatcher = njit(**_OPTIONS)(function)
    context, name, native = dispatcher.targetctx, function.__qualname__, True
    context.refresh()  # numba's runtime functions must be known before code that calls them is loaded
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    try:
        code, bitcode = parts
        own = PythonFunctionDescriptor(
            native, __name__, name, name, "", None, signature.return_type, None, names, (),
            argtypes=signature.args, abi_tags=tuple(description["tags"]), uid=description["uid"],
        )  # fmt: skip
        library = context.codegen().unserialize_library((description["library"], "object", (code, bitcode)))
        if not library.get_pointer_to_function(own.llvm_cpython_wrapper_name):
            return None
        environments = [_environment_of(one) for one in description["environments"]]
    except (LookupError, TypeError, ValueError, RuntimeError):
        return None
    environment = Environment.from_fndesc(own)
    entry_point = context.get_executable(library, own, environment)
    for one in environments:
        library.codegen.set_env(one.env_name, one)
    dispatcher.add_overload(
        compile_result(
            target_context=context, typing_context=context.typing_context, library=library, environment=environment,
            entry_point=entry_point, fndesc=own, signature=signature, objectmode=False, lifted=(), reload_init=(),
            referenced_envs=environments,
        )
    )  # fmt: skip
    dispatcher.disable_compile()
    return dispatcher


def _environment_of(name: str) -> Environment:
    found = Environment(globals())
    found.env_name = name
    return found
