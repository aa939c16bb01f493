"""Animations: frames in one GIF or WebP file, written by Pillow."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DrawError

_SUFFIXES = (".gif", ".webp")
#: the last frame is shown this many times as long as the others
_LAST = 3
_COLOURS = 256
#: the default number of pixels of the longer side
_LONGEST = 1600


def animate(
    frames: Callable[[], Sequence[bytes]], path: str | Path, seconds: float = 1.5, width: int | None = None
) -> Path:
    """Write PNG pictures of one size as an animation; ``frames`` creates them, after the arguments are checked.

    Raises `DrawError` without Pillow, for another suffix, and for an invalid duration or width.

    >>> animate(list, "steps.mp4")
    Traceback (most recent call last):
    viz.errors.DrawError: cannot save 'steps.mp4': expected one of the suffixes .gif, .webp
    >>> animate(list, "steps.gif", seconds=0)
    Traceback (most recent call last):
    viz.errors.DrawError: seconds must be in (0, 60], got 0
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise DrawError(f"cannot save {path.name!r}: expected one of the suffixes {', '.join(_SUFFIXES)}")
    if not 0 < seconds <= 60:
        raise DrawError(f"seconds must be in (0, 60], got {seconds!r}")
    if width is not None and (not isinstance(width, int) or not 16 <= width <= 10_000):
        raise DrawError(f"width must be an integer from 16 to 10000 (pixels) or None, got {width!r}")
    try:
        from PIL import Image  # noqa: PLC0415  an extra, imported when it is used
    except ImportError as error:
        raise DrawError("animations need Pillow: python -m pip install 'graphcore[frames]'") from error
    pictures = [Image.open(io.BytesIO(made)).convert("RGB") for made in frames()]
    longest = max(pictures[0].size)
    if width is None and longest > _LONGEST:
        width = round(pictures[0].width * _LONGEST / longest)
    if width is not None:
        height = round(pictures[0].height * width / pictures[0].width)
        pictures = [picture.resize((width, height), Image.Resampling.LANCZOS) for picture in pictures]
    times = [round(1000 * seconds)] * (len(pictures) - 1) + [round(1000 * seconds * _LAST)]
    if path.suffix.lower() == ".gif":
        colours, indices = quantize_colours([np.asarray(picture) for picture in pictures])
        pictures = [Image.fromarray(index) for index in indices]
        for picture in pictures:
            picture.putpalette(colours.tobytes())
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=times, loop=0, optimize=True)
    else:
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=times, loop=0, lossless=True)
    return path


def quantize_colours(pictures: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Return the most frequent colours of all pictures, and for each pixel the index of the nearest.

    One palette for all frames prevents flicker, and flat areas keep their exact colours.

    >>> white, blue = [255, 255, 255], [0, 114, 178]
    >>> colours, (indices,) = quantize_colours([np.array([[white, white, blue]], dtype=np.uint8)])
    >>> colours.tolist(), indices.tolist()
    ([[255, 255, 255], [0, 114, 178]], [[0, 0, 1]])
    """
    weights = np.array([1 << 16, 1 << 8, 1])
    coded = [picture.astype(np.int64) @ weights for picture in pictures]
    found, counts = np.unique(np.concatenate([code.ravel() for code in coded]), return_counts=True)
    most = found[np.lexsort((found, -counts))][:_COLOURS]
    palette = np.stack([most >> 16, most >> 8 & 255, most & 255], axis=1)
    every = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    distance = sum((every[:, None, channel] - palette[None, :, channel]) ** 2 for channel in range(3))
    nearest = np.argmin(distance, axis=1).astype(np.uint8)
    return palette.astype(np.uint8), [nearest[np.searchsorted(found, code)] for code in coded]
