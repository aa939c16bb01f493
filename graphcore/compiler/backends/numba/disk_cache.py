"""Files of compiled functions, which other processes load: plain bytes and a checksum, nothing that is unpickled.

A file is a line with the SHA-256 of all that follows, a line of JSON, and the bytes of its parts. A file that is
damaged, written by another program or for another key counts as absent; a folder that cannot be used, as empty.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

#: at most this many files are kept
_MAX_FILES = 500
_PREFIX = "graphcore_step_"


Stored = tuple[dict[str, Any], list[bytes]]


def read(key: str) -> Stored | None:
    """Return the description and the parts that were written for a key, or ``None``."""
    try:
        return decode(key, _path(key).read_bytes())
    except (OSError, RuntimeError):
        return None


def write(key: str, description: dict[str, Any], parts: Sequence[bytes]) -> None:
    """Write a file for a key, or nothing if that is impossible."""
    with contextlib.suppress(OSError, RuntimeError):
        file = _path(key)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_oldest(file.parent)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=_PREFIX)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(encode(key, description, parts))
            Path(name).replace(file)  # atomically, since another process may be reading it
        except BaseException:  # a full disk, or ^C
            Path(name).unlink(missing_ok=True)
            raise


def encode(key: str, description: dict[str, Any], parts: Sequence[bytes]) -> bytes:
    """Return the content of a file.

    >>> encode("k", {"uid": 1}, [b"ab", b"c"]).partition(b"\\n")[2]
    b'{"key": "k", "description": {"uid": 1}, "sizes": [2, 1]}\\nabc'
    """
    stored = {"key": key, "description": description, "sizes": [len(part) for part in parts]}
    rest = b"\n".join((json.dumps(stored).encode(), b"".join(parts)))
    return b"\n".join((hashlib.sha256(rest).hexdigest().encode(), rest))


def decode(key: str, content: bytes) -> Stored | None:
    """Return the description and the parts in the content of a file, or ``None`` if it is not one for this key.

    >>> content = encode("k", {"uid": 1}, [b"ab", b"c"])
    >>> decode("k", content), decode("other", content), decode("k", content[:-1])
    (({'uid': 1}, [b'ab', b'c']), None, None)
    """
    checksum, _, rest = content.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        return None
    header, _, code = rest.partition(b"\n")
    try:
        stored = json.loads(header)
        ends = list(accumulate(stored["sizes"], initial=0))
        parts = [code[start:end] for start, end in pairwise(ends)]
        return (dict(stored["description"]), parts) if stored["key"] == key else None
    except (ValueError, LookupError, TypeError):
        return None


def folder() -> Path:
    """Return the folder of the cache: ``GRAPHCORE_CACHE`` if that is set and not empty, else the user's cache folder.

    Raises `RuntimeError` for a user without a home.
    """
    if os.environ.get("GRAPHCORE_CACHE"):
        return Path(os.environ["GRAPHCORE_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "graphcore" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/graphcore"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphcore"


def _path(key: str) -> Path:
    return folder() / f"{_PREFIX}{key[:24]}.kernel"


def _delete_oldest(where: Path) -> None:
    times = {}
    for file in where.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # deleted by another process
            times[file] = file.stat().st_mtime
    for file in sorted(times, key=lambda file: times[file])[: max(0, len(times) - _MAX_FILES)]:
        with contextlib.suppress(OSError):
            file.unlink()
