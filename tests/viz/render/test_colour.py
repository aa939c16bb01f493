"""Contrast, symmetry, and heat maps that hide nothing."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops
import viz
from viz.diagram.cards import draw_grid
from viz.format.array_summary import combine, summarize
from viz.format.heatmap import block_shape, reduce_to_cells
from viz.render.theme import choose_text_colour, contrast

THEMES = list(viz.THEMES.values())


def reference_contrast(one, other):
    """WCAG 2.2, written out from its text."""

    def luminance(colour):
        parts = []
        for channel in (colour[1:3], colour[3:5], colour[5:7]):
            c = int(channel, 16) / 255
            parts.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    a, b = luminance(one), luminance(other)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_all_text_can_be_read(theme):
    for place in np.linspace(-1, 1, 401):
        ground = theme.tint(float(place))
        assert reference_contrast(choose_text_colour(ground), ground) >= 4.5
    for ground in (theme.paper, theme.box):
        assert reference_contrast(theme.ink, ground) >= 7
        assert reference_contrast(theme.quiet, ground) >= 4.5
        assert reference_contrast(theme.alarm, ground) >= 4.5
    assert reference_contrast(choose_text_colour(theme.panel), theme.panel) >= 4.5
    assert reference_contrast(theme.quiet, theme.panel) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_lines_can_be_seen(theme):
    for line in (theme.positive, theme.negative, theme.line):
        assert reference_contrast(line, theme.paper) >= 3


def test_in_the_text_itself_every_font_colour_stands_on_a_ground_it_can_be_read_on(nets):
    """Read from the DOT: the innermost ground around each piece of text."""
    for theme in THEMES:
        source = viz.draw(nets.layers(), theme=theme).source + viz.draw(nets.neurons(), theme=theme).source
        checked = 0
        for line in source.splitlines():
            grounds = [theme.paper]
            for tag in re.findall(r"<[^<>]+>", line):
                if tag.startswith(("<TABLE", "<TD")):
                    own = re.search(r'BGCOLOR="(#\w+)"', tag)
                    grounds.append(own[1] if own else grounds[-1])
                elif tag in ("</TABLE>", "</TD>"):
                    grounds.pop()
                elif colour := re.match(r'<FONT COLOR="(#\w+)"', tag):
                    assert contrast(colour[1], grounds[-1]) >= 4.5, (theme.name, tag, grounds[-1])
                    checked += 1
        assert checked > 100


def test_the_two_colours_are_the_agreed_ones():
    assert {(t.positive, t.negative) for t in THEMES} == {("#0072b2", "#d55e00")}


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_a_heat_map_hides_no_extreme(rows, columns, seed):
    array = np.random.default_rng(seed).normal(size=(rows, columns))
    shown = np.array(reduce_to_cells(array))
    block = block_shape(array.shape)
    assert shown.shape == (math.ceil(rows / block[0]), math.ceil(columns / block[1]))
    assert shown.shape[0] <= 12
    assert shown.shape[1] <= 16
    for (i, j), value in np.ndenumerate(shown):  # blocks of one size, cut off at the ends alone
        part = array[i * block[0] : (i + 1) * block[0], j * block[1] : (j + 1) * block[1]]
        assert value == part.flat[np.argmax(np.abs(part))]
    assert np.isin(shown, array).all()
    assert np.abs(shown).max() == np.abs(array).max()
    if rows * columns > shown.size:  # every entry is in a block whose shown size is at least its own
        assert np.abs(array).mean() <= np.abs(shown).mean()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_entry_among_many_is_seen(bad):
    array = np.zeros((500, 700))
    array[321, 654] = bad
    flat = list(itertools.chain(*reduce_to_cells(array)))
    assert sum(not np.isfinite(v) for v in flat) == 1
    assert viz.THEMES["light"].alarm in draw_grid(summarize(array, grid=True), viz.THEMES["light"])


def test_the_scale_of_a_heat_map_is_symmetric():
    drawn = draw_grid(summarize([3.0, -3.0, 1.5, -1.5, 0.0], grid=True), viz.THEMES["light"])
    colours = re.findall(r'BGCOLOR="(#\w+)"', drawn)
    assert colours == ["#0072b2", "#d55e00", "#80b8d8", "#eaae80", "#ffffff"]
    lopsided = re.findall(r'BGCOLOR="(#\w+)"', draw_grid(summarize([3.0, -1.5], grid=True), viz.THEMES["light"]))
    assert lopsided == ["#0072b2", "#eaae80"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_statistics_agree_with_numpy(values):
    array = np.array(values)
    q = summarize(array)
    assert q.norm == pytest.approx(np.linalg.norm(array), rel=1e-12, abs=1e-150)  # whose squares underflow below
    assert abs(q.top) == np.abs(array).max()
    assert q.zero == pytest.approx(np.mean(array == 0))
    assert q.is_zero == (not array.any())
    halves = combine([summarize(array[:1]), summarize(array[1:])])
    assert halves.norm == pytest.approx(q.norm, rel=1e-9, abs=1e-300)
    assert halves.positive == pytest.approx(q.positive, abs=1e-9)


def test_sizes_that_have_no_square_are_measured():
    assert summarize([1e300, -1e300]).norm == pytest.approx(2**0.5 * 1e300)
    assert summarize(np.array([1e-30, 1e-30], "float32")).rms == pytest.approx(1e-30)
    assert not summarize([1e-320]).is_zero


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,), (1, 1), (2, 3, 4), (1, 200)])
def test_every_shape_is_drawn(shape):
    g = gc.Graph()
    x = g.input("x", shape)
    run = gc.backprop(ops.sum(x * x, name="C"), {x: np.ones(shape)})
    assert viz.draw(run).svg().startswith("<svg")
