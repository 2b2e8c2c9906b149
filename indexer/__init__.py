"""Files in, passages out: convert, split, analyze, embed, write."""
