"""Names of persons and places across scripts: read, recognised in questions, found in documents."""
