"""Tables as text, whichever format they come from: `cells` to `lines`, each value with its column's `header`."""
