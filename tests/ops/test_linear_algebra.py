"""Linear algebra against torch's reverse mode, exact numbers at singular matrices, and what is refused."""

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcore as gc
import ops

RNG = np.random.default_rng(5)


def normal(*shape):
    return RNG.standard_normal(shape)


def positive(*shape):
    root = normal(*shape)
    return root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(shape[-1])


#: an operation or function of ours, torch's of the same meaning, and arguments
AGAINST_TORCH = {
    "inv": (ops.inv, lambda t, x: t.linalg.inv(x), [normal(2, 4, 4)]),
    "solve, matrix": (ops.solve, lambda t, a, b: t.linalg.solve(a, b), [normal(4, 4), normal(4, 2)]),
    "solve, vector": (ops.solve, lambda t, a, b: t.linalg.solve(a, b), [normal(4, 4), normal(4)]),
    "solve, stacks": (ops.solve, lambda t, a, b: t.linalg.solve(a, b), [normal(3, 1, 4, 4), normal(2, 4, 2)]),
    "det": (ops.det, lambda t, x: t.linalg.det(x), [normal(3, 5, 5)]),
    "logabsdet": (ops.logabsdet, lambda t, x: t.linalg.slogdet(x)[1], [normal(3, 5, 5)]),
    "matrix_power": (lambda x: ops.matrix_power(x, 5), lambda t, x: t.linalg.matrix_power(x, 5), [normal(3, 3)]),
    "negative power": (lambda x: ops.matrix_power(x, -2), lambda t, x: t.linalg.matrix_power(x, -2), [normal(3, 3)]),
    "power 0": (lambda x: ops.matrix_power(x, 0), lambda t, x: t.linalg.matrix_power(x, 0), [normal(3, 3)]),
    "trace": (lambda x: ops.trace(x, offset=0), lambda t, x: t.trace(x), [normal(3, 5)]),
    "diagonal": (lambda x: ops.diagonal(x, offset=-1), lambda t, x: t.diagonal(x, -1, -2, -1), [normal(2, 3, 5)]),
    "diag": (lambda x: ops.diagonal_matrix(x, offset=2), lambda t, x: t.diag_embed(x, 2), [normal(2, 3)]),
    "tril": (lambda x: ops.tril(x, k=1), lambda t, x: t.tril(x, 1), [normal(2, 3, 5)]),
    "triu": (lambda x: ops.triu(x, k=-1), lambda t, x: t.triu(x, -1), [normal(2, 3, 5)]),
    "outer": (ops.outer, lambda t, a, b: t.outer(a, b), [normal(3), normal(4)]),
    "cross": (lambda a, b: ops.cross(a, b, axis=-2), lambda t, a, b: t.linalg.cross(a, b, dim=-2),
              [normal(2, 3, 4), normal(2, 3, 4)]),
    "vecdot": (lambda a, b: ops.vecdot(a, b, axis=-2), lambda t, a, b: t.linalg.vecdot(a, b, dim=-2),
               [normal(2, 3, 4), normal(3, 1)]),
    "tensordot": (lambda a, b: ops.tensordot(a, b, axes=((0, 2), (2, 1))),
                  lambda t, a, b: t.tensordot(a, b, dims=([0, 2], [2, 1])), [normal(2, 3, 4), normal(5, 4, 2)]),
    "norm 2": (ops.vector_norm, lambda t, x: t.linalg.vector_norm(x), [normal(3, 4)]),
    "norm 3": (lambda x: ops.vector_norm(x, ord=3, axis=1), lambda t, x: t.linalg.vector_norm(x, 3, 1), [normal(3, 4)]),
    "norm 1/2": (lambda x: ops.vector_norm(x, ord=0.5), lambda t, x: t.linalg.vector_norm(x, 0.5), [normal(3, 4)]),
    "norm inf": (lambda x: ops.vector_norm(x, ord=np.inf, axis=0, keepdims=True),
                 lambda t, x: t.linalg.vector_norm(x, float("inf"), 0, keepdim=True), [normal(3, 4)]),
    "fro": (ops.matrix_norm, lambda t, x: t.linalg.matrix_norm(x), [normal(2, 3, 4)]),
    "column": (lambda x: ops.matrix_norm(x, ord=1, keepdims=True),
               lambda t, x: t.linalg.matrix_norm(x, 1, keepdim=True), [normal(2, 3, 4)]),
    "spectral": (lambda x: ops.matrix_norm(x, ord=2, keepdims=True),
                 lambda t, x: t.linalg.matrix_norm(x, 2, keepdim=True), [normal(2, 3, 4)]),
    "smallest": (lambda x: ops.matrix_norm(x, ord=-2), lambda t, x: t.linalg.matrix_norm(x, -2), [normal(2, 4, 3)]),
    "nuclear": (lambda x: np.linalg.norm(x, "nuc", axis=(0, 2)), lambda t, x: t.linalg.matrix_norm(x, "nuc", (0, 2)),
                [normal(2, 3, 4)]),
    "singular values": (np.linalg.svdvals, lambda t, x: t.linalg.svdvals(x), [normal(2, 4, 3)]),
    "singular values alone": (lambda x: np.linalg.svd(x, compute_uv=False), lambda t, x: t.linalg.svdvals(x),
                              [normal(3, 4)]),
    "row": (lambda x: ops.matrix_norm(x, ord=-np.inf), lambda t, x: t.linalg.matrix_norm(x, -float("inf")),
            [normal(2, 3, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", AGAINST_TORCH)
def test_value_and_gradient_are_those_of_torch(name, torch, agree):
    ours, theirs, arrays = AGAINST_TORCH[name]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = theirs(torch, *tensors)
    value, pullback = gc.vjp(ours, *arrays)
    agree(value, expected.detach(), 1e-12)
    dout = np.cos(np.arange(value.size)).reshape(value.shape)
    if not expected.requires_grad:
        return
    for found, tensor, want in zip(
        pullback(dout), tensors, torch.autograd.grad(expected, tensors, torch.tensor(dout), allow_unused=True),
        strict=True,
    ):  # fmt: skip
        agree(found, torch.zeros_like(tensor) if want is None else want, 1e-10)


EINSUMS = {
    "ij,jk->ik": [(2, 3), (3, 4)], "ij,jk": [(2, 3), (3, 4)], "bij,bjk->bik": [(2, 3, 4), (2, 4, 2)], "ii": [(3, 3)],
    "ii->i": [(3, 3)], "iij->j": [(3, 3, 2)], "ij->ji": [(2, 3)], "ij->": [(2, 3)], "i,j,k->kji": [(2,), (3,), (4,)],
    "...ij,...jk->...ik": [(2, 1, 3, 4), (5, 4, 2)], "i...,i...->...": [(3, 2), (3, 2)], "ij,ij->": [(2, 3), (2, 3)],
    "ijk,ilm,njm,nlk,abc->": [(2, 3, 4), (2, 5, 3), (2, 3, 3), (2, 5, 4), (2, 2, 2)], "ij,kl->": [(2, 3), (2, 2)],
    "ij,j->ij": [(2, 3), (3,)], "bhqd,bhkd->bhqk": [(2, 2, 3, 4), (2, 2, 5, 4)], "iji,j->i": [(2, 3, 2), (3,)],
    ",i->i": [(), (3,)],
}  # fmt: skip


@pytest.mark.parametrize("subscripts", EINSUMS)
def test_einsum(subscripts, torch, agree):
    arrays = [normal(*shape) for shape in EINSUMS[subscripts]]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = torch.einsum(subscripts, *tensors)
    value, pullback = gc.vjp(lambda *parts: np.einsum(subscripts, *parts), *arrays)
    agree(value, np.einsum(subscripts, *arrays), 1e-12)
    dout = np.cos(np.arange(value.size) + 0.3).reshape(value.shape)
    wanted = torch.autograd.grad(expected, tensors, torch.tensor(dout))
    for found, want in zip(pullback(dout), wanted, strict=True):
        agree(found, want, 1e-11)


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_looks_at_one_triangle(upper, torch, agree):
    matrix = positive(4, 4)
    other = np.tril(matrix) if not upper else np.triu(matrix)  # the other triangle is not looked at
    dout = np.cos(np.arange(16.0)).reshape(4, 4)
    value, pullback = gc.vjp(lambda x: ops.cholesky(x, upper=upper), other)
    tensor = torch.tensor(other, requires_grad=True)
    half = tensor.mT if upper else tensor
    root = torch.linalg.cholesky(torch.tril(half) + torch.tril(half, -1).mT)
    root = root.mT if upper else root
    agree(value, root.detach(), 1e-12)
    (want,) = torch.autograd.grad(root, tensor, torch.tensor(dout))
    agree(pullback(dout)[0], want, 1e-11)


def exact_det(rows):
    """A determinant in whole numbers and fractions, by its definition."""
    n = len(rows)
    total = Fraction(0)
    for order in itertools.permutations(range(n)):
        sign = (-1) ** sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        product = Fraction(sign)
        for i, j in enumerate(order):
            product *= rows[i][j]
        total += product
    return total


def exact_minor(rows, gone):
    """The derivative of a determinant by some entries: with a one for each of them, alone in its row."""
    rows = [list(row) for row in rows]
    if len({i for i, _ in gone}) < len(gone) or len({j for _, j in gone}) < len(gone):
        return Fraction(0)
    for i, j in gone:
        rows[i] = [0] * len(rows)
        rows[i][j] = 1
    return exact_det(rows)


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_a_determinant_at_a_singular_matrix_has_all_its_derivatives(rank, agree):
    rng = np.random.default_rng(rank)
    matrix = rng.integers(-3, 4, (4, rank)) @ rng.integers(-3, 4, (rank, 4))
    rows, places = matrix.tolist(), list(np.ndindex(4, 4))
    x = matrix.astype(float)
    first = gc.grad(ops.det)(x)
    agree(first, [[float(exact_minor(rows, [(i, j)])) for j in range(4)] for i in range(4)], 1e-9)
    second = gc.hessian(ops.det)(x).reshape(16, 16)
    agree(second, [[float(exact_minor(rows, [p, q])) for q in places] for p in places], 1e-9)
    direction = rng.integers(-2, 3, (4, 4)).astype(float)
    third = gc.grad(lambda y: np.sum(gc.grad(lambda z: np.sum(gc.grad(ops.det)(z) * direction))(y) * direction))(x)
    wanted = np.zeros((4, 4))
    for p, q, r in itertools.product(places, repeat=3):
        wanted[r] += direction[p] * direction[q] * float(exact_minor(rows, [p, q, r])) if direction[p] else 0
    agree(third, wanted, 1e-9)


def test_determinants_of_the_smallest_matrices():
    assert ops.det(np.zeros((0, 0))) == 1.0
    assert gc.grad(ops.det)(np.zeros((0, 0))).shape == (0, 0)
    np.testing.assert_allclose(gc.grad(ops.det)(np.array([[0.0]])), [[1.0]])
    np.testing.assert_allclose(gc.hessian(ops.det)(np.array([[0.0]])), np.zeros((1, 1, 1, 1)), atol=1e-15)


def test_slogdet_where_the_determinant_is_no_float():
    sign, log = ops.slogdet(np.diag([1e-200, -1e-200, 1e-200]))
    assert sign == -1
    np.testing.assert_allclose(log, 3 * np.log(1e-200))


def test_norms_do_not_overflow_and_are_flat_at_zero():
    np.testing.assert_allclose(ops.vector_norm([3e200, 4e200]), 5e200)
    np.testing.assert_allclose(ops.vector_norm([3e-200, 4e-200]), 5e-200)
    np.testing.assert_allclose(gc.grad(ops.vector_norm)(np.array([3e200, 4e200])), [0.6, 0.8])
    np.testing.assert_array_equal(gc.grad(ops.vector_norm)(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(gc.grad(lambda x: ops.vector_norm(x, ord=3))(np.zeros(3)), np.zeros(3))
    assert np.isinf(ops.vector_norm([np.inf, 1.0]))
    assert np.isnan(ops.vector_norm([np.nan, 1.0]))


@given(st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=4), st.integers(-3, 3))
def test_diagonals_of_any_matrix_are_those_of_numpy(shape, offset):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    np.testing.assert_array_equal(ops.diagonal(x, offset=offset), np.linalg.diagonal(x, offset=offset))
    node = gc.Graph().input("x", [None] * len(shape))
    np.testing.assert_array_equal(
        gc.evaluate(ops.trace(node, offset=offset), {"x": x}), np.linalg.trace(x, offset=offset)
    )


UNSUPPORTED = [
    (ops.inv, (2, 3), "square"),
    (ops.det, (3,), "square"),
    (ops.cholesky, (2, 3), "square"),
    (lambda x: ops.solve(x, np.ones(3)), (2, 2), "needs 2 rows"),
    (lambda x: ops.solve(x, np.ones((3, 1))), (2, 2), "needs 2 rows"),
    (lambda x: np.einsum("ij,jk->ik", x, np.ones((2, 2))), (2, 3), "lengths 3 and 2"),
    (lambda x: np.einsum("ijk->k", x), (2, 3), "does not fit an array of 2 axes"),
    (lambda x: np.einsum("ij->z", x), (2, 3), "is invalid"),
    (lambda x: np.einsum("i,i->i", x), (3,), "for 2 arrays"),
    (lambda x: ops.tensordot(x, np.ones((3, 2)), axes=((0, 1), (0,))), (3, 2), "axes"),
    (lambda x: ops.cross(x, np.ones(3)), (2,), "three entries"),
    (lambda x: ops.vecdot(x, np.ones(3)), (2,), "2 and 3 entries"),
    (ops.diagonal, (2,), "two axes"),
    (ops.tril, (2,), "two axes"),
    (lambda x: ops.vector_norm(x, ord="fro"), (2,), "number"),
    (lambda x: ops.matrix_norm(x, ord=3), (2, 2), "'nuc'"),
    (lambda x: ops.svd(x).U, (2, 3), "full_matrices=False"),
    (ops.svdvals, (2,), "two axes"),
    (ops.matrix_norm, (2,), "two axes"),
    (lambda x: ops.outer(x, x), (2, 2), "vectors"),
]


@pytest.mark.parametrize(("make", "shape", "said"), UNSUPPORTED, ids=[said for _, _, said in UNSUPPORTED])
def test_what_does_not_fit_is_refused_where_it_is_made(make, shape, said):
    node = gc.Graph().input("x", shape)
    with pytest.raises(gc.errors.ShapeError, match=said):
        make(node)


def test_a_singular_matrix_has_no_inverse_and_the_error_says_which():
    x = gc.Graph().input("singular", (2, 2))
    with pytest.raises(np.linalg.LinAlgError) as caught:
        gc.evaluate(ops.inv(x, name="inverse"), {x: np.ones((2, 2))})
    assert "inverse" in "".join(caught.value.__notes__)


def test_the_namespace_of_nodes_has_the_standard_s_extension():
    def logdet(x):
        xp = x.__array_namespace__()
        return xp.linalg.slogdet(x).logabsdet + xp.linalg.trace(x @ x.mT) + xp.linalg.vector_norm(x)

    matrix = positive(3, 3)
    run = gc.value_and_grad(logdet)(matrix)
    wanted = np.linalg.slogdet(matrix)[1] + np.trace(matrix @ matrix.T) + np.linalg.norm(matrix)
    np.testing.assert_allclose(run[0], wanted)
    np.testing.assert_allclose(run[1], np.linalg.inv(matrix).T + 2 * matrix + matrix / np.linalg.norm(matrix))


STACK = np.array([[[2.0, 1.0], [0.5, 3.0]], [[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])


def test_a_singular_matrix_that_does_not_count_spoils_no_other():
    def chosen(x):
        logs = np.linalg.slogdet(x)[1]
        return np.sum(np.where(np.isfinite(logs), logs, 0.0))

    value, gradient = gc.value_and_grad(chosen)(STACK)
    assert value == pytest.approx(np.log(5.5), rel=1e-15)
    np.testing.assert_allclose(gradient[0], np.linalg.inv(STACK[0]).T, rtol=1e-14)
    assert not np.any(gradient[1:])
    assert np.all(np.isfinite(gc.hessian(chosen)(STACK)))
    assert not np.any(gc.grad(lambda x: chosen(x[1]))(STACK))


def test_a_singular_matrix_has_no_logarithm_and_no_slope():
    value, gradient = gc.value_and_grad(lambda x: np.sum(np.linalg.slogdet(x)[1]))(STACK)
    assert value == -np.inf
    np.testing.assert_allclose(gradient[0], np.linalg.inv(STACK[0]).T, rtol=1e-14)
    assert np.all(np.isnan(gradient[1:]))
    bend = gc.hessian(lambda x: np.linalg.slogdet(x)[1])(STACK[1])
    assert np.all(np.isnan(bend))


@pytest.mark.parametrize("f", [np.linalg.inv, lambda x: np.linalg.solve(x, np.ones(2))], ids=["inv", "solve"])
def test_what_a_singular_matrix_has_not_is_refused_by_name(f):
    with pytest.raises(np.linalg.LinAlgError) as caught:
        gc.grad(lambda x: np.sum(f(x)))(STACK[1])
    assert re.search(r"while computing (inv|solve) ", caught.value.__notes__[0])


def projection(xp, x):
    """What does not depend on the signs of singular vectors, of three sorts of them."""
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    return xp.sum(u[:, :1] @ vh[:1] * xp.cos(x)) + xp.sum((u[:, -1:] ** 2 * s[0]) @ vh[-1:] ** 2 * xp.sin(x))


@pytest.mark.parametrize("library", ["jax"], indirect=True)
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_singular_vectors_are_differentiated_twice(shape, library, differences):
    assert library.name == "jax"
    import jax

    x = normal(*shape)
    found, expected = gc.grad(lambda x: projection(np, x))(x), jax.grad(lambda x: projection(jax.numpy, x))(x)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    bend = gc.jacobian(gc.grad(lambda x: projection(np, x)))(x)
    for entry in np.ndindex(shape):
        gradient = differences(lambda x, entry=entry: gc.grad(lambda x: projection(np, x))(x)[entry], x)
        np.testing.assert_allclose(bend[entry], gradient, rtol=1e-6, atol=1e-6)


def test_singular_values_that_are_the_same_share_evenly_and_zero_has_no_slope():
    largest = gc.grad(lambda x: np.linalg.norm(x, 2))
    np.testing.assert_allclose(largest(np.eye(3)), np.eye(3) / 3, atol=1e-15)
    np.testing.assert_allclose(largest(np.diag([2.0, -2.0, 1.0])), np.diag([0.5, -0.5, 0.0]), atol=1e-15)
    total = gc.grad(lambda x: np.linalg.norm(x, "nuc"))
    np.testing.assert_allclose(total(np.array([[1.0, 2.0], [2.0, 4.0]])), np.array([[1, 2], [2, 4]]) / 5, rtol=1e-14)
    assert not np.any(total(np.zeros((2, 3))))
    assert not np.any(largest(np.zeros((2, 3))))
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(total(rotation), rotation, rtol=1e-14)
    assert np.all(np.isnan(gc.grad(lambda x: np.sum(np.linalg.svd(x)[0][0]))(np.eye(2))))


def test_a_matrix_that_is_not_a_number_has_no_singular_values_and_spoils_no_other():
    stack = np.stack([np.diag([3.0, 2.0]), np.full((2, 2), np.nan), np.diag([np.inf, 1.0])])
    value, gradient = gc.value_and_grad(lambda x: np.sum(ops.svdvals(x)[0]))(stack)
    assert value == 5.0
    np.testing.assert_allclose(gradient, np.stack([np.eye(2), np.zeros((2, 2)), np.zeros((2, 2))]), atol=1e-15)
    assert np.all(np.isnan(ops.svdvals(stack)[1:]))


@pytest.mark.parametrize("unit", [2.0**600, 2.0**-500])
def test_singular_values_in_another_unit(unit):
    x = normal(3, 2)
    np.testing.assert_allclose(gc.grad(lambda x: np.linalg.norm(x, 2))(x * unit),
                               gc.grad(lambda x: np.linalg.norm(x, 2))(x), rtol=1e-12)  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_determinant_has_no_derivative_beyond_its_degree(n):
    """It is a polynomial of degree n; the coefficient of every higher power is 0, not what rounding leaves of it."""
    x, direction = 0.7 * np.eye(n) + 0.1, np.arange(1.0, n * n + 1).reshape(n, n)
    for number in range(n, n + 3):
        found = ops.cofactors(x, *(direction * (k + 1) for k in range(number)))
        assert found.shape == (n, n)
        assert not found.any()
