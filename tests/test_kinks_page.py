"""Every line of docs/kinks.md is true: what stands in its first column gives what stands in its second."""

import pathlib
import re

import numpy as np
import pytest

import graphcore as gc
import ops

PAGE = (pathlib.Path(__file__).parent.parent / "docs" / "kinks.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \|", PAGE, re.MULTILINE)


def plain(transform):
    """The derivative of a function of nested lists, as the page writes them, by its first argument."""
    return lambda f: lambda *args: transform(f)(*(np.asarray(a) if isinstance(a, list) else a for a in args))


NAMES = {name: getattr(ops, name) for name in ops.__all__}
NAMES |= {"np": np, "grad": plain(gc.grad), "hessian": plain(gc.hessian)}


@pytest.mark.parametrize(("expression", "promised"), ROWS, ids=[row[0] for row in ROWS])
def test_line(expression, promised):
    np.testing.assert_allclose(eval(expression, NAMES), eval(promised, {"np": np}), rtol=1e-15, atol=0)


def test_the_page_was_read():
    assert len(ROWS) > 40
    assert len(ROWS) == sum(
        line.startswith(("| `grad", "| `hessian")) and line.count("`") > 2 for line in PAGE.splitlines()
    )
