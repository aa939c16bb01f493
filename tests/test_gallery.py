"""The gallery is what its command makes, and its command makes the same bytes every time."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
DOCS = ROOT / "docs"
#: whose numbers come of learning, and may differ in the last digits from one machine to another
LEARNED = {"xor_as_neurons.svg", "digits_as_neurons.svg"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two folders, each made by the command."""
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    for folder in folders:
        subprocess.run(
            [sys.executable, "-W", "error", str(DOCS / "pictures.py"), str(folder)],
            cwd=folder, capture_output=True, check=True, timeout=300,
        )  # fmt: skip
    return folders


def pictures():
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn():
    return sorted(picture for made in pictures().GALLERY.values() for picture in made)


def photographs():
    return [picture for made in pictures().PAGES.values() for picture in made.values()]


def test_there_are_at_least_six_pictures_and_all_are_shown():
    shown = re.findall(r'src="([^"]+)"', (DOCS / "gallery" / "README.md").read_text("utf-8"))
    assert sorted(shown) == sorted([*drawn(), *photographs()])
    assert len(shown) >= 6
    assert {path.name for path in (DOCS / "gallery").iterdir()} == {*shown, "README.md"}


@pytest.mark.parametrize("name", drawn())
def test_a_picture_is_made_again_byte_for_byte(made, name):
    first, second = ((folder / "gallery" / name).read_bytes() for folder in made)
    assert first == second
    assert len(first) < 600_000


@pytest.mark.parametrize("name", [name for name in drawn() if name.endswith(".svg")])
def test_the_stored_picture_says_what_the_command_makes(made, name):
    """Fonts and engines differ between machines, and so do places; words and ids do not."""
    now, stored = ((folder / "gallery" / name).read_text("utf-8") for folder in (made[0], DOCS))
    for pattern in (r'id="([^"]+)"', r"<text[^>]*>([^<]+)"):
        if "text" in pattern and name in LEARNED:
            continue
        assert re.findall(pattern, now) == re.findall(pattern, stored)


def test_the_stored_animation_has_as_many_frames(made, imported):
    image = imported("PIL.Image")
    now, stored = (folder / "gallery" / "step_by_step.gif" for folder in (made[0], DOCS))
    with image.open(now) as one, image.open(stored) as other:
        assert one.n_frames == other.n_frames == 14
        assert one.width == other.width


def test_the_picture_of_the_readme_is_made_too(made):
    assert (made[0] / "neuron.svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize("name", photographs())
def test_a_page_is_photographed_where_there_is_a_browser(made, name, imported):
    image = imported("PIL.Image")
    with image.open(DOCS / "gallery" / name) as stored:
        size = stored.size
        assert len(stored.convert("RGB").getcolors(1 << 24)) > 100
    assert (DOCS / "gallery" / name).stat().st_size < 400_000
    photograph = made[0] / "gallery" / name
    if not photograph.exists():
        if "CI" in os.environ:
            pytest.fail("no Chromium here, and in CI nothing is skipped")
        pytest.skip("no Chromium here to take the picture with")
    with image.open(photograph) as now:
        assert now.size == size
        assert len(now.convert("RGB").getcolors(1 << 24)) > 100
