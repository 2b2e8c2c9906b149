"""Rich text: `tokens` that `reader` makes a `story` of, and `fonts` with their charsets; `rtf` gives it as text."""
