"""Tasks for development: ``nox -s tests``, ``lint``, ``types`` or ``docs``; arguments after ``--`` go to pytest."""

import nox

nox.options.sessions = ["lint", "types", "docs", "tests"]
nox.options.default_venv_backend = "uv|virtualenv"


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run the test suite, with coverage if ``--cov`` is passed."""
    session.install(".[dev]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of graphcore."""
    session.install(".[dev]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Run the code blocks of README and docs, check their links and words, and run the examples."""
    session.install(".[dev]")
    session.run("pytest", "tests/test_documents.py", "tests/test_words.py", "tests/test_examples.py", *session.posargs)
