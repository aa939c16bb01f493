"""What has nothing to do with graphs: source locations, bounded caches, nested containers."""
