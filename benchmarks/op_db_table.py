"""The name here of each operation of torch's ``op_db``, and the translation of its arguments."""

import functools
import math

import numpy as np

import ops


class UntranslatableError(Exception):
    """A sample that needs something without a counterpart here: a dtype, an ``out=``, an algorithm."""


def only(kwargs, *known):
    """Refuse a keyword that has no translation."""
    for key, value in kwargs.items():
        if key not in known and value is not None and value is not False:
            raise UntranslatableError(f"{key}={value!r}")


def unary(f):
    """A function of one array."""

    def call(x, *args, **kwargs):
        only(kwargs)
        if args:
            raise UntranslatableError(f"arguments {args}")
        return f(x)

    return call


def binary(f):
    """A function of two arrays or numbers."""

    def call(x, y, *args, **kwargs):
        only(kwargs)
        if args:
            raise UntranslatableError(f"arguments {args}")
        return f(x, y)

    return call


def axis_of(dim):
    """torch takes a list of axes, and an empty one for all."""
    if isinstance(dim, (list, tuple)):
        return tuple(dim) or None
    return dim


def reduction(f, **fixed):
    """A function along axes."""

    def call(x, dim=None, keepdim=False, **kwargs):
        only(kwargs)
        if np.ndim(x) == 0:  # torch lets a number have the axes 0 and -1
            return f(x, keepdims=keepdim, **fixed)
        return f(x, axis=axis_of(dim), keepdims=keepdim, **fixed)

    return call


def spread(f):
    """Translate ``std`` and ``var``, whose correction has two spellings in torch."""

    def call(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        correction = (1 if unbiased in (None, True) else 0) if correction is None else correction
        if np.ndim(x) == 0:
            return f(x, correction=float(correction), keepdims=keepdim)
        return f(x, axis=axis_of(dim), correction=float(correction), keepdims=keepdim)

    return call


def along(f):
    """A function along one axis, which torch lets a number have."""

    def call(x, dim=-1, **kwargs):
        only(kwargs, "dtype")
        if kwargs.get("dtype") is not None and "float64" not in str(kwargs["dtype"]):
            raise UntranslatableError(f"dtype={kwargs['dtype']}")
        return f(x.reshape(1), axis=0).reshape(()) if np.ndim(x) == 0 else f(x, axis=dim)

    return call


def with_alpha(f):
    """``add`` and ``sub``, whose second argument torch scales."""

    def call(x, y, *, alpha=1):
        return f(x, y) if alpha == 1 else f(x, ops.multiply(y, alpha))

    return call


def divided(x, y, *, rounding_mode=None):
    """``div`` and its roundings."""
    whole = ops.divide(x, y)
    return {None: lambda: whole, "floor": lambda: ops.floor_divide(x, y), "trunc": lambda: ops.trunc(whole)}[
        rounding_mode
    ]()


def rounded(x, *, decimals=0):
    """To so many decimals."""
    return ops.round(x * 10.0**decimals) / 10.0**decimals if decimals else ops.round(x)


def clamped(x, min=None, max=None):  # noqa: A002  torch's names
    """Held between bounds."""
    return ops.clip(x, min, max)


def extreme(f, pick):
    """``max`` and ``min``: of two, of all, or along an axis, where torch picks one of those that tie."""

    def call(x, *args, **kwargs):
        if args and not isinstance(args[0], int):
            return pick(x, args[0])
        if not args and "dim" not in kwargs:
            return f(x)
        dim, keepdim = ((*args, *([kwargs["dim"]] if "dim" in kwargs else []), False))[:2]
        keepdim = kwargs.get("keepdim", keepdim)
        return f(x) if np.ndim(x) == 0 else f(x, axis=dim, keepdims=keepdim)

    return call


def transposed(x, dim0, dim1):
    """Two axes exchanged."""
    return np.swapaxes(x, dim0, dim1) if np.ndim(x) else x


def squeezed(x, dim=None):
    """Without axes of length 1; torch passes over longer ones."""
    dims = range(np.ndim(x)) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = tuple(sorted({d % np.ndim(x) for d in dims if x.shape[d] == 1})) if np.ndim(x) else ()
    return ops.squeeze(x, axis=gone) if gone else x * 1.0


def expanded(x, *shape):
    """Repeated to a shape, in which −1 keeps a length."""
    shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    missing = len(shape) - np.ndim(x)
    return ops.broadcast_to(x, tuple(x.shape[i - missing] if n == -1 else n for i, n in enumerate(shape)))


def in_shape(x, *shape):
    """In another shape."""
    return ops.reshape(x, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)


def flattened(x, start_dim=0, end_dim=-1):
    """Several axes as one."""
    ndim = np.ndim(x)
    if ndim == 0:
        return ops.reshape(x, (1,))
    start, end = start_dim % ndim, end_dim % ndim
    return ops.reshape(x, (*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


def narrowed(x, dim, start, length):
    """A stretch of an axis."""
    key = [slice(None)] * np.ndim(x)
    start = int(start)
    key[dim] = (
        slice(start, start + length) if start >= 0 else slice(x.shape[dim] + start, x.shape[dim] + start + length)
    )
    return x[tuple(key)]


def selected(x, dim, index):
    """One place of an axis."""
    return x[(slice(None),) * (dim % np.ndim(x)) + (index,)]


def sliced(x, dim=0, start=None, end=None, step=1):
    """A slice of an axis."""
    return x[(slice(None),) * (dim % np.ndim(x)) + (slice(start, end, step),)]


def sorted_values(x, dim=-1, descending=False, stable=False):
    """Return the values of ``sort``; its indices are not floats."""
    del stable
    return x * 1.0 if np.ndim(x) == 0 else ops.sort(x, axis=dim, descending=descending)


def searched(x, y, *, right=False, side=None, **kwargs):
    """Translate ``searchsorted``, which in the standard is one-dimensional."""
    only(kwargs)
    if np.ndim(x) != 1:
        raise UntranslatableError("several lines to search in")
    return ops.searchsorted(x, np.asarray(y), side=side or ("right" if right else "left"))


def normed(x, ord=2, dim=None, keepdim=False, **kwargs):  # noqa: A002  torch's names
    """``vector_norm``."""
    only(kwargs)
    if np.ndim(x) == 0:
        return ops.vector_norm(x, ord=ord)
    return ops.vector_norm(x, axis=axis_of(dim), ord=ord, keepdims=keepdim)


def matrix_normed(x, ord="fro", dim=(-2, -1), keepdim=False, **kwargs):  # noqa: A002  torch's names
    """``matrix_norm``."""
    only(kwargs)
    size = ops.matrix_norm(np.moveaxis(x, dim, (-2, -1)), ord=ord)
    for axis in sorted(d % np.ndim(x) for d in dim) if keepdim else ():
        size = ops.expand_dims(size, axis=axis)
    return size


def refuse_another_subgradient(entry, sample):
    """A matrix of zeros has many singular vectors, and torch takes some of them; see op_db_points.py."""
    order = sample.args[0] if sample.args else sample.kwargs.get("ord")
    by_singular_values = entry.name in ("linalg.norm", "linalg.matrix_norm") and order in (2, -2, "nuc")
    if by_singular_values and sample.input.ndim == 2 and not sample.input.any():
        raise UntranslatableError(f"ord={order} of a matrix of zeros: torch's is another subgradient")


def any_norm(x, ord=None, dim=None, keepdim=False, **kwargs):  # noqa: A002  torch's names
    """``linalg.norm``: of a vector or of a matrix."""
    only(kwargs)
    dims = dim if dim is None or isinstance(dim, (tuple, list)) else (dim,)
    if ord is None and dims is None:
        return normed(x, 2, None, keepdim)
    dims = tuple(range(np.ndim(x))) if dims is None else tuple(dims)
    if len(dims) == 2 and ord is not None:
        return matrix_normed(x, ord, dims, keepdim)
    return normed(x, 2 if ord is None else ord, dims, keepdim)


def solved(a, b, *, left=True):
    """``linalg.solve``; torch also takes a stack of vectors."""
    if not left:
        return np.swapaxes(ops.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2)
    if np.ndim(b) > 1 and np.ndim(b) == np.ndim(a) - 1 and b.shape == a.shape[:-1]:
        return ops.solve(a, b[..., None])[..., 0]
    return ops.solve(a, b)


def cross_along(x, y, *, dim=-1):
    """``linalg.cross``."""
    return ops.cross(*ops.broadcast_arrays(x, y), axis=dim)


def symmetric_cholesky(x, upper=False):
    """``linalg.cholesky``, of which torch gives the gradient of a symmetric matrix, half to each triangle."""
    return ops.cholesky((x + np.swapaxes(x, -1, -2)) / 2, upper=upper)


def diagonal_of(x, offset=0, dim1=0, dim2=1):
    """``diagonal``, of which two axes may be chosen."""
    return np.diagonal(x, offset, dim1, dim2)


def linalg_diagonal(x, *, offset=0, dim1=-2, dim2=-1):
    """The same with the last two if none are chosen."""
    return np.diagonal(x, offset, dim1, dim2)


def embedded_diagonal(x, offset=0, dim1=-2, dim2=-1):
    """``diag_embed``."""
    return np.moveaxis(ops.diagonal_matrix(x, offset=offset), (-2, -1), (dim1, dim2))


def tensordotted(x, y, dims=2):
    """``tensordot``."""
    axes = dims if isinstance(dims, int) else tuple(tuple(d) for d in dims)
    first, second = (range(len(x.shape) - axes, len(x.shape)), range(axes)) if isinstance(dims, int) else axes
    if any(x.shape[i] != y.shape[j] for i, j in zip(first, second, strict=True)):
        raise UntranslatableError("a length of 1 that is repeated, which numpy refuses")
    return ops.tensordot(x, y, axes=axes)


def softplus_with(x, beta=1, threshold=20):
    """``softplus``, which torch calls a straight line from a threshold on."""
    if threshold < 20:
        raise UntranslatableError("a threshold below which the line is curved")
    return ops.softplus(x * float(beta)) / float(beta)


def reduced(f, transform=lambda *parts: parts):
    """A cost over the last axis, with torch's ways to sum up: here every entry is a neuron of its own."""

    def call(*parts, reduction="mean", weight=None, pos_weight=None, size_average=None, reduce=None, **kwargs):
        if weight is not None or pos_weight is not None or size_average is not None or reduce is not None:
            raise UntranslatableError("weights")
        parts = [ops.reshape(part, (*part.shape, 1)) for part in transform(*parts)]
        each = f(*parts, **kwargs)
        return {"none": lambda: each, "mean": lambda: np.mean(each), "sum": lambda: np.sum(each)}[reduction]()

    return call


def kl(x, y, *, reduction="mean", log_target=False, **kwargs):
    """``kl_div``, of which torch takes the logarithm of the prediction."""
    only(kwargs)
    parts = [ops.reshape(part, (*part.shape, 1)) for part in (np.exp(x), np.exp(y) if log_target else y)]
    each = ops.kl_divergence(*parts)
    batch = x.shape[0] if np.ndim(x) else 1
    totals = {"none": lambda: each, "mean": lambda: np.mean(each), "sum": lambda: np.sum(each),
              "batchmean": lambda: np.sum(each) / batch}  # fmt: skip
    return totals[reduction]()


def crossed(x, y, *, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean", **kwargs):
    """``cross_entropy`` with the classes along axis 1."""
    only(kwargs)
    named = np.dtype(y.dtype).kind in "iu"
    if weight is not None or label_smoothing or (named and np.any(y == ignore_index)):
        raise UntranslatableError("weights, smoothing or labels that are ignored")
    axis = 1 if np.ndim(x) > 1 else 0
    each = ops.cross_entropy(np.moveaxis(x, axis, -1), y if named else np.moveaxis(y, axis, -1))
    if reduction == "mean" and not named:
        return np.sum(each) / (x.shape[0] * math.prod(x.shape[2:]) if np.ndim(x) > 1 else 1)
    return {"none": lambda: each, "mean": lambda: np.mean(each), "sum": lambda: np.sum(each)}[reduction]()


def convolved(f, ndim):
    """``conv1d`` and ``conv2d``, which torch also lets have no axis of examples."""

    def call(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
        numbers = [
            n if isinstance(n, (int, str)) else n[0] if len(n) == 1 else tuple(n) for n in (stride, padding, dilation)
        ]
        stride, padding, dilation = numbers
        single = np.ndim(x) == ndim + 1
        out = f(x[None] if single else x, w, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)
        return out[0] if single else out

    return call


def pooled(f, ndim):
    """``avg_pool`` and ``max_pool``."""

    def call(x, kernel_size, stride=None, padding=0, *args, ceil_mode=False, return_indices=False, **kwargs):
        only(kwargs, "count_include_pad", "dilation")
        del return_indices  # which come second, and are no floats
        if args or ceil_mode or kwargs.get("divisor_override"):
            raise UntranslatableError("ceil_mode or a divisor")
        settings = {"dilation": kwargs["dilation"]} if "dilation" in kwargs else {}
        if not kwargs.get("count_include_pad", True):
            settings["count_padding"] = False
        single = np.ndim(x) == ndim + 1
        size, stride, padding = (n if n is None or isinstance(n, int) else n[0] if len(n) == 1 else tuple(n)
                                 for n in (kernel_size, stride or None, padding))  # fmt: skip
        if "dilation" in settings and not isinstance(settings["dilation"], int):
            settings["dilation"] = tuple(settings["dilation"])
        out = f(x[None] if single else x, size, stride=stride, padding=padding, **settings)
        return out[0] if single else out

    return call


def layer_normed(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """``layer_norm`` over the last axes."""
    return ops.layer_norm(x, weight, bias, axis=tuple(range(-len(normalized_shape), 0)), epsilon=eps)


def batch_normed(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """``batch_norm`` in both forms."""
    del momentum
    if np.ndim(x) < 2:
        raise UntranslatableError("an array without an axis for the channels")
    if training:
        return ops.batch_norm(x, weight, bias, epsilon=eps)
    return ops.batch_norm_inference(x, running_mean, running_var, weight, bias, epsilon=eps)


def attended(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """``scaled_dot_product_attention`` without its dropout."""
    if dropout_p or enable_gqa or (attn_mask is not None and np.dtype(attn_mask.dtype).kind != "b"):
        raise UntranslatableError("dropout, grouped queries or a mask that is added")
    return ops.scaled_dot_product_attention(q, k, v, attn_mask, scale=scale, causal=is_causal)


def joined(parts, dim=0):
    """``cat``, which passes over an empty vector among arrays of more axes."""
    if len({np.ndim(part) for part in parts}) > 1:
        raise UntranslatableError("arrays of different numbers of axes")
    return ops.concat(parts, axis=dim)


def embedded(table, labels, **kwargs):
    """``embedding``; op_db has the table first."""
    only(kwargs, "padding_idx")
    if kwargs.get("padding_idx") is not None:
        raise UntranslatableError("a row without a gradient")
    return ops.embedding(table, labels)


def repeated(x, repeats, dim=None, **kwargs):
    """``repeat_interleave``."""
    only(kwargs)
    return ops.repeat(x, repeats if isinstance(repeats, int) else np.asarray(repeats), axis=dim)


def picked(x, dim, index, **kwargs):
    """``gather``, where only as many lines are looked at as there are indices for."""
    only(kwargs)
    if np.ndim(x) == 0:
        return x * 1.0 + np.zeros(np.shape(index))
    if np.ndim(index) != np.ndim(x):
        raise UntranslatableError("no indices, of another number of axes")
    key = tuple(slice(0, n) if i != dim % np.ndim(x) else slice(None) for i, n in enumerate(index.shape))
    return ops.take_along_axis(x[key], index, axis=dim)


def taken_along(x, index, dim=None):
    """``take_along_dim``, which of all entries takes as many as there are indices."""
    if dim is None:
        return np.reshape(np.take(x, np.reshape(index, (-1,))), np.shape(index) if np.ndim(index) == 1 else (-1,))
    return np.take_along_axis(x, index, dim)


def chosen(condition, x, y):
    """``where``, which torch spells as a method."""
    return ops.where(condition, x, y)


TABLE = {
    **{
        name: unary(getattr(ops, name))
        for name in (
            "abs",
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atanh",
            "ceil",
            "cos",
            "cosh",
            "erf",
            "erfc",
            "exp",
            "expm1",
            "floor",
            "isfinite",
            "isinf",
            "isnan",
            "log",
            "log10",
            "log1p",
            "log2",
            "logical_not",
            "positive",
            "reciprocal",
            "sigmoid",
            "sign",
            "signbit",
            "sin",
            "sinh",
            "sqrt",
            "square",
            "tan",
            "tanh",
            "trunc",
        )
    },
    **{
        name: binary(getattr(ops, name))
        for name in (
            "atan2",
            "bitwise_and",
            "bitwise_left_shift",
            "bitwise_or",
            "bitwise_right_shift",
            "bitwise_xor",
            "copysign",
            "floor_divide",
            "hypot",
            "logaddexp",
            "logical_and",
            "logical_or",
            "logical_xor",
            "matmul",
            "maximum",
            "minimum",
            "nextafter",
            "pow",
            "remainder",
        )
    },
    "add": with_alpha(ops.add),
    "sub": with_alpha(ops.subtract),
    "mul": binary(ops.multiply),
    "div": divided,
    "true_divide": binary(ops.divide),
    "rsub": lambda x, y, alpha=1: ops.subtract(y, ops.multiply(x, alpha)),
    "__radd__": binary(lambda x, y: y + x),
    "__rmul__": binary(lambda x, y: y * x),
    "__rdiv__": binary(lambda x, y: y / x),
    "__rsub__": binary(lambda x, y: y - x),
    "__rpow__": binary(lambda x, y: y**x),
    "__rmatmul__": binary(lambda x, y: y @ x),
    "__rmod__": binary(lambda x, y: y % x),
    "__getitem__": lambda x, key: x[key],
    "neg": unary(ops.negative),
    "bitwise_not": unary(ops.bitwise_invert),
    "eq": binary(ops.equal),
    "ne": binary(ops.not_equal),
    "gt": binary(ops.greater),
    "ge": binary(ops.greater_equal),
    "lt": binary(ops.less),
    "le": binary(ops.less_equal),
    "float_power": binary(np.float_power),
    "exp2": unary(np.exp2),
    "deg2rad": unary(np.deg2rad),
    "rad2deg": unary(np.rad2deg),
    "sinc": unary(np.sinc),
    "rsqrt": unary(lambda x: x**-0.5),
    "logaddexp2": binary(np.logaddexp2),
    "round": rounded,
    "clamp": clamped,
    "clamp_max": lambda x, y: ops.clip(x, None, y),
    "clamp_min": lambda x, y: ops.clip(x, y),
    "where": lambda x, condition, y: chosen(condition, x, y),
    "sum": reduction(ops.sum),
    "prod": reduction(ops.prod),
    "mean": reduction(ops.mean),
    "amax": reduction(ops.max),
    "amin": reduction(ops.min),
    "all": reduction(ops.all),
    "any": reduction(ops.any),
    "logsumexp": reduction(ops.logsumexp),
    "count_nonzero": reduction(ops.count_nonzero),
    "argmax": reduction(ops.argmax),
    "argmin": reduction(ops.argmin),
    "std": spread(ops.std),
    "var": spread(ops.var),
    "max": extreme(ops.max, ops.maximum),
    "min": extreme(ops.min, ops.minimum),
    "cumsum": along(ops.cumulative_sum),
    "cumprod": along(ops.cumulative_prod),
    "softmax": along(ops.softmax),
    "log_softmax": along(ops.log_softmax),
    "sort": sorted_values,
    "msort": unary(lambda x: ops.sort(x, axis=0) if np.ndim(x) else x * 1.0),
    "argsort": lambda x, dim=-1, descending=False, **_: (
        ops.argsort(x, axis=dim, descending=descending) if np.ndim(x) else np.zeros((), int)
    ),
    "diff": lambda x, n=1, dim=-1, prepend=None, append=None: ops.diff(
        x, n=n, axis=dim, prepend=prepend, append=append
    ),
    "searchsorted": searched,
    "reshape": in_shape,
    "view": in_shape,
    "reshape_as": lambda x, y: ops.reshape(x, tuple(y.shape)),
    "view_as": lambda x, y: ops.reshape(x, tuple(y.shape)),
    "ravel": unary(lambda x: ops.reshape(x, (-1,))),
    "flatten": flattened,
    "permute": lambda x, dims: ops.permute_dims(x, axes=tuple(dims)),
    "transpose": transposed,
    "t": unary(lambda x: x.T if np.ndim(x) == 2 else x * 1.0),
    "mT": unary(ops.matrix_transpose),
    "T": unary(lambda x: x.T),
    "movedim": lambda x, source, destination: ops.moveaxis(x, source, destination),
    "squeeze": squeezed,
    "unsqueeze": lambda x, dim: ops.expand_dims(x, axis=dim),
    "expand": expanded,
    "broadcast_to": expanded,
    "expand_as": lambda x, y: ops.broadcast_to(x, tuple(y.shape)),
    "flip": lambda x, dims: ops.flip(x, axis=tuple(dims)),
    "fliplr": unary(np.fliplr),
    "flipud": unary(np.flipud),
    "rot90": lambda x, k=1, dims=(0, 1): np.rot90(x, k, tuple(dims)),
    "roll": lambda x, shifts, dims=None: np.roll(x, shifts, dims),
    "tile": lambda x, dims: np.tile(x, tuple(dims)),
    "repeat": lambda x, *repeats: np.tile(x, tuple(repeats[0]) if len(repeats) == 1 else repeats),
    "repeat_interleave": repeated,
    "stack": lambda parts, dim=0: ops.stack(parts, axis=dim),
    "cat": joined,
    "unbind": lambda x, dim=0: ops.unstack(x, axis=dim),
    "hstack": np.hstack,
    "vstack": np.vstack,
    "dstack": np.dstack,
    "column_stack": np.column_stack,
    "broadcast_tensors": lambda *parts: ops.broadcast_arrays(*parts),
    "meshgrid": lambda *parts, indexing="ij": ops.meshgrid(
        *(parts[0] if isinstance(parts[0], (list, tuple)) else parts), indexing=indexing
    ),
    "narrow": narrowed,
    "select": selected,
    "slice": sliced,
    "gather": picked,
    "take_along_dim": taken_along,
    "index_select": lambda x, dim, index: ops.take(x, np.atleast_1d(index), axis=dim) if np.ndim(x) else x * 1.0,
    "take": lambda x, index: np.take(x, index),
    "nn.functional.embedding": embedded,
    "clone": lambda x, **_: x * 1.0,
    **{
        f"atleast_{n}d": lambda *x, f=f: f(*(x[0] if isinstance(x[0], (list, tuple)) else x))
        for n, f in ((1, np.atleast_1d), (2, np.atleast_2d), (3, np.atleast_3d))
    },
    "mm": binary(ops.matmul),
    "bmm": binary(ops.matmul),
    "mv": binary(ops.matmul),
    "dot": binary(np.dot),
    "vdot": binary(np.vdot),
    "inner": binary(np.inner),
    "outer": binary(ops.outer),
    "kron": binary(np.kron),
    "einsum": lambda parts, subscripts: ops.einsum(subscripts, *parts),
    "tensordot": tensordotted,
    "linalg.vecdot": lambda x, y, dim=-1: ops.vecdot(x, y, axis=dim),
    "cross": lambda x, y, dim=None: cross_along(
        x, y, dim=next(i for i, n in enumerate(x.shape) if n == 3) if dim is None else dim
    ),
    "linalg.cross": cross_along,
    "linalg.det": unary(ops.det),
    "linalg.slogdet": unary(ops.slogdet),
    "logdet": unary(lambda x: ops.where(ops.slogdet(x).sign > 0, ops.slogdet(x).logabsdet, math.nan)),
    "linalg.inv": unary(ops.inv),
    "inverse": unary(ops.inv),
    "linalg.solve": solved,
    "linalg.cholesky": symmetric_cholesky,
    "cholesky": symmetric_cholesky,
    "linalg.matrix_power": lambda x, n: ops.matrix_power(x, n),
    "linalg.vector_norm": normed,
    "linalg.matrix_norm": matrix_normed,
    "linalg.svdvals": lambda x, driver=None: ops.svdvals(x),  # noqa: ARG005  how torch finds them
    "linalg.norm": any_norm,
    "trace": unary(ops.trace),
    "diagonal": diagonal_of,
    "linalg.diagonal": linalg_diagonal,
    "diag": lambda x, k=0: np.diag(x, k),
    "diag_embed": embedded_diagonal,
    "tril": lambda x, k=0: ops.tril(x, k=k),
    "triu": lambda x, k=0: ops.triu(x, k=k),
    "linalg.multi_dot": lambda parts: functools.reduce(ops.matmul, parts),
    **{
        f"nn.functional.{name}": unary(getattr(ops, name))
        for name in ("logsigmoid", "mish", "relu", "selu", "silu", "softsign")
    },
    "nn.functional.gelu": lambda x, approximate="none": ops.gelu(x, approximate=approximate),
    "nn.functional.elu": lambda x, alpha=1.0: ops.elu(x, alpha=alpha),
    "nn.functional.leaky_relu": lambda x, negative_slope=0.01: ops.leaky_relu(x, slope=negative_slope),
    "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0: ops.hardtanh(x, low=min_val, high=max_val),
    "nn.functional.relu6": unary(lambda x: ops.hardtanh(x, low=0.0, high=6.0)),
    "nn.functional.softplus": softplus_with,
    "nn.functional.linear": lambda x, w, b=None: x @ w.T if b is None else x @ w.T + b,
    "nn.functional.mse_loss": reduced(ops.squared_error),
    "nn.functional.l1_loss": reduced(ops.absolute_error),
    "nn.functional.huber_loss": reduced(ops.huber),
    "nn.functional.binary_cross_entropy": reduced(ops.log_loss),
    "nn.functional.binary_cross_entropy_with_logits": reduced(ops.binary_cross_entropy),
    "nn.functional.kl_div": kl,
    "nn.functional.cross_entropy": crossed,
    "nn.functional.conv1d": convolved(ops.conv1d, 1),
    "nn.functional.conv2d": convolved(ops.conv2d, 2),
    "nn.functional.avg_pool1d": pooled(ops.avg_pool1d, 1),
    "nn.functional.avg_pool2d": pooled(ops.avg_pool2d, 2),
    "nn.functional.max_pool1d": pooled(ops.max_pool1d, 1),
    "nn.functional.max_pool2d": pooled(ops.max_pool2d, 2),
    "nn.functional.layer_norm": layer_normed,
    "nn.functional.batch_norm": batch_normed,
    "nn.functional.scaled_dot_product_attention": attended,
}
