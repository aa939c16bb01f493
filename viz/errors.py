"""The errors of pictures, each with its symptom, cause and cure."""

from __future__ import annotations

from graphcore.errors import GraphcoreError


class DrawError(GraphcoreError, ValueError):
    """Symptom: nothing is drawn. Cause: the subject is empty, or an option is invalid.

    Cure: the message lists the valid choices.

    >>> issubclass(DrawError, GraphcoreError) and issubclass(DrawError, ValueError)
    True
    """


class LayoutError(GraphcoreError, RuntimeError):
    """Symptom: there is DOT text but no picture of it. Cause: no layout engine is installed, or it took too long.

    Cure: ``python -m pip install pygraphviz``, or fold more, or allow more time; the message says which.

    >>> issubclass(LayoutError, RuntimeError)
    True
    """
