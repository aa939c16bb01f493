"""From LaTeX to a line of Unicode, for the small LaTeX in which operations are written."""

from __future__ import annotations

import re
from functools import lru_cache

_SYMBOLS = {
    "cdot": "·", "odot": "⊙", "sigma": "σ", "delta": "δ", "pi": "π", "phi": "φ", "mu": "μ", "sum": "Σ", "prod": "Π",
    "max": "max", "min": "min", "ln": "ln", "log": "log", "exp": "exp", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh",
    "sin": "sin", "cos": "cos", "tan": "tan", "top": "ᵀ", "ne": "≠", "le": "≤", "ge": "≥", "partial": "∂",
    "infty": "∞", "ll": "≪", "gg": "≫",
    "square": "□", "times": "×", "otimes": "⊗", "left": "", "right": "", "ldots": "…", "det": "det", "quad": " ",
    ",": " ", "land": "∧", "lor": "∨", "lnot": "¬", "oplus": "⊕", "bmod": "mod",
    "textstyle": "", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
}  # fmt: skip
_PLAIN = {"operatorname", "mathrm", "text", "mathbf", "mathit"}
_RAISED = dict(zip("0123456789+-=()niTᵀ′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵀ′", strict=True))
_LOWERED = dict(zip("0123456789+-=()aeijkxnmprstuv", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₓₙₘₚᵣₛₜᵤᵥ", strict=True))
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\{|\}|\^|_|\s+|[^\\{}^_\s]+", re.DOTALL)
_CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)


@lru_cache(4096)
def to_unicode(latex: str) -> str:
    r"""One line of Unicode that says the same.

    >>> to_unicode(r"\sigma(z)^2 \cdot \left(a - y\right)^\top")
    'σ(z)² · (a − y)ᵀ'
    >>> to_unicode(r"\frac{x + 1}{\sqrt{y}}"), to_unicode("e^{-x}"), to_unicode("w_{12}")
    ('(x + 1) / √y', 'e^(−x)', 'w₁₂')
    """
    latex = _CASES.sub(lambda m: re.sub(r"\s*\\\\\s*", ", ", re.sub(r"\s*&\s*", " ", m[1])).strip(), latex)
    groups: list[list[str]] = [[]]
    pending: list[list[str]] = [[]]  # per group: commands that wait for their arguments

    for token in _TOKEN.findall(latex):
        if token == "{":
            groups.append([])
            pending.append([])
        elif token == "}" and len(groups) > 1:
            text = "".join(groups.pop())
            pending.pop()
            _place(text, groups[-1], pending[-1])
        elif token in "^_" or (token.startswith("\\") and token[1:].strip() in ("frac", "sqrt", *_PLAIN)):
            pending[-1].append(token.strip())
        elif token.startswith("\\"):
            name = token[1:].strip()
            _place(
                _SYMBOLS.get(name, token[1] if len(name) == 1 and not name.isalpha() else name), groups[-1], pending[-1]
            )
        elif token.isspace():
            groups[-1].append(" ")
        else:
            _place_letters(token, groups[-1], pending[-1])
    text = "".join("".join(group) for group in groups)
    return re.sub(r"  +", " ", text).replace("-", "−").strip()


def _place_letters(text: str, group: list[str], pending: list[str]) -> None:
    """Plain letters; a command that waits takes the first alone, as LaTeX has it."""
    if pending:
        _place(text[0], group, pending)
        text = text[1:]
    if text:
        group.append(text)


def _place(text: str, group: list[str], pending: list[str]) -> None:
    """Put a piece of text where the waiting command needs it."""
    command = pending.pop() if pending else ""
    if command == "^":
        group.append(_shifted(text, _RAISED, "^"))
    elif command == "_":
        group.append(_shifted(text, _LOWERED, "_"))
    elif command == r"\sqrt":
        group.append("√" + _held(text))
    elif command == r"\frac":
        group.append(_held(text) + " / ")
        pending.append("denominator")
    elif command == "denominator":
        group.append(_held(text))
    else:
        group.append(text)


def _held(text: str) -> str:
    """In parentheses unless it is one piece already."""
    one_piece = re.fullmatch(r"[^\s+\-−·⊙/()]+|[^\s+\-−·⊙/()]*\([^()]*\)", text)
    return text if one_piece else f"({text})"


def _shifted(text: str, alphabet: dict[str, str], mark: str) -> str:
    if text and all(c in alphabet for c in text):
        return "".join(alphabet[c] for c in text)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"
