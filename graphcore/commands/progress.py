"""A progress bar on one line of a terminal; nothing where the output is a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_WIDTH = 30


class Progress(Iterable[T]):
    """Iterate and show how far along it is; ``say`` adds a word behind the bar.

    >>> bar(0.5, "half", 10)
    '█████·····  50 %  half'
    """

    def __init__(self, items: list[T]) -> None:
        self.items, self.word = items, ""

    def say(self, word: str) -> None:
        """Set the text behind the bar from the next step on."""
        self.word = word

    def __iter__(self) -> Iterator[T]:
        shown = sys.stderr.isatty()
        for done, item in enumerate(self.items, start=1):
            yield item
            if shown:
                sys.stderr.write("\r" + bar(done / len(self.items), self.word) + "\x1b[K")
                sys.stderr.flush()
        if shown:
            sys.stderr.write("\n")


def bar(share: float, word: str, width: int = _WIDTH) -> str:
    """Return the bar itself.

    >>> bar(1.0, "done", 4)
    '████ 100 %  done'
    """
    full = round(share * width)
    return f"{'█' * full}{'·' * (width - full)} {share:4.0%}  {word}".replace("%", " %")
