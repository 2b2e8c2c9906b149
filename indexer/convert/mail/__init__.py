"""Mails: two families, `eml` and `msg`, each of which gives a `mail` to be written as text."""
