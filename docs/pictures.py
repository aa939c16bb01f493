"""Makes the pictures that the README shows: ``python docs/pictures.py``."""

import pathlib
import re
import runpy
import tempfile

here = pathlib.Path(__file__).parent
program = re.search(r"```python\n(.*?)```", (here.parent / "README.md").read_text("utf-8"), re.DOTALL)[1]
with tempfile.TemporaryDirectory() as folder:
    script = pathlib.Path(folder) / "first_screen.py"
    script.write_text(program.replace('"neuron.svg"', repr(str(here / "neuron.svg"))), "utf-8")
    runpy.run_path(str(script))
