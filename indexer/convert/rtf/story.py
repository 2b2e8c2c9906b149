"""Text of an RTF file (the body, a note, a box, a header) as blocks: paragraphs, tables, what hangs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.convert.base import TextBuilder, join_cells


@dataclass(frozen=True)
class Block:
    """A paragraph or table; `level` is that of a heading, 0 for other text."""

    text: str
    level: int = 0


class Story:
    """Takes pieces of text and is told what ends where; a table's depth is 1, that of a table within it 2."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.blocks: list[Block] = []
        self._attached: list[Block] = []
        self._paragraphs: defaultdict[int, list[str]] = defaultdict(list)
        self._cells: defaultdict[int, list[list[str]]] = defaultdict(list)
        self._rows: defaultdict[int, list[list[list[str]]]] = defaultdict(list)

    def attach(self, blocks: list[Block]) -> None:
        """They follow the paragraph, or the table, that is being read."""
        self._attached += blocks

    def drop_paragraph(self) -> None:
        self.pieces.clear()

    def end_paragraph(self, depth: int, level: int = 0) -> None:
        """`depth` is 0 outside of tables; `level` that of a heading."""
        if depth:
            self._paragraphs[depth].append(self._take())
            return
        text = self._take()
        self._end_tables()
        self.blocks.append(Block(text, level))
        self._end_attached()

    def end_cell(self, depth: int) -> None:
        self._cells[depth].append([*self._paragraphs.pop(depth, []), self._take()])

    def end_row(self, depth: int) -> None:
        self._rows[depth].append(self._cells.pop(depth, []))

    def end(self) -> list[Block]:
        """All blocks."""
        self.end_paragraph(0)
        return self.blocks

    def _take(self) -> str:
        text = join_pieces(self.pieces).strip()
        self.pieces.clear()
        return text

    def _end_tables(self) -> None:
        """Also of what a damaged file left without an end."""
        for depth in sorted({*self._paragraphs, *self._cells, *self._rows}):
            if depth in self._paragraphs:
                self.end_cell(depth)
            if depth in self._cells:
                self.end_row(depth)
            self.blocks += _make_blocks(self._rows.pop(depth))
            self._end_attached()

    def _end_attached(self) -> None:
        self.blocks += self._attached
        self._attached = []


def _make_blocks(rows: list[list[list[str]]]) -> list[Block]:
    """A table of one column is a frame around text."""
    if all(len(cells) <= 1 for cells in rows):
        return [Block(text) for cells in rows for paragraphs in cells for text in paragraphs]
    lines = (join_cells([" ".join(paragraphs) for paragraphs in cells]) for cells in rows)
    return [Block("\n".join(filter(None, lines)))]


def join_pieces(pieces: list[str]) -> str:
    """The text, where two halves make one character: RTF counts as UTF-16 does."""
    return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def write_blocks(builder: TextBuilder, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if block.level:
            builder.add_heading(block.text, block.level)
        else:
            builder.add_block(block.text)
