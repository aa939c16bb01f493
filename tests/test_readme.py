"""Every code block of the README runs and prints what it shows; its commands are the ones that exist."""

import contextlib
import io
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def programs():
    """Each Python block, with the text block that follows it as its output, if one does."""
    for i, (language, text) in enumerate(BLOCKS):
        if language == "python":
            follows = BLOCKS[i + 1] if i + 1 < len(BLOCKS) else ("", "")
            yield pytest.param(text, follows[1] if follows[0] == "text" else None, id=f"block{i}")


@pytest.fixture(scope="module")
def names():
    return {"__name__": "__readme__"}


@pytest.mark.parametrize(("program", "output"), list(programs()))
def test_python_block(program, output, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "README.md", "exec"), names)
    if output is not None:
        assert printed.getvalue().rstrip() == output.rstrip()


def test_there_are_blocks_with_output():
    assert sum(param.values[1] is not None for param in programs()) >= 2


def test_shell_blocks_use_what_exists():
    commands = "\n".join(text for language, text in BLOCKS if language == "bash")
    assert "pytest" in commands
    known = {path.stem for path in (ROOT / "graphcore" / "commands").glob("*.py")}
    for word in re.findall(r"graphcore (\w+)", commands):
        assert word in known


def test_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", README):
        path = ROOT / (target[0] or target[1])
        assert path.exists(), path
