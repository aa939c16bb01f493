"""Source locations, bounded caches and nested containers; independent of graphs."""
