"""The handwritten digits that ship with the project: real data for the demo and the examples.

E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, CC BY 4.0.
"""

from __future__ import annotations

import importlib.resources
from typing import Any, NamedTuple

import numpy as np

_TRAINING = 1437
_SEED = 0


class Digits(NamedTuple):
    """Images and labels. An image is 64 greys from 0 to 1, row by row; ``targets`` has a 1 at the digit shown.

    >>> digits = load_digits().training
    >>> digits.images.shape, digits.targets.shape, digits.labels[:5]
    ((1437, 64), (1437, 10), array([6, 6, 6, 2, 5]))
    """

    images: Any
    labels: Any

    @property
    def targets(self) -> Any:
        """The outputs that the network should have, one neuron per digit."""
        return np.eye(10, dtype=self.images.dtype)[self.labels]


class Split(NamedTuple):
    """Four fifths to learn from, and one fifth that the network never sees while it learns."""

    training: Digits
    held_out: Digits


def load_digits(dtype: str = "float32") -> Split:
    """All 1797 images, shuffled once and for all, in two parts.

    >>> split = load_digits()
    >>> len(split.training.labels), len(split.held_out.labels)
    (1437, 360)
    """
    file = importlib.resources.files(__name__) / "digits.npz"
    with importlib.resources.as_file(file) as path, np.load(path) as data:
        images, labels = data["images"].reshape(-1, 64), data["labels"].astype(np.int64)
    order = np.random.default_rng(_SEED).permutation(len(labels))
    images, labels = images[order].astype(dtype) / 16, labels[order]
    return Split(Digits(images[:_TRAINING], labels[:_TRAINING]), Digits(images[_TRAINING:], labels[_TRAINING:]))
