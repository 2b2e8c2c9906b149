"""PDF files: from `runs` (what stands where) over `layout` and `paragraphs` to `pages`, which `pdf` puts together."""
