"""The commands of ``graphcore``, one per file. Here, and nowhere else in graphcore, ops and viz are known."""
