"""What indexing and searching must agree on.

Domain types, text analysis, glossary, embedding, engines, fusion, settings, errors.

`indexer` and `search_api` import this package and never each other.
"""
