"""Text analysis by script run, the same for every passage and every query."""
