"""Terms of the field in docstrings, messages and documents; `python tests/test_words.py PATH...` lists other words."""

import ast
import io
import pathlib
import re
import sys
import tokenize

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGES = ("graphcore", "ops", "viz")

#: each expression that is banned, and what to write instead; all of them are matched as whole words, in any case
BANNED = {
    # terms
    r"whole numbers?": "integer",
    r"(?<!ground )truths?(?! values?| tables?)": "boolean",
    r"places?(?<!take place)(?<!takes place)(?<!in place)(?! of\b)": "index, axis, position or entry",
    r"entry by entry": "elementwise",
    r"foretold|foretells?": "inferred",
    r"sealed": "read-only",
    r"(?<!may_)shares?(?! (?:one|a|an|the|its|their|no|this|all|memory|storage|weights|your)\b)": "contribution",
    r"(?:in|along|by) (?:\d+|several|two|three|many|all|both|more|those|these) ways": "along … paths",
    r"ways? \d+|ways? (?:to the cost|that|whose|which)|(?:heaviest|heavier|each|every|longest|only) ways?": "path",
    r"(?:on|for|with|and) the way(?: forward| there)?|all the way": "in the forward pass, along the path, in between",
    r"ways? back|walks? backward|walk(?:s|ed|ing)? back": "backward pass",
    # code is no person
    r"(?:is|are|was|were|be|been|being|not) told|told (?:of|by|that|when|what|in|to)": "given, described, reported",
    r"tells?(?! apart)|telling|told": "describe, report, return, show",
    r"said (?:of|by|in|once|to)|(?:is|are|was|were) said": "described, reported, written",
    r"knows?|knew": "has, supports, records",
    r"bears?|borne": "has the name, is named",
    r"wants|wanted by": "needs, requires",
    r"asked (?:about|for|of)|asks?": "requested, chosen, called with",
    r"answers|answered": "returns, responds, results",
    r"answer(?= (?:of|to|along|that|as))": "response, result",
    r"speaks?|spoken": "is written in, supports",
    r"forgets?|forgetting": "discard, release",
    r"hand(?:s|ed|ing) (?:back|to|out|over|on|in|it|them|the|a|something|nothing|more)": "pass, return, contribute",
    r"(?:hand|hands|handed) back": "return, contribute",
    r"hand(?= (?:it|them|the|a) )": "pass, return",
    r"hears?|heard|wishes": "receive, prefer",
    # nobody
    r"somebody(?: else)?|somebody's|nobody|anybody|everybody|everyone": "the caller, a user, or the passive voice",
    r"(?:is|are) none": "does not exist, is not a …",
    r"made sure of|make sure of": "checked, validated",
    r"what (?:is|are|was) (?:told|asked|meant|handed)": "a noun of the field",
    r"on (?:behalf of whom|somebody's behalf)": "for",
    r"he|she|his|hers?|him|himself|herself": "they, it, or the name of the thing",
    # pictures and pages
    r"for real(?! numbers?| inputs?| arrays?| data| matri)|as it really is": "actual",
    r"nudges? is passed on": "passes the nudge through",
    r"magnified": "shown at 10×",
}
#: what is meant by the same letters and may stay, each with the reason
ALLOWED = {
    r"(?:decimal|many|binary) places": "digits behind the point",
    r"(?:in|into|out of|take|takes|taking|took|taken) (?:its |their |the )?place": "in place is numpy's term",
    r"data-place|class=\"[\w ]*place[\w ]*|place parameter": "names of attributes and classes of a page",
    r"(?:in one|one) place": "where something is written in the sources",
    r"memory[- ]shar\w+|shar\w+ memory": "numpy's term",
    r"(?:you|people|readers|users|who|students|engineers) (?:already )?(?:know|knows|ask|asks|tell|hear)": "people may",
    r"He (?:initiali[sz]ation|et al)\w*|Kaiming He": "the name of a person",
    r"tells? (?:\w+ )?apart": "distinguishes two things, a common verb",
}
#: documents that are kept as they were written
KEPT = {"CHANGELOG.md": "the record of earlier changes", "tests/test_words.py": "the list itself"}

_BANNED = [(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), instead) for pattern, instead in BANNED.items()]
_ALLOWED = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in ALLOWED))
_CLAUSE = re.compile(r"(?:What|Whatever|Whether|How|Where|Wherever|Which|Who|Whom|Whose|When|Why)\b")
_CODE_LINE = re.compile(r"^\s*(?:>>>|\.\.\.).*$", re.MULTILINE)
_SCRIPT = re.compile(r"(?<![:\w])//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", re.DOTALL)


def findings(path):
    """Yield the line, the words found there and what to write instead, for one file."""
    source = path.read_text("utf-8")
    texts = {".py": python_texts, ".js": script_texts, ".html": page_texts, ".md": page_texts}[path.suffix](source)
    for first, text in texts:
        allowed = [found.span() for found in _ALLOWED.finditer(text)]
        for pattern, instead in _BANNED:
            for found in pattern.finditer(text):
                if not any(start <= found.start() and found.end() <= end for start, end in allowed):
                    yield first + text.count("\n", 0, found.start()), found[0].replace("\n", " "), instead
    if path.suffix == ".py":
        yield from clauses(source)


def python_texts(source):
    """Yield the line and the text of each docstring, message and comment; names and lines of code are left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, blank(_CODE_LINE, node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def script_texts(source):
    """Yield the line and the text of each comment and string of JavaScript."""
    for found in _SCRIPT.finditer(source):
        if " " in found[0].strip("\"'` "):
            yield source.count("\n", 0, found.start()) + 1, blank(re.compile(r"\$\{[^}]*\}"), found[0])


def page_texts(source):
    """Yield a document as one text, without code spans, links' targets and tags."""
    yield 1, blank(re.compile(r"```python\n.*?```|`[^`\n]*`|\]\([^)\s]*\)|<[^>]*>", re.DOTALL), source)


def blank(pattern, text):
    """Replace what a pattern finds by spaces, so that line numbers stay."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def clauses(source):
    """Yield each docstring that opens with a clause used as a noun ("What is…", "Whether…")."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found = _CLAUSE.match((ast.get_docstring(node) or "").lstrip())
            if found:
                yield node.body[0].lineno, f"{found[0]} …", "an imperative (functions) or a noun phrase of the field"


def files_in(*roots):
    """Return the files below the given paths whose words are checked."""
    found = []
    for root in roots:
        inside = (
            [root]
            if root.is_file()
            else (path for kind in ("py", "js", "html", "md") for path in root.rglob(f"*.{kind}"))
        )
        found += [path for path in inside if ".venv" not in path.parts and named(path) not in KEPT]
    return sorted(found)


def named(path):
    return path.resolve().relative_to(ROOT).as_posix() if path.resolve().is_relative_to(ROOT) else path.as_posix()


def reported(path):
    return [f"{named(path)}:{line}: {words!r}, better: {instead}" for line, words, instead in sorted(findings(path))]


TESTED = files_in(
    *(
        ROOT / name
        for name in (*PACKAGES, "examples", "benchmarks", "docs", "README.md", "CONTRIBUTING.md", "SECURITY.md")
    )
)


@pytest.mark.parametrize("path", TESTED, ids=named)
def test_words_are_those_of_the_field(path):
    assert reported(path) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""Return a whole number."""', [(1, "whole number")]),
        ("# one share each", [(1, "share")]),
        ('raise ValueError(f"{x} is sealed")', [(1, "sealed")]),
        ('"""What is there."""', [(1, "What …")]),
        ('def f():\n    """Return it.\n\n    The way back.\n    """', [(4, "way back")]),
        ("told = sealed.places", []),
        ('"""Written in place, to 3 decimal places, by hand.\n\n>>> tells(1)\n"""', []),
    ],
)
def test_findings_of_a_source(tmp_path, source, expected):
    path = tmp_path / "source.py"
    path.write_text(source, "utf-8")
    assert [(line, words) for line, words, _ in findings(path)] == expected


if __name__ == "__main__":
    found = [line for path in files_in(*map(pathlib.Path, sys.argv[1:] or [ROOT])) for line in reported(path)]
    print("\n".join([*found, f"{len(found)} findings"]))  # noqa: T201  a list for the terminal
    sys.exit(bool(found))
