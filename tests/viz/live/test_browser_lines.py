"""In a browser: number lines with handles."""

import re

import numpy as np
import pytest

import graphcore as gc
from viz.format.numbers import number


def line_of(reader, name):
    rows = reader.all(".line.handle")
    return next(
        row
        for row in rows
        if reader.js("return arguments[0].querySelector('.knob').getAttribute('aria-label')", row) == name
    )


def test_dragging_a_handle_moves_everything_behind_it_as_the_network_would(reader, page, run):
    reader.open(page)
    row = line_of(reader, "w2")
    knob, track = row.find_element("css selector", ".knob"), row.find_element("css selector", ".track")
    reader.js("arguments[0].scrollIntoView({ block: 'center' })", row)
    reader.actions().click_and_hold(knob).move_by_offset(track.rect["width"] // 4, 0).release().perform()
    at = float(knob.get_attribute("aria-valuenow"))
    start = float(run.value["w2"])
    assert at > start + 0.3
    names = [row.text for row in reader.all("#curves .name")]
    assert names == ["z2", "a2", "z3", "a3", "C₀"]
    run.graph["w2"].value = at
    try:
        truth = gc.evaluate([run.graph[name] for name in names], {n: run.value[n] for n in ("x", "y")})
    finally:
        run.graph["w2"].value = start
    for name, row, value in zip(names, reader.all("#curves .line"), truth, strict=True):
        shown, moved = row.find_element("css selector", ".now").text.split("\n")
        digits = len(shown.partition(".")[2])
        assert digits >= 2
        assert abs(float(shown.replace("−", "-")) - value) <= 1.5 * 10.0**-digits, name
        change = float(value) - float(run.value[name])
        assert abs(float(moved.replace("−", "-")) - change) <= 1.5 * 10.0**-digits
        place = row.find_element("css selector", ".at:not(.start)").rect
        line = row.find_element("css selector", ".track").rect
        assert line["x"] - 6 <= place["x"] <= line["x"] + line["width"]
    told = reader.text("#readout")
    assert "predicted" in told
    assert number(float(run.grad["w2"]), 4) in told


def test_handles_by_keyboard_and_back_to_the_start(reader, page, run):
    from selenium.webdriver import Keys

    reader.open(page)
    knob = line_of(reader, "b3").find_element("css selector", ".knob")
    start = float(run.value["b3"])
    now = lambda: float(knob.get_attribute("aria-valuenow"))  # noqa: E731
    reader.js("arguments[0].scrollIntoView({ block: 'center' }); arguments[0].focus()", knob)
    assert now() == start
    for keys, expected in (
        ((Keys.ARROW_RIGHT,), 1), ((Keys.ARROW_UP,), 2), ((Keys.ARROW_LEFT,), 1),
        ((Keys.ARROW_DOWN, Keys.ARROW_DOWN), -1), ((Keys.PAGE_UP,), 9), ((Keys.PAGE_DOWN,), -1),
        ((Keys.END,), 50), ((Keys.HOME,), -50), (("0",), 0),
    ):  # fmt: skip
        reader.keys(*keys)
        assert now() == pytest.approx(start + expected * 3 * max(1, abs(start)) / 100)
    assert now() == start
    # back at the start every number is that of the run, to the last digit
    for row in reader.all("#curves .line"):
        name, shown = row.find_element("css selector", ".name").text, row.find_element("css selector", ".now").text
        assert shown.split("\n")[0].strip() == number(float(run.value[name]), 4)
    assert reader.text("#readout").count("0") >= 3
    assert "1 of" not in reader.text(".player .count")  # the arrows moved the handle, and nothing else


def test_one_handle_at_a_time(reader, page, run):
    reader.open(page)
    from selenium.webdriver import Keys

    one, two = (line_of(reader, name).find_element("css selector", ".knob") for name in ("w1", "w3"))
    one.send_keys(Keys.END)
    two.send_keys(Keys.ARROW_RIGHT)
    assert float(one.get_attribute("aria-valuenow")) == float(run.value["w1"])
    assert float(two.get_attribute("aria-valuenow")) > float(run.value["w3"])
    assert [row.text for row in reader.all("#curves .name")] == ["z3", "a3", "C₀"]


def test_the_curve_is_drawn_through_the_computed_points(reader, page):
    reader.open(page)
    path = reader.js("return document.querySelector('.plot .actual').getAttribute('d')")
    data = reader.js("return JSON.parse(document.getElementById('data').textContent).views[0].lines")
    held = reader.one(".line.held .knob").get_attribute("aria-label")
    line = next(one for one in data if one["name"] == held)
    points = np.array([[float(n) for n in pair.split()] for pair in re.split("[ML]", path) if pair])
    assert len(points) == len(line["grid"])
    for drawn, values in ((points[:, 0], line["grid"]), (-points[:, 1], line["curves"][-1]["values"])):
        assert np.corrcoef(drawn, values)[0, 1] == pytest.approx(1, abs=1e-6)


def test_moving_an_entry_of_a_matrix(reader, batch_page, batch):
    from selenium.webdriver import Keys

    reader.open(batch_page)
    reader.box(reader.key_of(batch, "W1"))
    reader.js("document.querySelector('.grid button[title=\"[1,2]\"]').click()")
    assert str(gc.explain(batch, "W1", (1, 2)).sections[0].heading.text) in reader.text("#inspector")
    assert reader.one('.grid button[title="[1,2]"]').get_attribute("aria-pressed") == "true"
    reader.click("#drag-it")
    knob = reader.browser.switch_to.active_element
    assert knob.get_attribute("aria-label") == "W1[1,2]"
    assert float(knob.get_attribute("aria-valuenow")) == float(batch.value["W1"][1, 2])
    knob.send_keys(Keys.ARROW_RIGHT)
    assert float(knob.get_attribute("aria-valuenow")) > float(batch.value["W1"][1, 2])
    pick = reader.one("#pick")
    options = [option.text for option in pick.find_elements("css selector", "option:not([disabled])")]
    assert any(option.startswith("W2[") for option in options)
    from selenium.webdriver.support.ui import Select

    before = len(reader.all(".line.handle"))
    Select(pick).select_by_index(1)
    assert len(reader.all(".line.handle")) == before + 1
