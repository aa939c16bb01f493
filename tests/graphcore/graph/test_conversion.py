"""What would convert a node to a number is refused with what to write instead, and that works."""

import math
import re

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import graphcore as gc
import ops

A, TABLE = np.eye(3), [1.0, 2.0, 4.0]
VALUES = {
    "x": np.array([0.5, 1.0, 2.0]), "y": np.array([2.0, 0.25, 1.0]), "a": np.float64(0.5), "b": np.float64(1.5),
    "i": np.array([0, 2, 1]), "M": np.eye(3) + 0.25,
}  # fmt: skip

#: what programs write, what they are told to write, and the value
INSTEAD = [
    (lambda x, **_: A.dot(x), "A @ x", VALUES["x"]),
    (lambda x, **_: A.dot(x + x), "A @ (x + x)", 2 * VALUES["x"]),
    (lambda x, y, **_: np.array([x, y]), "np.stack([x, y])", [VALUES["x"], VALUES["y"]]),
    (lambda a, b, **_: np.array([[a, b], [b, a]]), "np.stack([np.stack([a, b]), np.stack([b, a])])",
     [[0.5, 1.5], [1.5, 0.5]]),
    (lambda pair, **_: np.asarray(pair), "np.stack(pair)", [0.5, 1.5]),
    (lambda a, **_: np.full(3, a), "np.broadcast_to(a, 3)", [0.5] * 3),
    (lambda x, **_: np.full((2, 3), x), "np.broadcast_to(x, (2, 3))", [VALUES["x"]] * 2),
    (lambda a, **_: float(a), "a.astype('float64')", 0.5),
    (lambda a, b, **_: int(a + b), "(a + b).astype('int64')", 2),
    (lambda a, **_: math.sin(a), "np.sin(a)", math.sin(0.5)),
    (lambda x, **_: math.exp(x), "np.exp(x)", np.exp(VALUES["x"])),
    (lambda a, b, **_: math.atan2(a, b), "np.atan2(a, b)", math.atan2(0.5, 1.5)),
    (lambda a, **_: math.erf(a), "ops.erf(a)", math.erf(0.5)),
    (lambda a, **_: math.log(a, 3), "np.log(a) / np.log(3)", math.log(0.5, 3)),
    (lambda a, **_: math.fabs(a), "np.abs(a)", 0.5),
    (lambda a, b, **_: math.fsum([a, b]), "np.sum(np.stack([a, b]))", 2.0),
    (lambda x, y, **_: math.dist(x, y), "np.linalg.norm(x - y)", math.dist(VALUES["x"], VALUES["y"])),
    (lambda x, **_: scipy.special.logsumexp(x), "ops.logsumexp(x)", scipy.special.logsumexp(VALUES["x"])),
    (lambda M, **_: scipy.linalg.inv(M), "np.linalg.inv(M)", np.linalg.inv(VALUES["M"])),
    (lambda a, b, **_: np.max([a, b]), "np.max(np.stack([a, b]))", 1.5),
    (lambda a, b, **_: ops.sum([a, b]), "ops.sum(np.stack([a, b]))", 2.0),
    (lambda a, b, **_: np.mean([a, b], axis=0), "np.mean(np.stack([a, b]), axis=0)", 1.0),
    (lambda i, **_: A[i], "ops.take(A, i, axis=0)", A[[0, 2, 1]]),
    (lambda i, **_: TABLE[i[0]], "ops.take(np.stack(TABLE), i[0], axis=0)", 1.0),
    (lambda i, **_: np.take(A, i, axis=0), "ops.take(A, i, axis=0)", A[[0, 2, 1]]),
    (lambda i, **_: A.take(i, axis=0), "ops.take(A, i, axis=0)", A[[0, 2, 1]]),
    (lambda a, b, **_: max(a, b), "np.maximum(a, b)", 1.5),
    (lambda a, b, **_: min([a, b]), "np.min(np.stack([a, b]))", 0.5),
    (lambda a, b, **_: max(a, b, 2.0), "np.max(np.stack([a, b, 2.0]))", 2.0),
    (lambda a, b, **_: sorted([b, a]), "np.sort(np.stack([b, a]))", [0.5, 1.5]),
    (lambda x, **_: max(x), "np.max(x)", 2.0),
    (lambda a, b, **_: any(n > 1.0 for n in [a, b]), "np.any(np.stack([n > 1.0 for n in [a, b]]))", True),
    (lambda x, **_: all(x > 0.0), "np.all(x > 0.0)", True),
]  # fmt: skip


def nodes_and_feed():
    g = gc.Graph()
    nodes = {name: g.input(name, np.shape(value), value.dtype) for name, value in VALUES.items()}
    return nodes | {"pair": [nodes["a"], nodes["b"]]}


@pytest.mark.parametrize(("program", "instead", "value"), INSTEAD, ids=[instead for _, instead, _ in INSTEAD])
def test_the_line_to_write_instead_works(program, instead, value):
    nodes = nodes_and_feed()
    with pytest.raises(gc.errors.NoValueError) as refused:
        program(**nodes)
    assert re.search(r"write (.*?)( itself|$)", str(refused.value)).group(1) == instead
    node = eval(instead, globals(), nodes)
    used = {name for name in VALUES if nodes[name] in node.graph.ancestors([node])}
    np.testing.assert_allclose(gc.evaluate(node, {name: VALUES[name] for name in used}), value, rtol=1e-15)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda x, **_: np.asarray(x), r"`np.asarray\(x\)`: expected a number, got input 'x' of .* write x itself"),
        (lambda i, **_: range(i[0]), "lengths are integers that are known before a run"),
        (lambda a, **_: np.zeros(3).__setitem__(slice(None), a), "gc.evaluate"),
        (lambda M, **_: scipy.linalg.expm(M), "no operation 'expm' is registered: .* @gc.op"),
        (lambda a, **_: math.gamma(a), r"gc.evaluate\(a, feed\) gives it; .* np.stack"),
        (lambda a, **_: complex(a), r"`complex\(a\)`: expected a number"),
        (lambda a, **_: f"{a:.3f}", r"gc.evaluate\(a, feed\) gives it"),
        (lambda a, b, **_: A * [a, b, a], r"write np.stack\(\[a, b, a\]\) for the list"),
    ],
)
def test_what_has_no_line_of_its_own(program, message):
    with pytest.raises(gc.errors.NoValueError, match=message):
        program(**nodes_and_feed())


def test_assigning_to_an_entry_of_an_array_says_what_to_build_it_of():
    x, array = nodes_and_feed()["x"], np.zeros(3)
    with pytest.raises(gc.errors.NoValueError, match=r"make array of its parts with np\.stack"):
        array[:] = x


def test_without_source_there_is_the_general_advice():
    with pytest.raises(
        gc.errors.NoValueError, match=r"^input 'a' .* has no number until it runs; gc.evaluate\(a, feed\)"
    ):
        exec(compile("import math; math.sin(a)", "<no source>", "exec"), nodes_and_feed())


def test_floor_ceil_and_trunc_of_python_are_the_operations():
    x = gc.Graph().parameter("x", [-1.5, 2.5])
    found = gc.evaluate([math.floor(x), math.ceil(x), math.trunc(x)])
    np.testing.assert_array_equal(found, [[-2.0, 2.0], [-1.0, 3.0], [-1.0, 2.0]])
