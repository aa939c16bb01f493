"""Colours and fonts of a picture, and the contrast that keeps them readable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from graphcore.errors import did_you_mean

from ..errors import DrawError

#: measured with the first that the machine has; DejaVu, the widest, is what bare machines have
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
    #: for tags, cluster names and what is said in passing
    quiet: str
    line: str
    box: str
    #: behind numbers that have no sign
    panel: str
    alarm: str = "#c4007a"
    positive: str = "#0072b2"
    negative: str = "#d55e00"
    #: around what a step is about
    lit: str = "#ffc53d"

    def tint(self, place: float) -> str:
        """The colour of a place on the scale from −1, through the paper's own colour at 0, to 1.

        >>> light = THEMES["light"]
        >>> light.tint(1.0), light.tint(0.0), light.tint(-1.0)
        ('#0072b2', '#ffffff', '#d55e00')
        """
        return mix(self.box, self.positive if place > 0 else self.negative, abs(place))

    def mix(self, one: str, other: str, part: float) -> str:
        """A colour between two of this theme.

        >>> THEMES["light"].mix("#000000", "#ffffff", 0.5)
        '#808080'
        """
        return mix(one, other, part)

    def on(self, ground: str) -> str:
        """The colour of text on a ground of this theme.

        >>> THEMES["light"].on("#0072b2")
        '#ffffff'
        """
        return text_on(ground)


def muted(theme: Theme) -> Theme:
    """The same theme for what is not meant: everything but text close to the paper.

    >>> muted(THEMES["light"]).positive, contrast(muted(THEMES["light"]).ink, THEMES["light"].paper) > CONTRAST
    ('#cce3f0', True)
    """
    faded = {name: mix(theme.paper, getattr(theme, name), 0.2) for name in ("positive", "negative", "alarm", "panel")}
    return replace(theme, ink=theme.quiet, line=mix(theme.paper, theme.line, 0.45), **faded)


def blank(theme: Theme, ground: str) -> Theme:
    """The same theme for what is not there yet: everything in the colour of its ground, so that its place is kept.

    >>> nothing = blank(THEMES["dark"], "#2a3037")
    >>> nothing.ink == nothing.tint(1.0) == nothing.panel == "#2a3037"
    True
    """
    names = ("ink", "quiet", "line", "box", "panel", "alarm", "positive", "negative")
    return replace(theme, **dict.fromkeys(names, ground))


def mix(one: str, other: str, part: float) -> str:
    """A colour between two.

    >>> mix("#000000", "#ffffff", 0.5), mix("#102030", "#ffffff", 0.0)
    ('#808080', '#102030')
    """
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(_rgb(one), _rgb(other), strict=True))


def contrast(one: str, other: str) -> float:
    """How well one colour can be read on another, from 1 to 21, as WCAG 2 defines it.

    >>> contrast("#000000", "#ffffff"), contrast("#777777", "#777777")
    (21.0, 1.0)
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(ground: str) -> str:
    """Black or white, whichever can be read better; it is always 4.58 : 1 or more.

    >>> text_on("#0072b2"), text_on("#d55e00"), text_on("#fbe9df")
    ('#ffffff', '#000000', '#000000')
    """
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))


def theme_named(name: str | Theme) -> Theme:
    """A theme by its name; a `Theme` of your own stays what it is.

    >>> theme_named("print").name
    'print'
    >>> theme_named("drak")
    Traceback (most recent call last):
    viz.errors.DrawError: no theme 'drak'; there are light, dark, print. Did you mean 'dark'?
    """
    if isinstance(name, Theme):
        return name
    if not isinstance(name, str) or name not in THEMES:
        raise DrawError(f"no theme {name!r}; there are {', '.join(THEMES)}{did_you_mean(name, THEMES)}")
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
