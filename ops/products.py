"""Sums of products over any axes: matrix products, generalized to arrays of any number of axes."""

import string
from typing import Any

from graphcore import PRODUCT, errors, op
from graphcore.extend import as_dtype, function

from .arithmetic import multiply
from .linear import matrix_transpose
from .matrix import diagonal
from .reduce import sum
from .reordering import stack
from .shape import as_array, expand_dims, ones_like, permute_dims

__all__ = ["contraction", "cross", "einsum", "outer", "tensordot", "vecdot"]


@op(r"\textstyle\sum {arrays:strict}", level=PRODUCT)
def contraction(*arrays, subscripts, xp):
    """Multiply along the axes with the same letter, and sum over the letters that are not in the result.

    ``subscripts`` is as in `einsum`, with an explicit result, and each letter once in an array. Every letter of an
    array occurs in another or in the result, so that the derivative is a contraction too. Call `einsum` instead.

    >>> contraction([[1.0, 2.0]], [[3.0], [4.0]], subscripts="ij,jk->ik")
    array([[11.]])
    """
    einsum = getattr(xp, "einsum", None)
    if einsum is None:
        return summed_products(arrays, subscripts, xp)
    how = {"optimize": True} if xp.__name__ == "numpy" else {}  # so that numpy uses its matrix product
    return einsum(subscripts, *arrays, **how)


@contraction.pullback("arrays")
def dcontraction_darrays(dout, arrays, index, subscripts):
    inputs, output = letters_of(subscripts)
    others = [i for i in range(len(arrays)) if i != index]
    parts, spelled = [dout, *(arrays[i] for i in others)], [output, *(inputs[i] for i in others)]
    if may_be_longer(index, arrays, inputs):
        parts, spelled = [*parts, ones_like(arrays[index])], [*spelled, inputs[index]]
    return contraction(*parts, subscripts=f"{','.join(spelled)}->{inputs[index]}")


contraction.example([[0.5, -1.5], [0.25, 2.0]], [[1.5, 0.75, 1.0], [-0.25, 1.0, 0.5]], subscripts="ij,jk->ik")
contraction.example([0.5, -1.5], [[1.5, 0.75], [2.0, 1.0]], [0.5, 2.0], subscripts="i,ij,j->i")


def may_be_longer(index, arrays, inputs):
    """Return ``True`` if an array may have several entries along an axis on which all others have one."""
    for letter, n in zip(inputs[index], arrays[index].shape, strict=True):
        shared = [a.shape[part.index(letter)] for a, part in zip(arrays, inputs, strict=True) if letter in part]
        if len(shared) > 1 and n != 1 and (n is None or shared.count(n) == 1):
            return True
    return False


@contraction.shape
def contraction_shape(arrays, subscripts):
    inputs, output = letters_of(subscripts)
    if len(inputs) != len(arrays):
        raise errors.ShapeError(f"{subscripts!r} is for {len(inputs)} arrays; got {len(arrays)}")
    lengths: dict[str, Any] = {}
    for letters, shape in zip(inputs, arrays, strict=True):
        if len(letters) != len(shape):
            raise errors.ShapeError(f"{letters!r} names {len(letters)} axes, and the shape is {shape}")
        for letter, n in zip(letters, shape, strict=True):
            known = lengths.get(letter, 1)
            if known not in (1, None) and n not in (1, None, known):
                raise errors.ShapeError(f"the axes {letter!r} have the lengths {known} and {n}; they must be the same")
            lengths[letter] = n if known == 1 or (known is None and n != 1) else known
    return tuple(lengths[letter] for letter in output)


def letters_of(subscripts):
    """Return the letters of each array and of the result."""
    inputs, _, output = subscripts.partition("->")
    return inputs.split(","), output


def summed_products(arrays, subscripts, xp):
    """Return the same by elementwise products, for a library without ``einsum``."""
    inputs, output = letters_of(subscripts)
    letters = output + "".join(sorted({letter for part in inputs for letter in part} - set(output)))
    product: Any = None
    for array, part in zip(arrays, inputs, strict=True):
        there = [letter for letter in letters if letter in part]
        whole = xp.permute_dims(array, tuple(part.index(letter) for letter in there))
        for place, letter in enumerate(letters):
            whole = whole if letter in part else xp.expand_dims(whole, axis=place)
        product = whole if product is None else product * whole
    return xp.sum(product, axis=tuple(range(len(output), len(letters))), dtype=product.dtype)


@function
def einsum(subscripts, *arrays):
    """Sum products in Einstein's notation: one letter per axis, summed over those that are not in the result.

    ``"ij,jk->ik"`` is the matrix product, ``"ii->i"`` the diagonal, ``"...ij->...ji"`` the transpose of a stack.
    Without an arrow the result has the letters that occur once, in the order of the alphabet.

    >>> import numpy as np
    >>> einsum("ij,j->i", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0]))
    array([21., 43.])
    """
    if not isinstance(subscripts, str):
        raise errors.ShapeError(
            f"the first argument of einsum is its subscripts, as in 'ij,jk->ik'; got {type(subscripts).__name__}"
        )
    arrays = tuple(map(as_array, arrays))
    inputs, output = spelled_out(subscripts.replace(" ", ""), [len(array.shape) for array in arrays])
    parts = []
    for i, (array, letters) in enumerate(zip(arrays, inputs, strict=True)):
        elsewhere = set(output).union(*inputs[:i], *inputs[i + 1 :])
        parts.append(with_each_letter_once(array, letters, elsewhere))
    spelled = ",".join(letters for _, letters in parts)
    if len(parts) == 1:
        ((array, letters),) = parts
        return permute_dims(array, axes=tuple(letters.index(letter) for letter in output))
    return contraction(*(array for array, _ in parts), subscripts=f"{spelled}->{output}")


def spelled_out(subscripts, ndims):
    """Return the letters of every array and of the result, with letters in place of ``...`` and of an implicit result.

    >>> spelled_out("...ij,jk", [3, 2])
    (['Aij', 'jk'], 'Aik')
    """
    given, arrow, output = subscripts.partition("->")
    inputs = given.split(",")
    if len(inputs) != len(ndims):
        raise errors.ShapeError(f"einsum: {subscripts!r} is for {len(inputs)} arrays; got {len(ndims)}")
    fresh = [letter for letter in string.ascii_uppercase + string.ascii_lowercase if letter not in subscripts]
    hidden = [ndim - len(part.replace("...", "")) for part, ndim in zip(inputs, ndims, strict=True)]
    dots = "".join(fresh[: max([0, *(n for part, n in zip(inputs, hidden, strict=True) if "..." in part)])])
    for part, n in zip(inputs, hidden, strict=True):
        if n < 0 or (n and "..." not in part):
            raise errors.ShapeError(f"einsum: {part!r} of {subscripts!r} does not fit an array of {n + len(part)} axes")
    inputs = [part.replace("...", dots[len(dots) - n :]) for part, n in zip(inputs, hidden, strict=True)]
    every = "".join(inputs)
    if not arrow:
        once = "".join(sorted(letter for letter in set(every) - set(dots) if every.count(letter) == 1))
        return inputs, dots + once
    output = output.replace("...", dots)
    unknown = [letter for letter in output if letter not in every or not letter.isalpha()]
    if unknown or len(set(output)) != len(output) or not all(letter.isalpha() for letter in every):
        raise errors.ShapeError(f"einsum: {subscripts!r} is invalid; use letters, commas, '...' and one '->'")
    return inputs, output


def with_each_letter_once(array, letters, elsewhere):
    """Return an array whose letters all differ and occur elsewhere too, by diagonals and sums."""
    for letter in dict.fromkeys(letters):
        while letters.count(letter) > 1:
            first, second = letters.index(letter), letters.rindex(letter)
            one, other = array.shape[first], array.shape[second]
            if None not in (one, other) and one != other:
                raise errors.ShapeError(f"einsum: {letter!r} stands for axes of {one} and of {other} entries")
            rest = [i for i in range(len(letters)) if i not in (first, second)]
            array = diagonal(permute_dims(array, axes=(*rest, first, second)))
            letters = "".join(letters[i] for i in rest) + letter
    alone = tuple(i for i, letter in enumerate(letters) if letter not in elsewhere)
    if alone:
        array = sum(array, axis=alone)
    return array, "".join(letter for i, letter in enumerate(letters) if i not in alone)


@function
def tensordot(x1, x2, *, axes=2):
    """Sum products over several axes: the last ``axes`` of one with the first of the other, or the given ones.

    >>> import numpy as np
    >>> tensordot(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), axes=((1,), (1,)))
    array([[11.]])
    """
    x1, x2 = as_array(x1), as_array(x2)
    n, m = len(x1.shape), len(x2.shape)
    if isinstance(axes, int):
        axes = tuple(range(n - axes, n)), tuple(range(axes))
    first, second = ((part,) if isinstance(part, int) else tuple(part) for part in axes)
    if len(first) != len(second) or any(not -n <= i < n for i in first) or any(not -m <= i < m for i in second):
        raise errors.ShapeError(f"tensordot: the axes {axes} do not fit arrays of {n} and {m} axes")
    if len({i % n for i in first}) != len(first) or len({j % m for j in second}) != len(second):
        raise errors.ShapeError(f"tensordot: the axes {axes} name an axis twice")
    for i, j in zip(first, second, strict=True):
        if None not in (x1.shape[i], x2.shape[j]) and x1.shape[i] != x2.shape[j]:
            raise errors.ShapeError(
                f"tensordot: axis {i} of the first has {x1.shape[i]} entries, and axis {j} of the second {x2.shape[j]}"
            )
    left, right = list(string.ascii_lowercase[:n]), list(string.ascii_uppercase[:m])
    for i, j in zip(first, second, strict=True):
        right[j] = left[i]
    kept = [letter for letter in left if letter not in right] + [letter for letter in right if letter not in left]
    return contraction(x1, x2, subscripts=f"{''.join(left)},{''.join(right)}->{''.join(kept)}")


@function
def vecdot(x1, x2, *, axis=-1):
    """Return the dot product of vectors: ``Σ_i x1_i x2_i`` along ``axis``, for each pair of a stack.

    >>> import numpy as np
    >>> vecdot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    np.float64(11.0)
    """
    x1, x2 = as_array(x1), as_array(x2)
    lengths = [x.shape[axis] for x in (x1, x2)]
    if lengths[0] != lengths[1] and None not in lengths:
        raise errors.ShapeError(f"vecdot: the vectors have {lengths[0]} and {lengths[1]} entries")
    products = multiply(x1, x2)
    return sum(products, axis=axis, dtype=None if as_dtype(products.dtype).kind == "f" else products.dtype)


@function
def outer(x1, x2):
    """Return the outer product of two vectors: ``out[i, j] = x1[i] x2[j]``.

    >>> import numpy as np
    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    x1, x2 = as_array(x1), as_array(x2)
    if (len(x1.shape), len(x2.shape)) != (1, 1):
        raise errors.ShapeError(f"outer: the arguments are vectors; their shapes are {x1.shape} and {x2.shape}")
    return multiply(expand_dims(x1, axis=-1), matrix_transpose(expand_dims(x2, axis=-1)))


@function
def cross(x1, x2, *, axis=-1):
    """Return the cross product of vectors of three entries.

    >>> import numpy as np
    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    x1, x2 = as_array(x1), as_array(x2)
    if x1.shape[axis] not in (3, None) or x2.shape[axis] not in (3, None):
        raise errors.ShapeError(
            f"cross: the vectors have three entries; they have {x1.shape[axis]} and {x2.shape[axis]}"
        )
    before = (slice(None),) * (axis % len(x1.shape)), (slice(None),) * (axis % len(x2.shape))
    a, b = ([x[(*key, i)] for i in range(3)] for x, key in zip((x1, x2), before, strict=True))
    return stack([a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)], axis=axis)
