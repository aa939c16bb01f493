"""In a browser: themes, sizes, paper, contrast."""

import re

import pytest

from viz.render.theme import contrast


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


@pytest.mark.parametrize("width", [360, 390, 540])
def test_no_number_of_the_table_is_cut_on_a_phone(reader, page, batch_page, width):
    phone = {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    reader.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        for opened in (page, batch_page):
            reader.open(opened)
            reader.js("document.querySelectorAll('.all details').forEach((d) => { d.open = true; })")
            cut = """
                const edge = document.querySelector(".scroll").getBoundingClientRect().right;
                const isCut = (e) => e.getBoundingClientRect().right > edge || e.scrollWidth > e.clientWidth;
                return [...document.querySelectorAll(".all :is(th, td, summary, pre)")].filter((e) =>
                  e.offsetParent && isCut(e) && !(e.tagName === "PRE" && getComputedStyle(e).overflowX === "auto"))
                  .map((e) => e.textContent);
            """
            assert reader.js(cut) == []
            assert reader.js("const s = document.querySelector('.scroll'); return s.scrollWidth <= s.clientWidth")
            assert reader.js(
                "return getComputedStyle(document.querySelector('.all td.value'), '::before').content"
            ) == ('"value"')
    finally:
        reader.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_on_paper_there_is_the_picture_and_the_table_and_no_control(reader, page):
    reader.open(page)
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    for selector in (".player", ".settings", ".tools"):
        assert not reader.one(selector).is_displayed()
    assert reader.one(".all").is_displayed()
    assert reader.one(".diagram").rect["height"] > 100


def test_on_paper_all_pictures_stand_below_each_other(reader, batch_page):
    reader.open(batch_page)
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    for tab in ("diagram", "neurons"):
        reader.js("document.getElementById(arguments[0]).click()", f"tab-{tab}")
        diagram, neurons = (reader.one(f"#panel-{key} > svg") for key in ("diagram", "neurons"))
        assert diagram.is_displayed()
        assert neurons.is_displayed()
        assert neurons.rect["y"] >= diagram.rect["y"] + diagram.rect["height"] - 1


def test_contrast_of_all_text_as_it_is_shown(reader, batch_page, batch):
    """Measured on the page itself, text by text, in both themes."""

    reader.open(batch_page)
    reader.box(reader.key_of(batch, "W1"))
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
