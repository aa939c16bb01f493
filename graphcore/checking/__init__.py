"""Check rules against derivatives that are measured from the forward alone.

>>> import graphcore as gc, ops
>>> report = check(ops.tanh, [0.5, -1.5], libraries=False)
>>> report.entries, report.second
(4, 4)
>>> check(lambda x: 3.0, [0.5])
Traceback (most recent call last):
graphcore.errors.CheckError: <lambda> returned float for nodes, so its gradient cannot be followed
"""

from .proof import check
from .report import Report

__all__ = ["Report", "check"]
