"""Every example script runs, prints the numbers it promises, and draws into the folder it is given."""

import pathlib
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(EXAMPLES.glob("[0-9]*.py"))

#: a line that only a right run prints
PROMISED = {
    "01_one_neuron_per_layer.py": "by hand:",
    "02_two_paths.py": "d(s·s)/ds at 3 = 3 + 3 = 6",
    "03_several_neurons.py": "δ1      agrees to",
    "04_average_over_examples.py": "examples [0, 3] would make w[0,0] grow",
    "05_training_on_digits.py": "of the held-out digits right",
    "06_an_operation_of_your_own.py": "refused: slip: ∂out[0]/∂z[0] is 0.75",
    "07_asking_the_graph.py": "2 paths from x to C:",
    "08_swapping_the_cost.py": "cross-entropy: ∂C/∂w is xᵀ δ: True",
    "09_why_a_gradient_is_what_it_is.py": "the formula gives the gradient: True; the examples' mean is the gradient: True",  # noqa: E501
    "10_what_is_wrong.py": "h = exp of z became ∞ at [1,2], where z is 1000",
    "11_the_live_page.py": "exclusive_or.html stands alone: True",
    "12_the_network_as_neurons.py": "−0.741 × σ′(z) = −0.741 × 0.2332 = −0.1728 arrives at z, and is ∂C/∂z",
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_example_runs(script, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert PROMISED[script.name] in done.stdout
    for line in done.stdout.splitlines():
        if line.endswith(".svg"):
            assert (tmp_path / line).read_text("utf-8").lstrip().startswith("<")


def test_every_example_is_promised_something_and_listed():
    assert [script.name for script in SCRIPTS] == sorted(PROMISED)
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert all(f"`{script.name}`" in listed for script in SCRIPTS)
