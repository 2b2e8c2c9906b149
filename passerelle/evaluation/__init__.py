"""Judged sets through the same pipelines as real documents and real questions, beside the usual recipe."""
