"""The colours of a picture by name, so that one drawing serves every theme: the page says what each name looks like."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import fields

from ..render.theme import CONTRAST, THEMES, Theme, contrast, mix

#: as many shades lie between zero and the largest
_SHADES = 40
_NUMBERED = re.compile('"#(00[0-9a-f]{4})"')
_COLOURS = tuple(f.name for f in fields(Theme) if f.type == "str" and f.name != "name")
#: what the page itself is painted with, beside the colours of a theme
_OWN: dict[str, Callable[[Theme], str]] = {
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
    """A theme whose colours are numbered: ``#000007`` stands for one colour in each of the themes.

    >>> palette = Palette()
    >>> palette.tint(1.0) == palette.positive
    True
    >>> palette.colours_in(f'fill="{palette.paper}"')
    'fill="var(--c0)"'
    >>> [line for line in palette.css().splitlines() if line.startswith("@media print")]
    ['@media print { :root, :root[data-theme] {']
    """

    def __init__(self, themes: Sequence[Theme] = tuple(THEMES.values())) -> None:
        object.__setattr__(self, "_themes", tuple(themes))
        object.__setattr__(self, "_numbers", {})
        object.__setattr__(self, "_colours", [])
        object.__setattr__(self, "_tints", {})
        super().__init__("page", **{name: self._number([getattr(t, name) for t in themes]) for name in _COLOURS})

    def _number(self, colours: Sequence[str]) -> str:
        numbers: dict[tuple[str, ...], int] = self._numbers  # type: ignore[attr-defined]
        meant = tuple(colours)
        if meant not in numbers:
            numbers[meant] = len(numbers)
            self._colours.append(meant)  # type: ignore[attr-defined]
        return f"#{numbers[meant]:06x}"

    def _meant(self, number: str) -> tuple[str, ...]:
        return self._colours[int(number[1:], 16)]  # type: ignore[attr-defined]

    def tint(self, place: float) -> str:
        """The colour of a place on the scale from −1 to 1, in shades that can just be told apart."""
        shade = (
            math.ceil(abs(place) * _SHADES) / _SHADES
            if abs(place) * _SHADES < 1
            else round(abs(place) * _SHADES) / _SHADES
        )
        shade = math.copysign(shade, place)
        tints: dict[float, str] = self._tints  # type: ignore[attr-defined]
        if shade not in tints:
            tints[shade] = self._number([t.tint(shade) for t in self._themes])  # type: ignore[attr-defined]
        return tints[shade]

    def mix(self, one: str, other: str, part: float) -> str:
        """A colour between two, theme by theme."""
        each = zip(self._themes, self._meant(one), self._meant(other), strict=True)  # type: ignore[attr-defined]
        return self._number([theme.mix(a, b, part) for theme, a, b in each])

    def on(self, ground: str) -> str:
        """What can be read on a ground, theme by theme."""
        each = zip(self._themes, self._meant(ground), strict=True)  # type: ignore[attr-defined]
        return self._number([theme.on(colour) for theme, colour in each])

    # -- what a page needs

    def colours_in(self, markup: str) -> str:
        """An SVG with names in the place of numbers."""
        return _NUMBERED.sub(lambda found: f'"var(--c{int(found[1], 16)})"', markup)

    def css(self) -> str:
        """What the names stand for: by the reader's preference, by her choice, and on paper."""
        light, dark, paper = (self._block(place) for place in range(3))
        return "\n".join(
            [
                f":root {{ color-scheme: light;\n{light}\n}}",
                f"@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark;\n{dark}\n}} }}",
                f':root[data-theme="light"] {{ color-scheme: light;\n{light}\n}}',
                f':root[data-theme="dark"] {{ color-scheme: dark;\n{dark}\n}}',
                f"@media print {{ :root, :root[data-theme] {{\n{paper}\n}} }}",
            ]
        )

    def _block(self, place: int) -> str:
        theme: Theme = self._themes[place]  # type: ignore[attr-defined]
        own = [f"--{name}:{getattr(theme, name)};" for name in _COLOURS]
        own += [f"--{name}:{colour(theme)};" for name, colour in _OWN.items()]
        numbered = [f"--c{i}:{colours[place]};" for i, colours in enumerate(self._numbers)]  # type: ignore[attr-defined]
        return "".join(own + numbered)


def readable(colour: str, theme: Theme) -> str:
    """A colour brought so close to the ink that text in it can be read on paper, boxes and panels.

    >>> readable("#d55e00", THEMES["light"]), readable("#000000", THEMES["light"])
    ('#b05107', '#000000')
    """
    grounds = (theme.paper, theme.box, theme.panel)
    for step in range(21):
        mixed = mix(colour, theme.ink, step / 20)
        if all(contrast(mixed, ground) >= CONTRAST for ground in grounds):
            return mixed
    return theme.ink
