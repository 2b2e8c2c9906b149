"""One file a format family; `registry` says which of them reads what."""
