"""Every code block of the README and of docs/ runs and prints what it shows; commands and links lead somewhere."""

import contextlib
import io
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
README = ROOT / "README.md"
RUN = [README, *sorted((ROOT / "docs").glob("*.md"))]
FURTHER = [ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/gallery/*.md")), *sorted(ROOT.glob("examples/**/*.md"))]
LINKED = [*RUN, ROOT / "CONTRIBUTING.md", *FURTHER]


def blocks(document):
    """Yield line, language and text of each fenced block."""
    text = document.read_text("utf-8")
    for found in re.finditer(r"```(\w*)\n(.*?)```", text, re.DOTALL):
        yield text.count("\n", 0, found.start(2)), found[1], found[2]


def programs(document):
    """Yield each Python block, with the text block that follows it as its output, if one does."""
    fenced = list(blocks(document))
    for (line, language, text), (_, follows, shown) in zip(fenced, [*fenced, (0, "", "")][1:], strict=True):
        if language == "python":
            yield line, text, shown if follows == "text" else None


def named(document):
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", RUN, ids=named)
def test_python_blocks(document, tmp_path, monkeypatch):
    """One after the other, each seeing what those before it defined."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": f"__{document.stem}__"}
    for line, program, output in programs(document):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + program, str(document), "exec"), names)
        if output is not None:
            assert printed.getvalue().rstrip() == output.rstrip(), f"{named(document)}:{line}"


@pytest.mark.parametrize("document", [README, ROOT / "docs" / "writing-rules.md"], ids=named)
def test_there_are_blocks_with_output(document):
    assert sum(output is not None for _, _, output in programs(document)) >= 2


def test_shell_blocks_use_what_exists():
    commands = "\n".join(text for _, language, text in blocks(README) if language == "bash")
    assert "pytest" in commands
    known = {path.stem for path in (ROOT / "graphcore" / "commands").glob("*.py")}
    for word in re.findall(r"graphcore (\w+)", commands):
        assert word in known


@pytest.mark.parametrize("document", LINKED, ids=named)
def test_pictures_and_links_exist(document):
    prose = re.sub(r"```.*?```|`[^`]*`", "", document.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", prose):
        path = document.parent / (target[0] or target[1])
        assert path.exists(), path


def test_pre_commit_runs_the_ruff_that_is_tested():
    pinned = re.search(r"ruff==([\d.]+)", (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.search(r"ruff-pre-commit\s+rev: v([\d.]+)", hooks)[1] == pinned
