"""Every operation of the pack is verified on its examples, and at points that no example contains."""

import graphcore_sound
import numpy as np
import pytest
from graphcore_sound import crossfade, likeness, loudness

import graphcore as gc


@pytest.mark.parametrize("name", graphcore_sound.__all__)
def test_the_rules_are_right(name):
    report = gc.check(getattr(graphcore_sound, name))
    assert report.entries > 0
    assert report.second > 0


def test_silence_has_a_loudness_and_a_slope():
    assert loudness([0.0, 0.0]) == 0.0
    np.testing.assert_array_equal(gc.grad(loudness)(np.zeros(3)), np.zeros(3))


def test_a_fade_begins_with_one_and_ends_with_the_other():
    np.testing.assert_array_equal(crossfade(np.full(3, 2.0), np.full(3, 7.0), np.array([0.0, 0.4, 1.0])), [2, 4, 7])


def test_likeness_does_not_depend_on_volume():
    """Of degree zero in each sound: by Euler's theorem the gradient is orthogonal to the sound."""
    sound, other = np.array([0.5, -1.5, 1.0]), np.array([0.25, 2.0, -0.5])
    assert likeness(3 * sound, other) == pytest.approx(likeness(sound, other), rel=1e-15)
    assert gc.grad(likeness)(sound, other) @ sound == pytest.approx(0, abs=1e-15)
