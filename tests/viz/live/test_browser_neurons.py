"""In a browser: the network as neurons, by keyboard and by pointer, and what explains a neuron and a weight."""

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.format.numbers import format_signed, number
from viz.live.run_views import split_examples


@pytest.fixture
def neurons(reader):
    """Open a page at its neurons, with the stop for Tab at the first of them."""
    from selenium.webdriver import Keys

    def opened(page):
        reader.open(page)
        reader.click("#tab-neurons")
        reader.keys(Keys.TAB)
        return reader

    return opened


def focused(reader):
    return reader.js("return document.activeElement.id").removeprefix("neurons-")


def press(reader, *names):
    from selenium.webdriver import Keys

    reader.keys(*(getattr(Keys, name) for name in names))
    return focused(reader)


def choose(reader, key):
    reader.js("document.getElementById(arguments[0]).dispatchEvent(new MouseEvent('click', { bubbles: true }))", key)


def dense(write, weights, given):
    """One layer, written in one way or another."""
    g = gc.Graph("layer")
    x, w = g.input("x", given.shape), g.parameter("w", weights)
    a = ops.tanh(write(x, w), name="a")
    return gc.backprop(ops.sum(ops.square(a), name="C"), {x: given})


# -- by keyboard


def test_arrow_keys_reach_every_neuron_and_every_weight_that_arrives_at_it(neurons, batch_page, batch):
    reader = neurons(batch_page)
    picture = viz.network(batch).network
    labels = {}
    for depth, column in enumerate(picture.columns):
        for i, neuron in enumerate(column.neurons):
            assert focused(reader) == neuron.key
            arriving = sorted(edge.key for edge in picture.weight_edges if edge.target == neuron.key)
            seen = [press(reader, "ARROW_LEFT")] if arriving else []
            while len(seen) < len(arriving):
                seen.append(press(reader, "ARROW_DOWN"))
            assert seen == arriving
            for key in seen:
                labels[key] = reader.one(f"#neurons-{key}").get_attribute("aria-label")
            if arriving:
                assert press(reader, "ARROW_DOWN") == arriving[-1]  # there is no other
                assert press(reader, "HOME") == arriving[0]
                assert press(reader, "ARROW_RIGHT") == neuron.key
            if i + 1 < len(column.neurons):
                press(reader, "ARROW_DOWN")
        if depth + 1 < len(picture.columns):
            press(reader, "ARROW_RIGHT")
            press(reader, "HOME")
    assert labels == {edge.key: ", ".join(edge.tooltip) for edge in picture.weight_edges}
    for edge in picture.weight_edges:
        assert f"{edge.name} = {number(edge.weight, 4)}, from" in labels[edge.key]
        assert f"∂C/∂{edge.name} = {format_signed(edge.gradient, 4)}" in labels[edge.key]


def test_a_weight_leads_to_where_it_comes_from_and_the_cost_to_whom_it_blames(neurons, batch_page):
    reader = neurons(batch_page)
    assert press(reader, "ARROW_RIGHT", "END") == "neuron-1-3"
    assert press(reader, "ARROW_LEFT", "END") == "weight-1-3-0-2"
    assert press(reader, "ARROW_LEFT") == "neuron-0-2"
    assert press(reader, "ARROW_LEFT") == "neuron-0-2"  # nothing is before it
    assert press(reader, "ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT") == "cost"
    assert press(reader, "ARROW_LEFT", "ARROW_DOWN") == "blame-2-1"
    assert reader.texts("#tooltip > *")[0].startswith("∂C/∂a2[1] = ")
    assert press(reader, "ARROW_LEFT") == "neuron-2-1"


def test_the_picture_is_one_stop_for_tab_which_stays_where_it_was(neurons, batch_page):
    reader = neurons(batch_page)
    assert press(reader, "ARROW_RIGHT", "HOME", "ARROW_DOWN", "ARROW_LEFT", "ARROW_DOWN") == "weight-1-1-0-1"
    assert reader.js("return document.querySelectorAll('#panel-neurons [tabindex=\"0\"]').length") == 1
    assert reader.one("#tooltip").is_displayed()
    press(reader, "TAB")
    assert not reader.js("return document.activeElement.closest('#panel-neurons')")
    assert not reader.one("#tooltip").is_displayed()
    reader.click("#example-2")
    reader.wait(lambda: "Example 1 alone" in reader.text(".examples .words"))
    reader.js("document.getElementById('tab-neurons').focus()")
    assert press(reader, "TAB") == "weight-1-1-0-1"
    assert press(reader, "ARROW_RIGHT") == "neuron-1-1"
    assert not reader.all(".diagram.steps")  # the player has not stepped


def test_the_weights_of_an_image_lead_to_the_image(neurons):
    rng = np.random.default_rng(3)
    run = dense(lambda x, w: x @ w, rng.normal(size=(25, 2)), rng.random((1, 25)))
    reader = neurons(viz.page(run))
    assert focused(reader) == "image"
    assert press(reader, "ARROW_RIGHT").startswith("neuron-1-")
    pixels = [press(reader, "ARROW_LEFT"), *(press(reader, "ARROW_DOWN") for _ in range(24))]
    assert [key.rpartition("-")[2] for key in pixels] == [str(i) for i in range(25)]
    assert press(reader, "ARROW_LEFT") == "image"
    outline = "return getComputedStyle(document.querySelectorAll(arguments[0])[3]).strokeWidth"
    assert reader.js(outline, "#neurons-image polygon") == "1px"  # a pixel has no ring


def test_what_a_screen_reader_is_told(neurons, batch_page):
    reader = neurons(batch_page)
    svg = reader.one("#panel-neurons svg")
    assert svg.get_attribute("role") == "application"
    described = reader.one(f"#{svg.get_attribute('aria-describedby')}")
    assert "weights into a neuron" in described.get_attribute("textContent")
    roles = {part.get_attribute("role") for part in reader.all("#panel-neurons .interactive")}
    assert roles == {"button"}


# -- what is explained


def test_the_chosen_entry_of_a_wide_array_is_in_view(neurons):
    rng = np.random.default_rng(5)
    run = dense(lambda x, w: x @ w, rng.normal(size=(3, 16)), rng.normal(size=3))
    reader = neurons(viz.page(run))
    choose(reader, "neurons-weight-1-15-0-2")
    cell, grid = (reader.one(part).rect for part in ('.grid [aria-current], .grid [aria-pressed="true"]', ".grid"))
    assert grid["x"] <= cell["x"] < cell["x"] + cell["width"] <= grid["x"] + grid["width"] + 1
    assert reader.js("return document.querySelector('.grid .cell').offsetHeight") < 30  # numbers are not broken


@pytest.mark.parametrize("by_keyboard", [True, False])
def test_a_weight_is_explained(neurons, batch_page, batch, by_keyboard):
    reader = neurons(batch_page)
    if by_keyboard:
        assert press(reader, "ARROW_RIGHT", "HOME", "ARROW_LEFT", "ARROW_DOWN", "ENTER") == "weight-1-0-0-1"
        assert not reader.one("#tooltip").is_displayed()
    else:
        choose(reader, "neurons-weight-1-0-0-1")
    told = reader.text("#inspector")
    assert f"W1[1,0] = {number(float(batch.value['W1'][1, 0]), 4)}, from x[1] to a1[0]" in told
    assert f"∂C/∂W1[1,0] = {format_signed(float(batch.grad['W1'][1, 0]), 4)}" in told
    for section in gc.explain(batch, "W1", (1, 0)).sections:
        assert section.heading.text in told
    assert reader.text("#drag-it") == "Move W1[1,0] and watch the cost"
    assert reader.one('.grid [aria-pressed="true"]').get_attribute("title") == "[1,0]"
    assert [part.get_attribute("id") for part in reader.all("#panel-neurons .selected")] == ["neurons-weight-1-0-0-1"]
    reader.click("#tab-diagram")
    assert "selected" in reader.one(f"#{reader.key_of(batch, 'W1')}").get_attribute("class")
    reader.click("#tab-neurons")
    choose(reader, "panel-neurons")
    assert "Where does this gradient come from?" in reader.text("#inspector")
    assert not reader.all("#panel-neurons .selected")


def test_a_neuron_is_explained_and_follows_the_example(neurons, batch_page, batch):
    reader = neurons(batch_page)
    choose(reader, "neurons-neuron-1-2")
    for place, run in enumerate([batch, *split_examples(batch)][:3]):
        if place:
            reader.click(f"#example-{place}")
            reader.wait(lambda run=run: reader.text("#cost") == f"C = {number(float(run.cost), 4)}")
        lines = viz.network(run).network.columns[1].neurons[2].tooltip
        assert [reader.text("#inspector h2"), *reader.texts("#inspector .part")] == lines
        assert gc.explain(run, "a1").sections[0].heading.text in reader.text("#inspector")
        current = [cell.get_attribute("title") for cell in reader.all(".grid [aria-current]")]
        assert current == ([] if place == 0 else ["[0,2]"])


@pytest.mark.parametrize(
    ("write", "weights", "key", "entry"),
    [
        (lambda x, w: w @ x, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "1-1-0-2", (1, 2)),
        (lambda x, w: x @ w, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "1-1-0-2", (2, 1)),
        (lambda x, w: x @ w, [1.0, 2.0, 3.0], "1-0-0-2", (2,)),
    ],
)
def test_whichever_way_a_layer_is_written_the_right_entry_is_chosen(neurons, write, weights, key, entry):
    run = dense(write, weights, np.array([0.1, 0.2, 0.3]))
    reader = neurons(viz.page(run))
    choose(reader, f"neurons-weight-{key}")
    place = f"[{','.join(map(str, entry))}]"
    assert reader.one('.grid [aria-pressed="true"]').get_attribute("title") == place
    assert f"∂C/∂w{place} = {format_signed(float(run.grad['w'][entry]), 4)}" in reader.text("#inspector")


def test_single_numbers_are_explained_as_their_boxes_are(neurons, page, run):
    reader = neurons(page)
    for key, name in (("weight-2-0-1-0", "w2"), ("neuron-2-0", "a2"), ("target-3-0", "y"), ("cost", "C₀")):
        reader.box(reader.key_of(run, name))
        by_box = reader.text("#inspector")
        choose(reader, f"neurons-{key}")
        assert reader.text("#inspector") == by_box
        assert gc.explain(run, name).sections[0].heading.text in by_box


def test_from_the_first_half_of_a_line_in_two_halves_the_keys_lead_on_as_from_the_line(neurons, batch_page):
    """Lines of blame are drawn in two parts where the blame is negative; either may have been clicked."""
    reader = neurons(batch_page)
    halves = [part.get_attribute("id") for part in reader.all("#panel-neurons [id$='-before']")]
    assert halves
    for half in halves:
        whole = half.removesuffix("-before").removeprefix("neurons-")
        for name in ("ARROW_RIGHT", "ARROW_LEFT", "ARROW_UP", "END"):
            led = []
            for start in (half, f"neurons-{whole}"):
                reader.js("const part = document.getElementById(arguments[0]); part.tabIndex = 0; part.focus()", start)
                led.append(press(reader, name))
            assert led[0] == led[1]
