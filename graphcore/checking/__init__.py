"""Proves rules: measures every derivative from the forward alone, and holds the rules against that."""

from .findings import Report
from .proof import check

__all__ = ["Report", "check"]
