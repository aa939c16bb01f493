"""Compiled functions, cached on disk for other processes.

>>> from numba import types
>>> compile_cached("def kernel(x):\\n    return x + 1\\n", types.float64(types.float64))(2.0)
3.0
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba import njit

from . import blas, scalar_functions

_HEADER = f'"""Written by graphcore."""\nfrom {scalar_functions.__name__} import *\n\n\n'
#: at most this many functions are kept
_MAX_FILES = 500


@lru_cache(maxsize=1024)
def compile_cached(source: str, signature: Any) -> Any:
    """Compile the function in a source text for arguments of some types, or load it from disk.

    The folder is ``GRAPHCORE_CACHE`` if that is set, else the user's cache folder. If that is not writable, every
    process compiles the function anew.
    """
    options = {"error_model": "numpy", "nogil": True}
    file = _write_source(source, signature)
    if file is None:
        scope: dict[str, Any] = {}
        exec(compile(_HEADER + source, "<graphcore compiled step>", "exec"), scope)  # noqa: S102  generated names only
        return njit(signature, **options)(scope["kernel"])
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[file.stem] = module  # numba looks it up by name
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return njit(signature, cache=True, **options)(module.kernel)


def folder() -> Path:
    """Return the folder of the cache."""
    if "GRAPHCORE_CACHE" in os.environ:
        return Path(os.environ["GRAPHCORE_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "graphcore" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/graphcore"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "graphcore"


def _write_source(source: str, signature: Any) -> Path | None:
    """Write a source text to its file if it is absent, and return the file; ``None`` if it cannot be written."""
    text = _HEADER + source
    called = [Path(str(module.__file__)).read_text("utf-8") for module in (blas, scalar_functions)]
    key = "\n".join((text, str(signature), numba.__version__, *called))
    file = folder() / f"graphcore_step_{hashlib.sha256(key.encode()).hexdigest()[:24]}.py"
    try:
        if file.exists() and file.read_text("utf-8") == text:
            return file
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_oldest(file.parent)
        descriptor, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        Path(name).replace(file)  # atomically, since another process may be reading it
    except OSError:
        return None
    return file


def _delete_oldest(where: Path) -> None:
    files = sorted(where.glob("graphcore_step_*.py"), key=lambda file: file.stat().st_mtime)
    for file in files[: max(0, len(files) - _MAX_FILES)]:
        for one in (file, *where.glob(f"__pycache__/{file.stem}.*")):
            with contextlib.suppress(OSError):
                one.unlink()
