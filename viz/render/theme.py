"""Colours and fonts of a picture, and the contrast that keeps them readable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from graphcore.errors import did_you_mean

from ..errors import DrawError

#: text is measured with the first installed one; DejaVu, the widest, is the fallback of minimal systems
FONTS = "Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif"
CONTRAST = 4.5


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    >>> THEMES["light"].positive, THEMES["light"].negative
    ('#0072b2', '#d55e00')
    >>> contrast(THEMES["dark"].ink, THEMES["dark"].paper) > 4.5
    True
    """

    name: str
    paper: str
    ink: str
    #: for tags, cluster names and notes
    quiet: str
    line: str
    box: str
    #: behind numbers that have no sign
    panel: str
    alarm: str = "#c4007a"
    positive: str = "#0072b2"
    negative: str = "#d55e00"
    #: around the boxes of the current step
    lit: str = "#ffc53d"

    def tint(self, position: float) -> str:
        """Return the colour of a position on the scale from −1, through the box's own colour at 0, to 1.

        >>> light = THEMES["light"]
        >>> light.tint(1.0), light.tint(0.0), light.tint(-1.0)
        ('#0072b2', '#ffffff', '#d55e00')
        """
        return mix(self.box, self.positive if position > 0 else self.negative, abs(position))

    def mix(self, one: str, other: str, part: float) -> str:
        """Interpolate between two colours.

        >>> THEMES["light"].mix("#000000", "#ffffff", 0.5)
        '#808080'
        """
        return mix(one, other, part)

    def on(self, ground: str) -> str:
        """Return the colour of text on a fill of this theme.

        >>> THEMES["light"].on("#0072b2")
        '#ffffff'
        """
        return choose_text_colour(ground)


def dim(theme: Theme) -> Theme:
    """Return the theme for elements that are not highlighted: all colours but text close to the background.

    >>> dim(THEMES["light"]).positive, contrast(dim(THEMES["light"]).ink, THEMES["light"].paper) > CONTRAST
    ('#cce3f0', True)
    """
    faded = {name: mix(theme.paper, getattr(theme, name), 0.2) for name in ("positive", "negative", "alarm", "panel")}
    return replace(theme, ink=theme.quiet, line=mix(theme.paper, theme.line, 0.45), **faded)


def blank(theme: Theme, ground: str) -> Theme:
    """Return the theme for hidden parts: everything in the colour of the fill, which keeps the room.

    >>> nothing = blank(THEMES["dark"], "#2a3037")
    >>> nothing.ink == nothing.tint(1.0) == nothing.panel == "#2a3037"
    True
    """
    names = ("ink", "quiet", "line", "box", "panel", "alarm", "positive", "negative")
    return replace(theme, **dict.fromkeys(names, ground))


def mix(one: str, other: str, part: float) -> str:
    """Interpolate between two colours.

    >>> mix("#000000", "#ffffff", 0.5), mix("#102030", "#ffffff", 0.0)
    ('#808080', '#102030')
    """
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(_rgb(one), _rgb(other), strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it, from 1 to 21.

    >>> contrast("#000000", "#ffffff"), contrast("#777777", "#777777")
    (21.0, 1.0)
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def choose_text_colour(ground: str) -> str:
    """Return black or white, whichever has the higher contrast, which is always at least 4.58 : 1.

    >>> choose_text_colour("#0072b2"), choose_text_colour("#d55e00"), choose_text_colour("#fbe9df")
    ('#ffffff', '#000000', '#000000')
    """
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))


def get_theme(name: str | Theme) -> Theme:
    """Return a theme by its name; a `Theme` is returned unchanged.

    >>> get_theme("print").name
    'print'
    >>> get_theme("drak")
    Traceback (most recent call last):
    viz.errors.DrawError: unknown theme 'drak', expected one of light, dark, print. Did you mean 'dark'?
    """
    if isinstance(name, Theme):
        return name
    if not isinstance(name, str) or name not in THEMES:
        raise DrawError(f"unknown theme {name!r}, expected one of {', '.join(THEMES)}{did_you_mean(name, THEMES)}")
    return THEMES[name]


@lru_cache(1024)
def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_LIGHT = Theme("light", paper="#ffffff", ink="#1b1f24", quiet="#5f6670", line="#8a919b", box="#ffffff", panel="#f0f2f5")
_DARK = Theme(
    "dark",
    paper="#14171b",
    ink="#e9ecef",
    quiet="#a3abb5",
    line="#6f7883",
    box="#1d2126",
    panel="#2a3037",
    alarm="#ff5cb8",
    lit="#b98a1f",
)
_PRINT = Theme(
    "print",
    paper="#ffffff",
    ink="#000000",
    quiet="#444444",
    line="#555555",
    box="#ffffff",
    panel="#eeeeee",
    alarm="#000000",
    lit="#b5b5b5",
)
THEMES = {theme.name: theme for theme in (_LIGHT, _DARK, _PRINT)}
