"""In a browser: training examples, arrays, the table, folded layers, tabs."""

import numpy as np

import graphcore as gc
import viz
from viz.format.numbers import format_signed, number
from viz.live.run_views import split_examples

PANELS = viz.page.__globals__["PANELS"]  # of the very module that viz.page is in


def test_switching_among_the_examples_and_back_to_their_average(reader, batch_page, batch):
    reader.open(batch_page)
    runs = [batch, *split_examples(batch)]
    buttons = reader.all(".examples button")
    assert len(buttons) == len(runs) == 6
    reader.box(reader.key_of(batch, "b2"))
    for place in (3, 1, 5, 0):
        reader.click(f"#example-{place}")
        run = runs[place]
        reader.wait(lambda run=run: reader.text("#cost") == f"C = {number(float(run.cost), 4)}")
        assert [b.get_attribute("aria-pressed") for b in buttons] == [str(i == place).lower() for i in range(6)]
        entries = [float(t.replace("−", "-")) for t in reader.texts(".grid .cell")]
        np.testing.assert_allclose(entries, np.asarray(run.grad["b2"]), rtol=6e-3)
        drawn = reader.text(".diagram")
        assert f"= {number(float(run.cost), 4)}" in drawn
        assert "selected" in reader.one(f"#{reader.key_of(batch, 'b2')}").get_attribute("class")
    assert "averages over 5 training examples" in reader.text(".examples .words")


def test_what_each_example_says_of_a_weight(reader, batch_page, batch):
    reader.open(batch_page)
    reader.box(reader.key_of(batch, "b2"))
    reader.js("document.querySelector('.grid button[title=\"[1]\"]').click()")
    each = gc.per_example(batch).grad["b2"][:, 1]
    told = reader.texts(".each span")
    assert told == [f"{i}: {format_signed(float(v), 3)}" for i, v in enumerate(each)]


def test_values_and_gradients_entry_by_entry(reader, batch_page, batch):
    reader.open(batch_page)
    reader.box(reader.key_of(batch, "a1"))
    for what, array in (("gradient", batch.grad["a1"]), ("value", batch.value["a1"])):
        press = "[...document.querySelectorAll('#inspector .row button')].find((b) => b.textContent === arguments[0])"
        reader.js(f"{press}.click()", what)
        shown = reader.texts(".grid .cell")
        assert shown == [number(float(v), 3) for v in np.asarray(array).reshape(-1)]


# -- the table, folded boxes, tabs


def test_rows_of_the_table_choose(reader, page, run):
    reader.open(page)
    reader.js("document.querySelectorAll('.all .go')[2].click()")
    assert "selected" in reader.one(f"#node-{run.order[2].index}").get_attribute("class")
    assert "selected" in reader.all(".all tr[data-row]")[2].get_attribute("class")


def test_arrays_in_the_table_open(reader, batch_page, batch):
    reader.open(batch_page)
    reader.js("document.querySelectorAll('.all details').forEach((d) => d.open = true)")
    arrays = [node for node in batch.order if batch.value[node].shape]
    shown = [pre.text for pre in reader.all(".all .value pre")]
    for node, text in zip(arrays, shown, strict=True):
        assert text.split() == [number(float(v), 4) for v in np.asarray(batch.value[node]).reshape(-1)]
    assert len(reader.all(".all .gradient pre")) == len(arrays)


def test_a_folded_box_shows_what_is_inside(reader, nets):
    run = nets.chain(120, scope=lambda i: f"layer {i // 30}")
    reader.open(viz.page(run))
    fold = reader.js("return document.querySelector('.box.fold').id")
    assert "Layers are folded" in reader.text(".notes")
    reader.box(fold)
    inside = reader.texts("#inspector .contributions button")
    assert len(inside) >= 30
    assert "w0" in inside
    reader.js(
        "[...document.querySelectorAll('#inspector .contributions button')].find((b) => b.textContent === 'w0').click()"
    )
    assert "∂C/∂w0" in reader.text("#inspector")
    reader.click("#next")
    assert "Given: x = 0.8" in reader.text("#said")


def test_another_picture_stands_behind_a_tab_and_follows_the_example(reader, batch):
    from selenium.webdriver import Keys

    PANELS["costs"] = (
        "Costs",
        lambda run, theme: f'<svg viewBox="0 0 9 9"><text id="0">{float(run.cost):.9f}</text></svg>',
    )
    try:
        reader.open(viz.page(batch))
    finally:
        del PANELS["costs"]
    assert not reader.one("#panel-costs").is_displayed()
    reader.click("#tab-costs")
    assert reader.one("#panel-costs").is_displayed()
    assert not reader.one("#panel-diagram").is_displayed()
    assert reader.text("#costs-0") == f"{float(batch.cost):.9f}"
    reader.click("#example-2")
    alone = split_examples(batch)[1]
    reader.wait(lambda: reader.text("#costs-0") == f"{float(alone.cost):.9f}")
    reader.js("document.getElementById('tab-costs').focus()")
    reader.keys(Keys.ARROW_LEFT)
    reader.wait(lambda: reader.one("#panel-neurons").is_displayed())
    reader.keys(Keys.ARROW_LEFT)
    reader.wait(lambda: reader.one("#panel-diagram").is_displayed())


def test_weights_and_neurons_tell_their_numbers_in_the_card(reader, batch_page, batch):
    from selenium.webdriver import Keys

    reader.open(batch_page)
    reader.click("#tab-neurons")
    picture = viz.network(batch).network
    edge = picture.weight_edges[0]
    line = reader.one(f"#neurons-{edge.key} .reach")
    reader.js("arguments[0].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))", line)
    assert reader.texts("#tooltip > *") == edge.tooltip
    assert not reader.js("return document.querySelectorAll('#panel-neurons title').length")
    reader.js("document.getElementById('tab-neurons').focus()")
    reader.keys(Keys.TAB)
    assert reader.one("#tooltip").is_displayed()
    assert reader.texts("#tooltip > *") == picture.columns[0].neurons[0].tooltip
    reader.keys(Keys.ESCAPE)
    assert not reader.one("#tooltip").is_displayed()
    reader.click("#example-1")
    alone = viz.network(split_examples(batch)[0]).network.columns[-1].neurons[0]
    told = f"return document.getElementById('neurons-{alone.key}').dataset.tooltip"
    reader.wait(lambda: reader.js(told) == "\n".join(alone.tooltip))


def test_the_neurons_fit_into_their_stage(reader, batch_page):
    reader.open(batch_page)
    reader.click("#tab-neurons")
    for width in (1400, 900):
        reader.browser.set_window_size(width, 1000)
        (left, top, right, bottom), stage = reader.js(
            "const of = (e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };"
            "return [of(document.querySelector('#panel-neurons > svg > g')), of(document.querySelector('.stage'))];"
        )
        assert stage[0] - 1 <= left < right <= stage[2] + 1
        assert stage[1] - 1 <= top < bottom <= stage[3] + 1
