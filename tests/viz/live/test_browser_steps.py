"""In a browser: backpropagation step by step."""

import viz


def test_stepping_by_buttons_keys_and_scrubber(reader, page, run):
    from selenium.webdriver import Keys

    reader.open(page)
    steps = reader.js("return JSON.parse(document.getElementById('data').textContent).views[0].steps")
    reader.click("#next")
    assert steps[0]["caption"] in reader.text("#said")
    assert len(reader.all(".box.later")) == len(run.order) - 1
    reader.js("document.activeElement.blur()")
    for step in steps[1:]:
        reader.keys(Keys.ARROW_RIGHT)
        assert step["caption"] in reader.text("#said")
        now = {element.get_attribute("id") for element in reader.all(".diagram .now")}
        assert now == {step["box"], *([step["arrow"]] if "arrow" in step else [])}
    assert not reader.all(".box.later") + reader.all(".box.empty")
    assert not reader.one("#next").is_enabled()
    reader.keys(Keys.ARROW_LEFT)
    assert steps[-2]["caption"] in reader.text("#said")
    reader.click("#back")
    assert steps[-3]["caption"] in reader.text("#said")
    reader.step(5)
    assert steps[4]["caption"] in reader.text("#said")
    assert len(reader.all(".box.later")) == len(run.order) - 5
    assert len(reader.all(".box.empty")) == len(run.order)
    reader.js("document.activeElement.blur()")
    reader.keys(Keys.ESCAPE)
    assert "Play the forward pass" in reader.text("#said")
    assert not reader.all(".diagram.steps") + reader.all(".box.later")
    reader.click("#next"), reader.click("#first")
    assert not reader.all(".diagram.steps")


def test_a_gradient_is_seen_only_when_it_is_complete(reader, nets):
    run = nets.paths()
    reader.open(viz.page(run))
    steps = reader.js("return JSON.parse(document.getElementById('data').textContent).views[0].steps")
    h = reader.key_of(run, "h")
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
