"""The live page in a real browser, from disk, with no network: every control is used, and the console stays silent.

Needs Debian's Chromium with its driver, and selenium. Where they are missing these tests skip; in CI they may not.
"""

import contextlib
import json
import os
import re
import shutil

import numpy as np
import pytest

import graphcore as gc
import ops
import viz
from viz.live.assembling import asset
from viz.live.scenes import examples_of
from viz.numbers import number, signed

PANELS = viz.page.__globals__["PANELS"]  # of the very module that viz.page is in
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1400,1000", "--force-prefers-reduced-motion",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def missing(what):
    """Skip, or in CI fail."""
    if "CI" in os.environ:
        pytest.fail(f"{what} is missing, and in CI nothing is skipped: apt-get install chromium chromium-driver")
    pytest.skip(f"{what} is missing: apt-get install chromium chromium-driver, pip install selenium")


@pytest.fixture(scope="module")
def chromium(imported):
    """One browser for all tests."""
    imported("selenium")
    from selenium import webdriver

    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not binary or not driver:
        missing("Chromium" if not binary else "chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as browser:
        browser.execute_cdp_cmd("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        yield browser


class Reader:
    """A reader with hands: opens a page, uses it, and looks."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder

    def open(self, page, *, ready=True):
        path = page.save(self.folder / "page.html")
        self.browser.get(path.as_uri())
        if ready:
            assert self.js("return document.documentElement.dataset.ready") == ""
        return self

    def js(self, program, *arguments):
        return self.browser.execute_script(program, *arguments)

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def one(self, selector):
        return self.browser.find_element("css selector", selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        """What stands in all of these, seen or not."""
        return self.js("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)

    def step(self, number):
        """Move the scrubber."""
        self.js("scrubber.value = arguments[0]; scrubber.dispatchEvent(new Event('input'))", number)

    def click(self, selector):
        element = self.one(selector)
        self.js("arguments[0].scrollIntoView({ block: 'nearest' })", element)
        element.click()

    def box(self, key):
        """Click a box of the diagram, wherever it lies."""
        self.js("document.getElementById(arguments[0]).dispatchEvent(new MouseEvent('click', { bubbles: true }))", key)

    def keys(self, *keys):
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()

    def actions(self):
        from selenium.webdriver import ActionChains

        return ActionChains(self.browser, duration=0)

    def view(self):
        return [float(n) for n in self.js("return document.querySelector('.diagram').getAttribute('viewBox')").split()]

    def wait(self, condition):
        """Until the page has done what it does in its own time."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, 20, poll_frequency=0.05).until(lambda _: condition())

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]


@pytest.fixture
def reader(chromium, tmp_path):
    chromium.set_window_size(1400, 1000)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    chromium.get_log("browser"), chromium.get_log("performance")
    reading = Reader(chromium, tmp_path)
    yield reading
    assert reading.complaints() == []
    for entry in chromium.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            assert url.startswith(("file:", "data:", "about:", "blob:")), url


@pytest.fixture(scope="module")
def run(nets):
    return nets.neurons()


@pytest.fixture(scope="module")
def page(run):
    return viz.page(run)


@pytest.fixture(scope="module")
def batch(nets):
    return nets.layers()


@pytest.fixture(scope="module")
def batch_page(batch):
    return viz.page(batch)


def key_of(run, name):
    return f"node-{run.graph[name].index}"


# -- numbers


def test_numbers_are_written_as_python_writes_them(reader, page):
    reader.open(page)
    rng = np.random.default_rng(0)
    values = [0.0, -0.0, 0.28125, 0.5, 2.5, 1e-5, 99999.6, 99995.0, 12345.0, 1e5, -1e-320, 1e300, 0.00012345, 9.9996]
    values += [1.0005, 0.125, 4.5e-4, 1234.5, 1235.5, 65504.0, 1 / 3, -2 / 3, 1e22, 5e-324]
    values += (rng.normal(size=400) * 10.0 ** rng.integers(-12, 12, 400)).tolist()
    values += (rng.integers(-(2**12), 2**12, 300) / 2.0 ** rng.integers(0, 14, 300)).tolist()
    program = re.sub(r"^export ", "", asset("numbers.js"), flags=re.MULTILINE)
    for digits in (1, 3, 4, 6):
        found = reader.js(
            f"{program}; return arguments[0].map((v) => [number(v, {digits}), signed(v, {digits})])", values
        )
        assert found == [[number(v, digits), signed(v, digits)] for v in values]
    assert reader.js(f"{program}; return ['NaN', 'Infinity', '-Infinity'].map((v) => number(revived(v)))") == [
        "NaN", "∞", "−∞",
    ]  # fmt: skip


def test_the_page_shows_the_runs_numbers(reader, page, run):
    reader.open(page)
    assert reader.text("#cost") == f"C₀ = {number(float(run.cost), 4)}"
    assert reader.texts(".all tr[data-place] th") == [node.label for node in run.order]
    assert reader.texts(".all .value") == [number(float(run.value[node]), 4) for node in run.order]
    assert reader.texts(".all .gradient") == [signed(float(run.grad[node]), 4) for node in run.order]


# -- the diagram


def test_choosing_a_box_explains_it_and_lights_its_paths(reader, page, run):
    reader.open(page)
    for name in ("w1", "b2", "y", "z3", "C₀"):
        reader.box(key_of(run, name))
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
        assert signed(float(run.grad[name]), 4) in shown
        steps = {step for path in gc.paths(run, name).shown for step in path.steps} if name != "C₀" else set()
        lit = set(reader.js("return [...document.querySelectorAll('.arrow.lit')].map((a) => a.id)"))
        assert lit == {f"edge-{s.source.index}-{s.target.index}-{s.target.arguments.index(s.argument)}" for s in steps}
    panel = reader.one("#panel-diagram")
    reader.actions().move_to_element_with_offset(
        panel, panel.rect["width"] // 2 - 5, panel.rect["height"] // 2 - 5
    ).click().perform()
    assert not reader.all(".arrow.lit") + reader.all(".box.chosen")
    assert "Choose a box" in reader.text("#inspector")


def test_a_real_click_chooses_and_a_drag_does_not(reader, page, run):
    reader.open(page)
    box = reader.one(f"#{key_of(run, 'x')}")
    reader.actions().move_to_element(box).click().perform()
    assert "chosen" in box.get_attribute("class")
    before = reader.view()
    other = reader.one(f"#{key_of(run, 'w1')}")
    reader.actions().move_to_element(other).click_and_hold().move_by_offset(30, -60).move_by_offset(
        10, -20
    ).release().perform()
    after = reader.view()
    assert after[1] > before[1] + 30
    assert after[0] < before[0]
    assert "chosen" not in other.get_attribute("class")


def test_pointing_tells_value_gradient_and_what_arrived(reader, page, run):
    reader.open(page)
    reader.actions().move_to_element(reader.one(f"#{key_of(run, 'x')}")).perform()
    told = reader.one("#card").text
    assert f"value: {number(float(run.value['x']), 4)}" in told
    assert f"gradient: {signed(float(run.grad['x']), 4)}" in told
    assert f"= {number(float(run.grad['x']), 4)}" in told.partition("from")[2]
    edge = next(e for e in run.edges if e.source is run.graph["w1"])
    arrow = f"edge-{edge.source.index}-{edge.target.index}-0"
    reader.js(
        "document.getElementById(arguments[0]).dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))", arrow
    )
    assert "contribution" in reader.one("#card").text
    reader.actions().move_to_element(reader.one("h1")).perform()
    assert not reader.one("#card").is_displayed()


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
    assert reader.one(f"#{key_of(run, 'w3')}").get_attribute("class").split()[-1] == "found"
    inside = """
        const [box, panel] = ['.box.found', '#panel-diagram'].map((s) => document.querySelector(s))
            .map((e) => e.getBoundingClientRect());
        return box.top > panel.top && box.bottom < panel.bottom;
    """
    assert reader.js(inside)
    from selenium.webdriver import Keys

    field.send_keys(Keys.ENTER)
    assert "chosen" in reader.one(f"#{key_of(run, 'w3')}").get_attribute("class")
    field.clear()
    field.send_keys("no such thing")
    assert reader.text(".found-count") == "nothing of that name"
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
    reader.js("document.getElementById(arguments[0]).focus()", key_of(run, "b1"))
    reader.keys(Keys.ENTER)
    assert "chosen" in reader.one(f"#{key_of(run, 'b1')}").get_attribute("class")


# -- step by step


def test_stepping_by_buttons_keys_and_scrubber(reader, page, run):
    from selenium.webdriver import Keys

    reader.open(page)
    steps = reader.js("return JSON.parse(document.getElementById('data').textContent).scenes[0].steps")
    reader.click("#next")
    assert steps[0]["say"] in reader.text("#said")
    assert len(reader.all(".box.later")) == len(run.order) - 1
    reader.js("document.activeElement.blur()")
    for step in steps[1:]:
        reader.keys(Keys.ARROW_RIGHT)
        said = reader.text("#said")
        assert step["say"] in said
        assert step.get("sum", "") in said
        now = {element.get_attribute("id") for element in reader.all(".diagram .now")}
        assert now == {step["box"], *([step["arrow"]] if "arrow" in step else [])}
    assert not reader.all(".box.later") + reader.all(".box.empty")
    assert not reader.one("#next").is_enabled()
    reader.keys(Keys.ARROW_LEFT)
    assert steps[-2]["say"] in reader.text("#said")
    reader.click("#back")
    assert steps[-3]["say"] in reader.text("#said")
    reader.step(5)
    assert steps[4]["say"] in reader.text("#said")
    assert len(reader.all(".box.later")) == len(run.order) - 5
    assert len(reader.all(".box.empty")) == len(run.order)
    reader.js("document.activeElement.blur()")
    reader.keys(Keys.ESCAPE)
    assert "Watch it happen" in reader.text("#said")
    assert not reader.all(".diagram.steps") + reader.all(".box.later")
    reader.click("#next"), reader.click("#first")
    assert not reader.all(".diagram.steps")


def test_a_gradient_is_seen_only_when_it_is_complete(reader, nets):
    run = nets.paths()
    reader.open(viz.page(run))
    steps = reader.js("return JSON.parse(document.getElementById('data').textContent).scenes[0].steps")
    h = key_of(run, "h")
    arrivals = [i for i, step in enumerate(steps) if step.get("arrow") and step["box"] == h]
    assert len(arrivals) == 4
    for i in arrivals:
        reader.step(i + 1)
        assert ("empty" in reader.one(f"#{h}").get_attribute("class").split()) is (i != arrivals[-1])
        hidden = reader.js("return getComputedStyle(document.querySelector(`#${arguments[0]} .g`)).opacity", h)
        assert float(hidden) == (0.0 if i != arrivals[-1] else 1.0)


def test_playing_and_pausing(reader, page):
    reader.open(page)
    reader.click("#play")
    assert reader.one("#play").get_attribute("aria-label") == "Pause"
    reader.wait(lambda: reader.text(".player .count").startswith("2 of"))
    reader.click("#play")
    assert reader.one("#play").get_attribute("aria-label") == "Play"
    where = reader.text(".player .count")
    reader.browser.execute_async_script("setTimeout(arguments[0], 1800)")
    assert reader.text(".player .count") == where


# -- number lines


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
    names = [row.text for row in reader.all("#answers .name")]
    assert names == ["z2", "a2", "z3", "a3", "C₀"]
    run.graph["w2"].value = at
    try:
        truth = gc.evaluate([run.graph[name] for name in names], {n: run.value[n] for n in ("x", "y")})
    finally:
        run.graph["w2"].value = start
    for name, row, value in zip(names, reader.all("#answers .line"), truth, strict=True):
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
    for row in reader.all("#answers .line"):
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
    assert [row.text for row in reader.all("#answers .name")] == ["z3", "a3", "C₀"]


def test_the_curve_is_drawn_through_the_computed_points(reader, page):
    reader.open(page)
    path = reader.js("return document.querySelector('.plot .true').getAttribute('d')")
    data = reader.js("return JSON.parse(document.getElementById('data').textContent).scenes[0].lines")
    held = reader.one(".line.held .knob").get_attribute("aria-label")
    line = next(one for one in data if one["name"] == held)
    points = np.array([[float(n) for n in pair.split()] for pair in re.split("[ML]", path) if pair])
    assert len(points) == len(line["at"])
    for drawn, values in ((points[:, 0], line["at"]), (-points[:, 1], line["answers"][-1]["values"])):
        assert np.corrcoef(drawn, values)[0, 1] == pytest.approx(1, abs=1e-6)


def test_moving_an_entry_of_a_matrix(reader, batch_page, batch):
    from selenium.webdriver import Keys

    reader.open(batch_page)
    reader.box(key_of(batch, "W1"))
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


# -- examples


def test_switching_among_the_examples_and_back_to_their_average(reader, batch_page, batch):
    reader.open(batch_page)
    runs = [batch, *examples_of(batch)]
    buttons = reader.all(".examples button")
    assert len(buttons) == len(runs) == 6
    reader.box(key_of(batch, "b2"))
    for place in (3, 1, 5, 0):
        reader.click(f"#example-{place}")
        run = runs[place]
        reader.wait(lambda run=run: reader.text("#cost") == f"C = {number(float(run.cost), 4)}")
        assert [b.get_attribute("aria-pressed") for b in buttons] == [str(i == place).lower() for i in range(6)]
        entries = [float(t.replace("−", "-")) for t in reader.texts(".grid .cell")]
        np.testing.assert_allclose(entries, np.asarray(run.grad["b2"]), rtol=6e-3)
        drawn = reader.text(".diagram")
        assert f"= {number(float(run.cost), 4)}" in drawn
        assert "chosen" in reader.one(f"#{key_of(batch, 'b2')}").get_attribute("class")
    assert "average over 5 training examples" in reader.text(".examples .words")


def test_what_each_example_says_of_a_weight(reader, batch_page, batch):
    reader.open(batch_page)
    reader.box(key_of(batch, "b2"))
    reader.js("document.querySelector('.grid button[title=\"[1]\"]').click()")
    each = gc.per_example(batch).grad["b2"][:, 1]
    told = reader.texts(".each span")
    assert told == [f"{i}: {signed(float(v), 3)}" for i, v in enumerate(each)]


def test_values_and_gradients_entry_by_entry(reader, batch_page, batch):
    reader.open(batch_page)
    reader.box(key_of(batch, "a1"))
    for what, array in (("gradient", batch.grad["a1"]), ("value", batch.value["a1"])):
        press = "[...document.querySelectorAll('#inspector .row button')].find((b) => b.textContent === arguments[0])"
        reader.js(f"{press}.click()", what)
        shown = reader.texts(".grid .cell")
        assert shown == [number(float(v), 3) for v in np.asarray(array).reshape(-1)]


# -- the table, folded boxes, tabs


def test_rows_of_the_table_choose(reader, page, run):
    reader.open(page)
    reader.js("document.querySelectorAll('.all .go')[2].click()")
    assert "chosen" in reader.one(f"#node-{run.order[2].index}").get_attribute("class")
    assert "chosen" in reader.all(".all tr[data-place]")[2].get_attribute("class")


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
    inside = reader.texts("#inspector .shares button")
    assert len(inside) >= 30
    assert "w0" in inside
    reader.js("[...document.querySelectorAll('#inspector .shares button')].find((b) => b.textContent === 'w0').click()")
    assert "∂C/∂w0" in reader.text("#inspector")
    reader.click("#next")
    assert "x is fed" in reader.text("#said")


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
    alone = examples_of(batch)[1]
    reader.wait(lambda: reader.text("#costs-0") == f"{float(alone.cost):.9f}")
    reader.js("document.getElementById('tab-costs').focus()")
    reader.keys(Keys.ARROW_LEFT)
    reader.wait(lambda: reader.one("#panel-diagram").is_displayed())


# -- how it looks


def ground(reader):
    return reader.js("return getComputedStyle(document.body).backgroundColor")


def test_themes_by_choice_and_by_preference(reader, page):
    reader.open(page)
    light = ground(reader)
    reader.click("#theme-dark")
    dark = ground(reader)
    assert dark != light
    reader.click("#theme-light")
    assert ground(reader) == light
    prefer = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", prefer)
    assert ground(reader) == light
    reader.click("#theme-auto")
    assert ground(reader) == dark
    fill = reader.js("return getComputedStyle(document.querySelector('.diagram text')).fill")
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert reader.js("return getComputedStyle(document.querySelector('.diagram text')).fill") != fill


def test_text_grows(reader, page):
    reader.open(page)
    size = lambda: float(reader.js("return parseFloat(getComputedStyle(document.querySelector('.hint')).fontSize)"))  # noqa: E731
    before = size()
    for _ in range(5):
        reader.click("#larger")
    assert size() == pytest.approx(2 * before, rel=0.01)
    assert reader.js("return document.documentElement.scrollWidth <= innerWidth")
    for _ in range(5):
        reader.click("#smaller")
    assert size() == pytest.approx(before)


@pytest.mark.parametrize("width", [390, 800, 1400])
def test_nothing_sticks_out(reader, page, width):
    reader.browser.set_window_size(width, 900)
    reader.open(page)
    assert reader.js("return document.documentElement.scrollWidth <= innerWidth")


def test_on_paper_there_is_the_picture_and_the_table_and_no_control(reader, page):
    reader.open(page)
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    for selector in (".player", ".settings", ".tools"):
        assert not reader.one(selector).is_displayed()
    assert reader.one(".all").is_displayed()
    assert reader.one(".diagram").rect["height"] > 100


def test_contrast_of_all_text_as_it_is_shown(reader, batch_page, batch):
    """Measured on the page itself, text by text, in both themes."""
    from viz.theme import contrast

    reader.open(batch_page)
    reader.box(key_of(batch, "W1"))
    program = """
        const solid = (c) => !/rgba\\(.*, 0\\)|transparent/.test(c);
        const seen = [];
        for (const e of document.querySelectorAll('body *:not(svg *):not(script)')) {
          if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
          if (!e.getClientRects().length || e.closest(':disabled, .skip')) continue;
          let g = e;
          while (g && !solid(getComputedStyle(g).backgroundColor)) g = g.parentElement;
          const ground = getComputedStyle(g ?? document.body).backgroundColor;
          seen.push([e.textContent.trim().slice(0, 30), getComputedStyle(e).color, ground]);
        }
        return seen;
    """
    for theme in ("light", "dark"):
        reader.click(f"#theme-{theme}")
        seen = reader.js(program)
        assert len(seen) > 100
        for words, ink, paper in seen:
            both = [hexadecimal(c) for c in (ink, paper)]
            if all(both):
                assert contrast(*both) >= 4.5, (theme, words, both)


def hexadecimal(colour):
    numbers = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    return "#" + "".join(f"{int(n):02x}" for n in numbers.groups()) if numbers else None


# -- what must not happen


def test_without_scripts_there_is_the_picture_and_the_table(reader, page, run):
    reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.open(page, ready=False)
        shown = [(e.tag_name, e.get_attribute("id")) for e in reader.all("main > section") if e.is_displayed()]
        assert shown == [("section", "picture"), ("section", "numbers")]
        assert not [b for b in reader.all("button, input, select") if b.is_displayed()]
        assert reader.one(".diagram").rect["height"] > 500
        assert len(reader.all(".all tbody th[scope=row]")) == len(run.order)
    finally:
        reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize(
    "name",
    [
        "</script><script>window.hacked=1</script>",
        "<img src=x onerror=window.hacked=1>",
        '"javascript:window.hacked=1',
        "'><svg/onload=window.hacked=1>",
    ],
)
def test_names_do_nothing(reader, name):
    g = gc.Graph(name)
    with g.scope(name):
        x = g.input(name, (None,))
        z = (x * g.parameter("w" + name, 2.0)).named("z" + name)
    run = gc.backprop(ops.mean(ops.square(z), name="C" + name), {x: [0.5, 1.0]})
    reader.open(viz.page(run))
    assert reader.text("h1") == name
    for box in reader.js("return [...document.querySelectorAll('.box')].map((b) => b.id)"):
        reader.box(box)
        reader.actions().move_to_element(reader.one(f"#{box}")).perform()
    for _ in range(6):
        reader.click("#next")
    reader.click("#example-1")
    reader.wait(lambda: reader.one("#example-1").get_attribute("aria-pressed") == "true")
    reader.one("#search").send_keys(name)
    assert reader.js("return typeof window.hacked") == "undefined"
    assert not reader.all("img")
    assert len(reader.all("script")) == 2


def test_the_policy_stops_what_is_not_the_pages_own(reader, page):
    reader.open(page)
    reader.js(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" onclick=\"window.hacked = 1\">x</p>');"
        "document.body.lastElementChild.click();"
    )
    assert reader.js("return typeof window.hacked") == "undefined"
    with contextlib.suppress(Exception):
        reader.browser.execute_async_script("fetch('https://example.invalid/').catch(() => 0).then(arguments[0])")
    assert len([told for told in reader.complaints() if "Content Security Policy" in told]) >= 3


def test_in_a_notebooks_frame_it_works_too(reader, page, tmp_path):
    (tmp_path / "notebook.html").write_text(f"<!doctype html><meta charset=utf-8>{page._repr_html_()}", "utf-8")
    reader.browser.get((tmp_path / "notebook.html").as_uri())
    reader.browser.switch_to.frame(0)
    assert reader.js("return document.documentElement.dataset.ready") == ""
    reader.click("#next")
    assert "1 of" in reader.text(".player .count")
    reader.click("#theme-dark")


def test_a_large_graph_opens(reader, nets):
    run = nets.chain(3400)
    reader.open(viz.page(run))
    assert "10 202 nodes" in reader.text("#about")
    assert len(reader.all(".box")) < 60
    reader.click("#next")
    reader.one("#search").send_keys("w17")
    assert "found" in reader.text(".found-count")


# -- networks of all kinds


def not_a_number():
    w = gc.Graph("not a number").parameter("w", -1.0)
    return gc.backprop((ops.log(w, name="l") * 2.0 + w).named("C"))


def infinite():
    w = gc.Graph("infinite").parameter("w", 0.0)
    return gc.backprop((1.0 / w).named("C"))


def labels():
    g = gc.Graph("labels")
    x, y = g.input("x", (None, 3)), g.input("y", (None,), "int64")
    W = g.parameter("W", np.linspace(-1, 1, 12).reshape(3, 4))
    return gc.backprop(ops.mean(ops.cross_entropy(x @ W, y), name="C"), {x: np.eye(3), y: np.array([0, 1, 3])})


def without_names():
    g = gc.Graph()
    x = g.input("x")
    return gc.backprop(ops.exp(2.0 * x) + x, {x: 1.0})


def nothing_in_it():
    g = gc.Graph("empty batch")
    x = g.input("x", (None, 3))
    return gc.backprop(ops.sum(x @ g.parameter("W", np.ones((3, 2))), name="C"), {x: np.zeros((0, 3))})


def images():
    g = gc.Graph("images")
    x, k = g.input("x", (None, 1, 5, 5)), g.parameter("k", np.linspace(-1, 1, 18).reshape(2, 1, 3, 3))
    cost = ops.mean(ops.relu(ops.conv2d(x, k).named("z"), name="a"), name="C")
    return gc.backprop(cost, {x: np.linspace(0, 1, 50).reshape(2, 1, 5, 5)})


def flat():
    return gc.backprop(ops.sign(gc.Graph("flat").parameter("w", 2.0), name="C"))


def alone():
    return gc.backprop(gc.Graph("alone").parameter("w", 2.0))


@pytest.mark.parametrize("make", [not_a_number, infinite, labels, without_names, nothing_in_it, images, flat, alone])
def test_networks_of_all_kinds(reader, make):
    from selenium.webdriver import Keys

    reader.open(viz.page(make()))
    for box in reader.js("return [...document.querySelectorAll('.box')].map((b) => b.id)"):
        reader.box(box)
        assert reader.text("#inspector h2")
    while reader.one("#next").is_enabled():
        reader.click("#next")
    for knob in reader.all(".knob"):
        knob.send_keys(Keys.END, Keys.HOME)
    for example in range(len(reader.all(".examples button"))):
        reader.click(f"#example-{example}")
    assert "undefined" not in reader.one("body").text
