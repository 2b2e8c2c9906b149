"""The `passerelle` command: the only place that knows both the indexer and the search service."""
