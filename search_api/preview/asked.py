"""Which page is asked for, at which size, with what to mark."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from search_api.originals import Stamp

ImageSize = Literal["small", "large"]
IMAGE_SIZES: tuple[ImageSize, ...] = get_args(ImageSize)

DRAWING_VERSION = 1
"""Raise it when pages come to look otherwise: images drawn before are not used any more."""


@dataclass(frozen=True)
class AskedPage:
    """Page `number` (from 1) of the document at `path`, whose file is `file`, found unchanged with this `stamp`.

    `wanted` is the text to mark, as the document's text has it (empty: nothing), and `before` the text of the page
    ahead of it.
    """

    document_id: str
    path: str
    checksum: str
    file: Path
    stamp: Stamp
    number: int
    size: ImageSize = "small"
    wanted: str = ""
    before: str = ""

    @property
    def key(self) -> str:
        """Equal keys, equal images."""
        place = len(self.before) if self.wanted else 0
        parts = (DRAWING_VERSION, self.checksum, self.number, self.size, self.wanted, place)
        return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
