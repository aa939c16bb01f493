"""The colours of pictures as CSS variables, so that one drawing serves every theme."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import fields

from ..render.theme import CONTRAST, THEMES, Theme, contrast, mix

#: the number of shades between zero and the largest
_SHADES = 40
_NUMBERED = re.compile('"#(00[0-9a-f]{4})"')
_COLOURS = tuple(f.name for f in fields(Theme) if f.type == "str" and f.name != "name")
#: the colours of the page itself, in addition to those of a theme
_PAGE_COLOURS: dict[str, Callable[[Theme], str]] = {
    "page": lambda theme: (
        mix(theme.paper, theme.panel, 0.45) if _is_light(theme) else mix(theme.paper, "#000000", 0.25)
    ),
    "hair": lambda theme: mix(theme.paper, theme.line, 0.35),
    "rises": lambda theme: readable(theme.positive, theme),
    "falls": lambda theme: readable(theme.negative, theme),
    "alarms": lambda theme: readable(theme.alarm, theme),
    "halo": lambda theme: mix(theme.paper, theme.positive, 0.3),
}


def _is_light(theme: Theme) -> bool:
    return contrast(theme.paper, "#000000") > contrast(theme.paper, "#ffffff")


class Palette(Theme):
    """A theme of numbered colours: ``#000007`` stands for one colour in each of the themes.

    >>> palette = Palette()
    >>> palette.tint(1.0) == palette.positive
    True
    >>> palette.use_variables(f'fill="{palette.paper}"')
    'fill="var(--c0)"'
    >>> [line for line in palette.css().splitlines() if line.startswith("@media print")]
    ['@media print { :root, :root[data-theme] {']
    """

    # a frozen dataclass sets attributes with object.__setattr__
    _themes: tuple[Theme, ...]
    _numbers: dict[tuple[str, ...], int]
    _tints: dict[float, str]

    def __init__(self, themes: Sequence[Theme] = tuple(THEMES.values())) -> None:
        object.__setattr__(self, "_themes", tuple(themes))
        object.__setattr__(self, "_numbers", {})
        object.__setattr__(self, "_tints", {})
        super().__init__("page", **{name: self._number([getattr(t, name) for t in themes]) for name in _COLOURS})

    def _number(self, colours: Sequence[str]) -> str:
        return f"#{self._numbers.setdefault(tuple(colours), len(self._numbers)):06x}"

    def _colours(self, number: str) -> tuple[str, ...]:
        return list(self._numbers)[int(number[1:], 16)]

    def tint(self, place: float) -> str:
        """Return the colour of a number between −1 and 1, in shades that can just be distinguished."""
        size = abs(place) * _SHADES
        shade = math.copysign((math.ceil(size) if size < 1 else round(size)) / _SHADES, place)
        if shade not in self._tints:
            self._tints[shade] = self._number([t.tint(shade) for t in self._themes])
        return self._tints[shade]

    def mix(self, one: str, other: str, part: float) -> str:
        """Mix two colours, theme by theme."""
        each = zip(self._themes, self._colours(one), self._colours(other), strict=True)
        return self._number([theme.mix(a, b, part) for theme, a, b in each])

    def on(self, ground: str) -> str:
        """Return a readable text colour for a background, theme by theme."""
        each = zip(self._themes, self._colours(ground), strict=True)
        return self._number([theme.on(colour) for theme, colour in each])

    def use_variables(self, markup: str) -> str:
        """Replace the numbered colours of an SVG with CSS variables."""
        return _NUMBERED.sub(lambda found: f'"var(--c{int(found[1], 16)})"', markup)

    def css(self) -> str:
        """Return the variables of each theme: by system preference, by choice, and in print."""
        light, dark, paper = (self._block(i) for i in range(3))
        return "\n".join(
            [
                f":root {{ color-scheme: light;\n{light}\n}}",
                f"@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark;\n{dark}\n}} }}",
                f':root[data-theme="light"] {{ color-scheme: light;\n{light}\n}}',
                f':root[data-theme="dark"] {{ color-scheme: dark;\n{dark}\n}}',
                f"@media print {{ :root, :root[data-theme] {{\n{paper}\n}} }}",
            ]
        )

    def _block(self, index: int) -> str:
        theme: Theme = self._themes[index]
        own = [f"--{name}:{getattr(theme, name)};" for name in _COLOURS]
        own += [f"--{name}:{colour(theme)};" for name, colour in _PAGE_COLOURS.items()]
        numbered = [f"--c{i}:{colours[index]};" for i, colours in enumerate(self._numbers)]
        return "".join(own + numbered)


def readable(colour: str, theme: Theme) -> str:
    """Mix a colour with the text colour until it is readable on the page, boxes and panels.

    >>> readable("#d55e00", THEMES["light"]), readable("#000000", THEMES["light"])
    ('#b05107', '#000000')
    """
    grounds = (theme.paper, theme.box, theme.panel)
    for step in range(21):
        mixed = mix(colour, theme.ink, step / 20)
        if all(contrast(mixed, ground) >= CONTRAST for ground in grounds):
            return mixed
    return theme.ink
