"""The gradient diagram: what to show, what to fold, what each box and edge says, and its DOT text."""
