"""What runs in a process of its own: one page is asked for on standard input, its image goes to standard output.

python -P -m search_api.preview.program

The file is given open, by its handle: this process opens none by name. PDFium may crash or loop on a page that was
written to do harm, and that costs this page and nothing else.
"""

from __future__ import annotations

import json
import os
import resource
import sys


def main() -> None:
    asked = json.load(sys.stdin)
    _limit(asked.pop("seconds"), asked.pop("memory_mb"))
    from search_api.preview.drawing import draw_page

    with os.fdopen(asked.pop("handle"), "rb") as file:
        image = draw_page(file, **asked)
    sys.stdout.buffer.write(image)


def _limit(seconds: int, memory_mb: int) -> None:
    """Processor time, memory, no memory image when it crashes, and no file to write to."""
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_DATA: memory_mb * 2**20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main()
