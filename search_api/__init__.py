"""The FastAPI service and the web page: questions in, passages of both languages out."""
