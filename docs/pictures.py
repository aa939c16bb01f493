"""Make the pictures that the README and the gallery show: ``python docs/pictures.py``, or into a folder of its own."""

import pathlib
import re
import runpy
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
root = here.parent
#: which example makes which picture of the gallery
GALLERY = {
    "02_two_paths": ["two_paths.svg"],
    "09_why_a_gradient_is_what_it_is": ["why_one_weight.svg", "a_nudge.svg"],
    "12_the_network_as_neurons": ["xor_as_neurons.svg", "digits_as_neurons.svg", "step_by_step.gif"],
}
#: and which makes a page, of which a browser takes a picture where there is one
PAGES = {"11_the_live_page": {"exclusive_or.html": "live_page.png"}}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SIZE = "1320,1820"


def make(folder: pathlib.Path) -> None:
    """Write ``neuron.svg``, which the README shows, and the folder ``gallery``."""
    (folder / "gallery").mkdir(parents=True, exist_ok=True)
    program = re.search(r"```python\n(.*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)[1]
    given = sys.argv
    with tempfile.TemporaryDirectory() as made:
        script = pathlib.Path(made) / "first_screen.py"
        script.write_text(program.replace('"neuron.svg"', repr(str(folder / "neuron.svg"))), "utf-8")
        runpy.run_path(str(script))
        try:
            for example in GALLERY | PAGES:
                sys.argv = [example, made]
                runpy.run_path(str(root / "examples" / f"{example}.py"), run_name="__main__")
                for picture in GALLERY.get(example, ()):
                    shutil.copy(pathlib.Path(made) / picture, folder / "gallery" / picture)
                for page, picture in PAGES.get(example, {}).items():
                    photograph(pathlib.Path(made) / page, folder / "gallery" / picture)
        finally:
            sys.argv = given


def photograph(page: pathlib.Path, picture: pathlib.Path) -> None:
    """Take a screenshot of a page; without a browser the picture stays as it is."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        print(f"no Chromium is here, so {picture.name} is not made again")
        return
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                "--force-prefers-reduced-motion", "--disable-background-networking", f"--user-data-dir={profile}",
                f"--window-size={_SIZE}", f"--screenshot={picture}", page.resolve().as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here)
