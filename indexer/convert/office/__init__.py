"""Microsoft's office formats, new (`docx`, `pptx`, `xlsx`) and old; `legacy` is read by way of LibreOffice."""
