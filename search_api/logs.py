"""Keeps what people ask out of the web server's access log."""

from __future__ import annotations

import logging


class WithoutQuery(logging.Filter):
    """Cuts addresses in a uvicorn access line at their query string."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


_without_query = WithoutQuery()


def hide_queries() -> None:
    """Make the access log of this process show paths only. Calling it again changes nothing."""
    logging.getLogger("uvicorn.access").addFilter(_without_query)
