"""Finding documents that are versions of each other: the same document in French and in Chinese.

facts.py       what a text keeps when it is translated: numbers, dates, names
portrait.py    a document as it is compared
background.py  how far documents of the collection agree by chance, and how far translations do
align.py       how well the passages of two documents follow each other
evidence.py    everything that speaks for or against a pair, as one score
detect.py      looks at what is new or changed, and records the pairs
"""
