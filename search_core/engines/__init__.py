"""Engines: what stores documents and passages and finds them again. `base` is the seam, one file an engine."""
