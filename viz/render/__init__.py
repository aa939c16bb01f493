"""From DOT text to pictures: theme, markup, engine, layout, animation."""
