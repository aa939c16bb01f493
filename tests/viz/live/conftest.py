"""What the tests of the live page share: its data as a program reads it, and a reader with a browser."""

import base64
import json
import os
import re
import shutil
import zlib
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

import viz

# -- the page as a program reads it


def data_of(text):
    """The JSON of a page, with all scenes unpacked."""
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    data["views"] = [unpacked(s) if isinstance(s, str) else s for s in data["views"]]
    return data


def unpacked(packed):
    return json.loads(zlib.decompress(base64.b64decode(packed), wbits=-15).decode("utf-8", "surrogatepass"))


def array_of(quantity):
    if "scalar" in quantity:
        return np.float64(quantity["scalar"])
    return np.array([float(v) for v in quantity["entries"]]).reshape(quantity["shape"])


def by_index(run):
    return {node.index: node for node in run.order}


class Tags(HTMLParser):
    """All tags with their attributes, and what stands in scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.blocks, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag if tag in ("script", "style") else None
        if self.inside:
            self.blocks.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside:
            self.blocks[-1][2] += text


@pytest.fixture(scope="session")
def reading():
    """Functions that read a page."""
    return SimpleNamespace(data_of=data_of, array_of=array_of, by_index=by_index, tags=Tags)


@pytest.fixture(scope="module")
def pages(nets):
    """Pages of some networks, by name."""
    return {name: viz.page(getattr(nets, name)()) for name in ("neurons", "square", "paths", "layers")}


# -- the page in a browser

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


@pytest.fixture(scope="session")
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
            self.wait(lambda: self.js("return document.documentElement.dataset.ready") == "")
        return self

    @staticmethod
    def key_of(run, name):
        """The id of the box of a node."""
        return f"node-{run.graph[name].index}"

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

        return WebDriverWait(self.browser, 60, poll_frequency=0.05).until(lambda _: condition())

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
