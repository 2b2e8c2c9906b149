"""A module for each format family, beside its relatives in a folder; `registry` says which of them reads what."""
