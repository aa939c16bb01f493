"""What can go wrong with a picture, each class with its symptom, its cause and its cure."""

from __future__ import annotations

from graphcore.errors import GraphcoreError


class DrawError(GraphcoreError, ValueError):
    """Symptom: nothing is drawn. Cause: there is nothing to draw, or what is asked for does not exist.

    Cure: the message says what can be drawn.

    >>> issubclass(DrawError, GraphcoreError) and issubclass(DrawError, ValueError)
    True
    """


class LayoutError(GraphcoreError, RuntimeError):
    """Symptom: there is DOT text, and no picture of it. Cause: no layout engine works here, or it took too long.

    Cure: ``python -m pip install pygraphviz``, or fold more, or allow more time; the message says which.

    >>> issubclass(LayoutError, RuntimeError)
    True
    """
