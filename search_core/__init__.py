"""What indexing and searching must agree on.

Domain types, text analysis, glossary, embedding, engines, fusion, settings, errors.

`indexer` and `search_api` import this package and never each other.
"""

import os

# Documents are confidential: no room of this product sends usage figures anywhere. Haystack reads this when imported.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
