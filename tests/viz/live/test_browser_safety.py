"""In a browser: what must not happen, and networks of all kinds."""

import contextlib

import numpy as np
import pytest

import graphcore as gc
import ops
import viz


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
    assert "10 202 nodes" in reader.text("#size")
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
