"""OpenDocument texts, spreadsheets and presentations; `odf` is what they have in common."""
