"""Looking into archives and reading their members. Each archive is opened once for all its members."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import ZipFile

from search_core.archives.listing import ARCHIVE_MARKS, DAMAGES, MAX_MEMBER_BYTES, Contents, list_contents, open_archive
from search_core.errors import ConversionError
from search_core.looks import Look, is_settled, take_look


class _Known(NamedTuple):
    look: Look
    contents: Contents | ConversionError | None
    is_settled: bool


class Archives:
    """What was seen in archives, as long as they look the same. One stays open: `close` when nothing more is read.

    What was written to just before it was looked into is forgotten then.
    """

    def __init__(self) -> None:
        self._known: dict[Path, _Known] = {}
        self._open: list[tuple[object, ZipFile]] = []
        self._stream: IO[bytes] | None = None

    def look_into(self, path: Path) -> Contents | None:
        """What lies in a file that is an archive; None for any other file.

        Raises `ConversionError` for an archive that cannot be opened, `OSError` for a file that cannot be read.
        """
        look = take_look(path)
        known = self._known.get(path)
        if known is None or known.look != look:
            settled = is_settled(look, time.time_ns())
            known = _Known(look, _try_list(path, look), settled)
            self._known[path] = known
        if isinstance(known.contents, ConversionError):
            raise known.contents
        return known.contents

    def read(self, path: Path, chain: tuple[str, ...], max_bytes: int = MAX_MEMBER_BYTES) -> bytes:
        """The bytes of a member. Raises `ConversionError`, also where the archive is written to meanwhile."""
        look = take_look(path)
        try:
            data = _read_member(self._open_chain(path, look, chain[:-1]), chain[-1], max_bytes)
        except OSError as cause:
            self.close()
            raise ConversionError(
                f"The archive cannot be read: {cause.strerror or cause}.", remedy="Check that it may be read."
            ) from cause
        if take_look(path) != look:
            self.close()
            raise ConversionError("The archive is being written to.", remedy="Index it again when that has finished.")
        return data

    def close(self) -> None:
        """Let go of the archive that was read last, and forget what may have changed since without a trace."""
        self._known = {path: known for path, known in self._known.items() if known.is_settled}
        self._close_open()

    def _close_open(self) -> None:
        while self._open:
            self._open.pop()[1].close()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _open_chain(self, path: Path, look: Look, names: tuple[str, ...]) -> ZipFile:
        """The innermost of the archives that a member lies in; those that are open already are used."""
        keys: list[object] = [(path, look), *names]
        if [key for key, _ in self._open[:1]] != keys[:1]:
            self._close_open()
            self._stream = path.open("rb")
            self._open.append((keys[0], open_archive(self._stream)))
        while [key for key, _ in self._open] != keys[: len(self._open)]:
            self._open.pop()[1].close()
        for key in keys[len(self._open) :]:
            data = _read_member(self._open[-1][1], str(key), MAX_MEMBER_BYTES)
            self._open.append((key, open_archive(io.BytesIO(data))))
        return self._open[-1][1]


def _looks_like_archive(path: Path) -> bool:
    """Whether a file begins as a ZIP archive does, whatever its name. Raises `OSError`."""
    with path.open("rb") as stream:
        return stream.read(4) in ARCHIVE_MARKS


def _try_list(path: Path, look: Look) -> Contents | ConversionError | None:
    if not _looks_like_archive(path):
        return None
    try:
        with path.open("rb") as stream:
            return list_contents(stream, look[0])
    except ConversionError as error:
        return error


def _read_member(archive: ZipFile, name: str, max_bytes: int) -> bytes:
    """A member whole. No more is unpacked than its entry says, and that is looked at first."""
    with suppress(KeyError):
        entry = archive.getinfo(name)
        if entry.flag_bits & 1:
            raise ConversionError(
                "It is encrypted in its archive.", remedy="Unpack it with the password, and index what comes out."
            )
        if entry.file_size > max_bytes:
            raise ConversionError(
                f"The file has {entry.file_size // 1_000_000} MB, more than {max_bytes // 1_000_000}.",
                remedy="Split it into parts.",
            )
        try:
            return archive.read(entry)
        except DAMAGES as cause:
            raise ConversionError("It is damaged in its archive.", remedy="Pack the archive again.") from cause
    raise ConversionError("It is no longer in its archive.", remedy="Index the archive again.")
