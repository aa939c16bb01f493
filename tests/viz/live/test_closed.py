"""One file that nobody else can get into."""

import base64
import hashlib

import pytest

import graphcore as gc
import ops
import viz


def test_the_policy_lets_only_the_pages_own_parts_run(reading, pages):
    read = reading.tags(pages["layers"].html)
    policy = next(a["content"] for tag, a in read.tags if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (_, _, style), (_, kind, _), (_, module, script) = read.blocks
    assert (kind["type"], module["type"]) == ("application/json", "module")
    for text, source in ((style, "style-src"), (script, "script-src")):
        print_ = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{source} 'sha256-{print_}'" in policy


def test_nothing_is_fetched_and_nothing_stands_in_attributes(reading, pages):
    for page in pages.values():
        for tag, attrs in reading.tags(page.html).tags:
            assert tag not in ("link", "img", "iframe", "object", "embed", "base", "foreignobject", "use", "image")
            assert not {"style", "src", "srcset", "action", "formaction"} & set(attrs)
            assert not [name for name in attrs if name.startswith("on")]
            assert attrs.get("href", "#").startswith("#")
        assert "http://" not in page.html.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page.html


NAMES = [
    "</script><script>hacked=1</script>", "<img src=x onerror=hacked=1>", "javascript:hacked=1", '" onload="hacked=1',
    "<!--<script>", "]]>", "{{script}}", "{{policy}}", "\u2028two\nlines\x00", "\ud800", "שלום", "a" * 5000, "</style>",
    "&lt;b&gt;", "'`${hacked=1}`", "\\u003c/script>",
]  # fmt: skip


VITAL = ("html", "head", "body", "meta", "script", "style", "svg", "table", "tr", "a", "button", "iframe")


def hostile(name):
    g = gc.Graph(name)
    with g.scope(name):
        x = g.input(name, (None, 2))
        z = (x @ g.parameter("w" + name[:4000], [[1.0], [2.0]])).named("z" + name[:4000])
    return gc.backprop(ops.mean(ops.square(z), name="C" + name[:4000]), {x: [[0.5, 1.0], [2.0, 1.0]]})


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_a_name(reading, name):
    text = viz.page(hostile(name)).html
    plain = viz.page(hostile("plain")).html
    read, expected = reading.tags(text), reading.tags(plain)
    # a long label has more lines, and that is all that may differ
    assert {tag for tag, _ in read.tags} <= {tag for tag, _ in expected.tags} | {"p"}
    assert {a for _, attrs in read.tags for a in attrs} <= {a for _, attrs in expected.tags for a in attrs}
    assert [tag for tag, _ in read.tags if tag in VITAL] == [tag for tag, _ in expected.tags if tag in VITAL]
    assert read.blocks[2] == expected.blocks[2]
    assert text.count("<script") == plain.count("<script") == 2
    data = reading.data_of(text)
    assert len(data["views"]) == 3
    text.encode("utf-8")


def test_the_same_run_gives_the_same_bytes(nets, tmp_path):
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    viz.page(nets.layers(), one)
    viz.page(nets.layers(), str(two))
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()
