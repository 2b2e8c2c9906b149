"""What runs in a worker process: files come in, documents go out, one at a time, until the run closes the channel.

python -P -m indexer.workers.program HANDLE PARENT
"""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection
from typing import Literal

from indexer.workers.alive import Sign, listen
from indexer.workers.limits import ConversionLimits, end_with_parent, limit_memory
from search_core.model import Document
from search_core.vocabulary import Vocabulary

Message = Literal["ready", "out of memory"] | Sign | Document


def main(handle: str, parent: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's, which ends its workers
    end_with_parent(int(parent))
    with Connection(int(handle)) as channel:
        limits, vocabulary = channel.recv()
        _serve(channel, limits, vocabulary)


def _serve(channel: Connection, limits: ConversionLimits, vocabulary: Vocabulary) -> None:
    from indexer.convert_file import convert_file
    from indexer.ocr.installed import allow_ocr

    allow_ocr(limits.ocr)
    limit_memory(limits.memory_mb)
    listen(channel.send)
    channel.send("ready")
    try:
        while True:
            channel.send(convert_file(channel.recv(), vocabulary))
    except MemoryError:
        channel.send("out of memory")
    except EOFError:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
