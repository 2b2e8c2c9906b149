"""Pages of PDF files as images, with the passage that answers marked where it stands.

asked.py     which page, at which size, with what to mark
locate.py    where a text stands among the characters of a page, which reads a little differently
drawing.py   the page as a PNG image
program.py   what runs in a process of its own, within limits
renderer.py  that process: started, waited for, ended
cache.py     the images on disk, within a size
previews.py  an image from the cache, or drawn and kept
"""
