"""Right rules of every kind that a careless checker would refuse, and the options for forwards that are not exact."""

import numpy as np
import pytest

import graphcore as gc
import ops

X = np.array([0.5, -1.5, 2.0])
W = np.array([[0.5, -1.5, 1.0], [0.25, 2.0, -0.5]])


def op_of(forward, name="right_rule", shape=None, **rules):
    made = gc.op(name=name)(forward)
    for argument, rule in rules.items():
        made.pullback(argument)(rule)
    if shape is not None:
        made.shape(shape)
    return made


def positive_log(x, *, xp):
    if isinstance(x, np.ndarray) and np.any(np.real(np.asarray(x)) <= 0):
        raise ValueError("the logarithm of a number that is not positive")
    return xp.log(x)


def root_of_the_defined(x, *, xp):
    if np.any(np.real(np.asarray(x)) < 0):
        raise ArithmeticError("no root")
    return xp.sqrt(x)


RIGHT = {
    "integers beside floats": (ops.multiply, (X, np.array([1, 2, 3])), {}),
    "integers as exponents": (ops.pow, (X, np.array([1, 2, 3])), {}),
    "booleans beside floats": (ops.where, (np.array([True, False, True]), X, X + 1), {}),
    "results beyond float32": (ops.exp, (np.array([100.0, 200.0, 2.0]),), {}),
    "squares beyond float32": (ops.square, (np.array([1e30, -1e20, 2.0]),), {}),
    "slopes below float32": (ops.exp, (np.array([-200.0, -100.0, 1.0]),), {}),
    "products beyond float32": (ops.multiply, (np.array([1e30, 2.0]), np.array([1e30, 1e-30])), {}),
    "large numbers": (ops.sum, (np.array([1e15, -1e12, 3.0]),), {}),
    "a square": (ops.matmul, (W[:, :2], W[:, 1:]), {}),
    "a kink": (ops.abs, (np.array([0.0, -0.0, 1.0]),), {}),
    "masked entries": (ops.softmax, (np.array([0.5, -30.0, 2.0]),), {}),
}


@pytest.mark.parametrize("what", RIGHT)
def test_a_right_rule_is_not_refused(what):
    op, arrays, settings = RIGHT[what]
    assert gc.check(op, *arrays, libraries=False, **settings).entries


@pytest.mark.parametrize("at", [[0.5, 1.5, 2.0], [1e-3, 40.0], [0.1]], ids=str)
def test_a_forward_that_raises_outside_of_its_domain(at):
    op = op_of(positive_log, x=lambda dout, x: dout / x)
    assert gc.check(op, np.array(at), libraries=False).entries == len(at) ** 2


def test_a_forward_that_raises_just_beside_the_arguments():
    op = gc.op(name="defined_root")(root_of_the_defined)
    op.local("x")(lambda out: 0.5 / out)
    assert gc.check(op, np.array([0.0, 1.0, 4.0]), libraries=False, variations=False).entries


def test_a_composite_operation_and_a_plain_function():
    swish = gc.op(name="composite_swish")(lambda z, *, xp: z / (1 + xp.exp(-z)))
    assert gc.check(swish, X, libraries=False).order == 3
    assert gc.check(lambda w: ops.sum(ops.tanh(w) ** 2), W, libraries=False).entries == 6


def decay(x, *, steps=100):
    """Solve y' = −y³ from y(0) = x to t = 1 by Euler's method, which is first order: off by up to 4 %."""
    y = np.array(x, dtype=float)
    for _ in range(steps):
        y = y - y**3 / steps
    return y


def exact_slope(x):
    """The derivative of the exact solution x / √(1 + 2x²)."""
    return (1 + 2 * x * x) ** -1.5


def test_an_adjoint_of_a_solver_is_right_to_the_tolerance_given():
    op = op_of(decay, name="decay", x=lambda dout, x: dout * exact_slope(x), shape=lambda x: x)
    with pytest.raises(gc.errors.CheckError, match="decay"):
        gc.check(op, X, libraries=False, order=1)
    report = gc.check(op, X, rtol=5e-2, order=1, libraries=False, variations=False)
    assert (report.tolerance.rtol, report.tolerance.atol, report.order, report.second) == (5e-2, None, 1, 0)
    assert "agree to rtol=0.05, atol=0.05 × the largest derivative" in str(report)
    wrong = op_of(decay, name="wrong_decay", x=lambda dout, x: 1.25 * dout * exact_slope(x), shape=lambda x: x)
    with pytest.raises(gc.errors.CheckError, match="wrong_decay"):
        gc.check(wrong, X, rtol=5e-2, order=1, libraries=False, variations=False)


def test_a_forward_with_the_rounding_of_single_precision():
    def forward(x):
        return (np.asarray(x, dtype="float32") ** 2).astype("float64")

    op = op_of(forward, name="single_inside", x=lambda dout, x: 2 * dout * x, shape=lambda x: x)
    assert gc.check(op, X, rtol=1e-3, order=1, libraries=False).entries == 9
    wrong = op_of(forward, name="single_wrong", x=lambda dout, x: 2.02 * dout * x, shape=lambda x: x)
    with pytest.raises(gc.errors.CheckError, match="single_wrong"):
        gc.check(wrong, X, rtol=1e-3, order=1, libraries=False)


def test_atol_alone():
    op = op_of(lambda x: x * x, name="nearly", x=lambda dout, x: dout * (2 * x + 1e-5))
    with pytest.raises(gc.errors.CheckError, match="nearly"):
        gc.check(op, X, libraries=False)
    assert str(gc.check(op, X, atol=1e-4, libraries=False).tolerance) == "to rtol=0, atol=0.0001"


def test_a_torch_module_inside_an_operation_without_a_formula():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))

    def forward(x):
        with torch.no_grad():
            return module(torch.from_numpy(np.array(x, dtype="float32"))).numpy().astype("float64")

    def pullback(dout, x):
        inside = torch.from_numpy(np.array(x, dtype="float32")).requires_grad_()
        module(inside).backward(torch.from_numpy(np.array(dout, dtype="float32")))
        return inside.grad.numpy().astype("float64")

    op = op_of(forward, name="torch_module", x=pullback, shape=lambda x: (*x[:-1], 2))
    assert gc.check(op, W, rtol=1e-3, order=1, libraries=False).entries == 24
    with pytest.raises(gc.errors.CheckError, match="no formula"):
        gc.check(op, W, rtol=1e-3, libraries=False)


def test_a_sparse_matrix_as_a_setting():
    sparse = pytest.importorskip("scipy.sparse")
    a = sparse.csr_array(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, -3.0]]))
    op = op_of(
        lambda x, *, a: a @ x,
        name="sparse_times",
        x=lambda dout, a: a.T @ dout,
        shape=lambda x, a: (a.shape[0], *x[1:]),
    )
    assert gc.check(op, X, a=a, order=1, libraries=False).entries == 6


@pytest.mark.parametrize("options", [{"rtol": -1.0}, {"atol": float("nan")}, {"order": 0}, {"order": 1.5}], ids=str)
def test_options_that_mean_nothing_are_named(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        gc.check(ops.exp, X, **options)


def test_a_forward_that_is_not_deterministic():
    random = np.random.default_rng(0)
    op = op_of(lambda x: x * random.uniform(0.9, 1.1), name="noisy", x=lambda dout: dout, shape=lambda x: x)
    with pytest.raises(gc.errors.CheckError, match="not deterministic"):
        gc.check(op, X, rtol=1.0, order=1, libraries=False)


def test_a_forward_that_writes_into_its_argument():
    def forward(x):
        if type(x) is np.ndarray and x.flags.writeable:
            x *= 2.0
            return x * 1.0
        return 2.0 * x

    op = op_of(forward, name="overwrites", x=lambda dout: 2.0 * dout, shape=lambda x: x)
    with pytest.raises(gc.errors.CheckError, match="writes into its argument 'x'"):
        gc.check(op, X, libraries=False)
