"""LaTeX on one line of Unicode."""

import pytest

from graphcore.symbolic.unicode import to_unicode


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        ("", ""),
        ("a + b", "a + b"),
        ("x^2", "x²"),
        ("x^{10}", "x¹⁰"),
        ("x^{-1}", "x⁻¹"),
        ("x^y", "x^y"),
        ("x^{y + 1}", "x^(y + 1)"),
        ("x^23", "x²3"),
        ("w_{12}", "w₁₂"),
        ("w_j^2", "wⱼ²"),
        (r"\frac{a}{b}", "a / b"),
        (r"\frac{a + b}{c}", "(a + b) / c"),
        (r"\frac{1}{\frac{a}{b}}", "1 / (a / b)"),
        (r"\sqrt{x}", "√x"),
        (r"\sqrt{x + 1}", "√(x + 1)"),
        (r"\sigma(z)", "σ(z)"),
        (r"w^\top x", "wᵀ x"),
        (r"\operatorname{relu}(z)", "relu(z)"),
        (r"\text{learning rate}", "learning rate"),
        (r"\left(a - b\right)^2", "(a − b)²"),
        (r"a \cdot b \odot c", "a · b ⊙ c"),
        (r"\unknown x", "unknown x"),
        ("e^{-x^2}", "e^(−x²)"),
    ],
)
def test_known_answers(latex, plain):
    assert to_unicode(latex) == plain


def test_deep_nesting_does_not_recurse():
    deep = "x"
    for _ in range(3000):
        deep = r"\sqrt{" + deep + "}"
    assert to_unicode(deep).count("√") == 3000
