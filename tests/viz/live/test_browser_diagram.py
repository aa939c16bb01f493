"""In a browser: the numbers that are shown, and the gradient diagram."""

import re

import numpy as np
import pytest

import graphcore as gc
from viz.format.numbers import format_signed, number
from viz.live.html_bundle import read_asset


def test_numbers_are_written_as_python_writes_them(reader, page):
    reader.open(page)
    rng = np.random.default_rng(0)
    values = [0.0, -0.0, 0.28125, 0.5, 2.5, 1e-5, 99999.6, 99995.0, 12345.0, 1e5, -1e-320, 1e300, 0.00012345, 9.9996]
    values += [1.0005, 0.125, 4.5e-4, 1234.5, 1235.5, 65504.0, 1 / 3, -2 / 3, 1e22, 5e-324]
    values += (rng.normal(size=400) * 10.0 ** rng.integers(-12, 12, 400)).tolist()
    values += (rng.integers(-(2**12), 2**12, 300) / 2.0 ** rng.integers(0, 14, 300)).tolist()
    program = re.sub(r"^export ", "", read_asset("number_format.js"), flags=re.MULTILINE)
    for digits in (1, 3, 4, 6):
        found = reader.js(
            f"{program}; return arguments[0].map((v) => [formatNumber(v, {digits}), formatSigned(v, {digits})])", values
        )
        assert found == [[number(v, digits), format_signed(v, digits)] for v in values]
    program += "; return ['NaN', 'Infinity', '-Infinity'].map((v) => formatNumber(parseNumber(v)))"
    assert reader.js(program) == ["NaN", "∞", "−∞"]


def test_the_page_shows_the_runs_numbers(reader, page, run):
    reader.open(page)
    assert reader.text("#cost") == f"C₀ = {number(float(run.cost), 4)}"
    assert reader.texts(".all tr[data-row] th") == [node.label for node in run.order]
    assert reader.texts(".all .value") == [number(float(run.value[node]), 4) for node in run.order]
    assert reader.texts(".all .gradient") == [format_signed(float(run.grad[node]), 4) for node in run.order]


# -- the diagram


def test_choosing_a_box_explains_it_and_lights_its_paths(reader, page, run):
    reader.open(page)
    for name in ("w1", "b2", "y", "z3", "C₀"):
        reader.box(reader.key_of(run, name))
        shown = reader.text("#inspector")
        why = gc.explain(run, name)
        for section in why.sections:
            for said in (
                section.heading.text,
                *(row.what.text for row in section.rows),
                *(row.value.text for row in section.rows),
            ):
                assert said in shown
            assert section.result is None or section.result.text in shown
        assert format_signed(float(run.grad[name]), 4) in shown
        steps = {step for path in gc.paths(run, name).shown for step in path.steps} if name != "C₀" else set()
        lit = set(reader.js("return [...document.querySelectorAll('.arrow.highlighted')].map((a) => a.id)"))
        assert lit == {f"edge-{s.source.index}-{s.target.index}-{s.target.arguments.index(s.argument)}" for s in steps}
    panel = reader.one("#panel-diagram")
    reader.actions().move_to_element_with_offset(
        panel, panel.rect["width"] // 2 - 5, panel.rect["height"] // 2 - 5
    ).click().perform()
    assert not reader.all(".arrow.highlighted") + reader.all(".box.selected")
    assert "Click a box" in reader.text("#inspector")


def test_a_real_click_chooses_and_a_drag_does_not(reader, page, run):
    reader.open(page)
    box = reader.one(f"#{reader.key_of(run, 'x')}")
    reader.actions().move_to_element(box).click().perform()
    assert "selected" in box.get_attribute("class")
    before = reader.view()
    other = reader.one(f"#{reader.key_of(run, 'w1')}")
    reader.actions().move_to_element(other).click_and_hold().move_by_offset(30, -60).move_by_offset(
        10, -20
    ).release().perform()
    after = reader.view()
    assert after[1] > before[1] + 30
    assert after[0] < before[0]
    assert "selected" not in other.get_attribute("class")


def test_pointing_tells_value_gradient_and_what_arrived(reader, page, run):
    reader.open(page)
    reader.actions().move_to_element(reader.one(f"#{reader.key_of(run, 'x')}")).perform()
    told = reader.one("#tooltip").text
    assert f"value: {number(float(run.value['x']), 4)}" in told
    assert f"gradient: {format_signed(float(run.grad['x']), 4)}" in told
    assert f"= {number(float(run.grad['x']), 4)}" in told.partition("from")[2]
    edge = next(e for e in run.edges if e.source is run.graph["w1"])
    arrow = f"edge-{edge.source.index}-{edge.target.index}-0"
    reader.js(
        "document.getElementById(arguments[0]).dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))", arrow
    )
    assert "contribution" in reader.one("#tooltip").text
    reader.actions().move_to_element(reader.one("h1")).perform()
    assert not reader.one("#tooltip").is_displayed()


def test_zoom_fit_wheel_and_map(reader, page):
    reader.open(page)
    start = reader.view()
    reader.click("#closer")
    closer = reader.view()
    assert closer[2] == pytest.approx(start[2] / 1.25)
    reader.click("#farther"), reader.click("#farther")
    assert reader.view()[2] > start[2]
    reader.click("#fit")
    assert reader.view() == pytest.approx(start)
    panel = reader.one("#panel-diagram")
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    reader.actions().scroll_from_origin(ScrollOrigin.from_element(panel), 0, 300).perform()
    scrolled = reader.wait(lambda: (v := reader.view())[1] > start[1] + 100 and v)
    assert scrolled[2:] == pytest.approx(start[2:])
    map_ = reader.one(".map")
    reader.actions().move_to_element_with_offset(map_, 0, map_.rect["height"] // 2 - 4).click().perform()
    assert reader.view()[1] > scrolled[1]
    zoom = """document.getElementById('panel-diagram').dispatchEvent(new WheelEvent(
        'wheel', { deltaY: -100, ctrlKey: true, clientX: 300, clientY: 400, bubbles: true, cancelable: true }))"""
    before = reader.view()
    reader.js(zoom)
    assert reader.view()[2] < before[2]


def test_searching_finds_by_name_and_enter_chooses(reader, page, run):
    reader.open(page)
    field = reader.one("#search")
    field.send_keys("w3")
    assert reader.text(".found-count") == "1 found"
    assert reader.one(f"#{reader.key_of(run, 'w3')}").get_attribute("class").split()[-1] == "found"
    inside = """
        const [box, panel] = ['.box.found', '#panel-diagram'].map((s) => document.querySelector(s))
            .map((e) => e.getBoundingClientRect());
        return box.top > panel.top && box.bottom < panel.bottom;
    """
    assert reader.js(inside)
    from selenium.webdriver import Keys

    field.send_keys(Keys.ENTER)
    assert "selected" in reader.one(f"#{reader.key_of(run, 'w3')}").get_attribute("class")
    field.clear()
    field.send_keys("no such thing")
    assert reader.text(".found-count") == "no match"
    assert not reader.all(".box.found")


def test_the_keyboard_reaches_every_box_in_order_of_computation(reader, page, run):
    from selenium.webdriver import Keys

    reader.open(page)
    boxes = reader.js("return [...document.querySelectorAll('.box')].map((b) => b.id)")
    order = [int(key.split("-")[1]) for key in boxes]
    assert order == sorted(order)
    reader.js("document.querySelector('.box').focus()")
    seen = []
    for _ in boxes:
        seen.append(reader.js("return document.activeElement.id"))
        reader.keys(Keys.TAB)
    assert seen == boxes
    reader.js("document.getElementById(arguments[0]).focus()", reader.key_of(run, "b1"))
    reader.keys(Keys.ENTER)
    assert "selected" in reader.one(f"#{reader.key_of(run, 'b1')}").get_attribute("class")
