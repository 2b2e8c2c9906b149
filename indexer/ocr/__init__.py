"""Pictures of text are recognised with Tesseract, an own program that need not be installed.

installed.py   what of it is there, whether it may be used, and the command that installs it
prepare.py     any picture to what Tesseract reads best
words.py       one call of Tesseract: a picture to words, their places and confidences
lost_lines.py  lines that it passes over
lay_out.py     words to paragraphs, without the spaces that Chinese has not
script.py      Simplified or Traditional
oddity.py      how much of a text nobody would write
recognize.py   a page: in which languages it is read, and whether it stands upright
pages.py       many pages at once
"""
