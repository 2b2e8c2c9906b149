"""Working group, city, delegation and kind of a document, proposed by rules where nobody declared them.

Each file holds the rules of one field. All prefer no proposal to a wrong one; `tests/corpus/test_corpus_proposals.py`
measures them against what people declared of the documents of corpus/.
"""
