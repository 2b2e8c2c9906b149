"""Which files of the folders and files given are to be indexed: ignore rules, links, sidecars."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pathspec import GitIgnoreSpec

from search_core.errors import InvalidRequest
from search_core.file_names import is_writable, make_readable

IGNORE_FILE = ".passerelleignore"
SIDECAR_SUFFIX = ".meta.yaml"
FOLDER_METADATA = "_meta.yaml"

_UNREADABLE_NAME = "Its name is no UTF-8 and is shown in the charset that it is likely in."

_LEAVINGS = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
"""What systems leave in folders, and pack with them, besides hidden files."""


@dataclass(frozen=True)
class FoundFile:
    """A file and where it belongs: `path` is NFC, POSIX and relative to the folder `source`; `location` is on disk.

    `in_use`: a lock file beside it says that a program has it open. `folder_metadata` are the `_meta.yaml` of the
    folders that it lies in, the outermost first. A file in an archive has the `location` of that; `chain` is what the
    archives on the way call it, `sidecar_chain` and `folder_chains` what they call its sidecar and their `_meta.yaml`.
    `notes` are told.
    """

    source: str
    path: str
    location: Path
    in_use: bool = False
    folder_metadata: tuple[Path, ...] = ()
    chain: tuple[str, ...] = ()
    sidecar_chain: tuple[str, ...] = ()
    folder_chains: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Its absolute path as records have it."""
        return make_place(self.source, self.path)

    @property
    def sidecar(self) -> Path:
        return self.location.with_name(self.location.name + SIDECAR_SUFFIX)


@dataclass(frozen=True)
class PassedOver:
    """A file that was met and not read, and why."""

    source: str
    path: str
    reason: str

    @property
    def place(self) -> str:
        return make_place(self.source, self.path)


_Met = TypeVar("_Met", FoundFile, PassedOver)


@dataclass
class Listing:
    """What was met, in a stable order, each file once.

    `unopened` are archives that cannot be opened. What lies below `unread` folders and archives is not known.
    """

    files: list[FoundFile] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    unopened: list[PassedOver] = field(default_factory=list)


def make_place(source: str, path: str) -> str:
    """An absolute path by which records and files find each other."""
    return unicodedata.normalize("NFC", str(PurePosixPath(source) / path))


def list_files(paths: Sequence[Path]) -> Listing:
    """Everything below the folders, and the files, that were given. Raises `InvalidRequest` for what does not exist."""
    for path in paths:
        if not path.exists():
            raise InvalidRequest(f"There is no file or folder {path}.", remedy="Check the path.", parameter="paths")
    listing = Listing()
    for path in map(Path.resolve, paths):
        if path.is_dir():
            _list_folder(path, listing)
        else:
            _add_file(path, path.parent, listing, find_folder_metadata(path.parent))
    listing.passed_over += _find_twins(listing.files)
    return Listing(_keep_first(listing.files), _keep_first(listing.passed_over), listing.unread)


def _find_twins(files: Sequence[FoundFile]) -> list[PassedOver]:
    """Files whose names become one: composed and decomposed accents, bytes that are no UTF-8."""
    first: dict[str, FoundFile] = {}
    return [
        PassedOver(found.source, f"{found.path} (2)", "Another file beside it has the same name; rename one of them.")
        for found in files
        if first.setdefault(found.place, found).location != found.location
    ]


def _keep_first(met: Sequence[_Met]) -> list[_Met]:
    """Each place once: the arguments may overlap."""
    by_place: dict[str, _Met] = {}
    for found in met:
        by_place.setdefault(found.place, found)
    return list(by_place.values())


def _list_folder(source: Path, listing: Listing) -> None:
    described = {source: find_folder_metadata(source)}
    for folder, names, rules in _walk(source, listing):
        present = frozenset(names)
        if folder != source:
            described[folder] = described[folder.parent] + _own_metadata(folder)
        for name in names:
            path = folder / name
            if name != FOLDER_METADATA and not is_ignored(path, rules):
                _add_file(path, source, listing, described[folder], in_use=_has_lock(name, present))


def find_folder_metadata(folder: Path) -> tuple[Path, ...]:
    """The `_meta.yaml` of a folder and of those above it, the outermost first.

    Also above what is indexed: the same file has the same metadata, whichever folder above it was given.
    """
    return tuple(found for above in (*reversed(folder.parents), folder) for found in _own_metadata(above))


def _own_metadata(folder: Path) -> tuple[Path, ...]:
    """A folder's `_meta.yaml`, where there is one, readable or not."""
    path = folder / FOLDER_METADATA
    return (path,) if os.path.lexists(path) else ()


def _has_lock(name: str, names: Collection[str]) -> bool:
    """Word puts `~$pport.docx` beside `Rapport.docx`, LibreOffice `.~lock.Rapport.docx#`."""
    return any(lock in names for lock in (f"~${name}", f"~${name[1:]}", f"~${name[2:]}", f".~lock.{name}#"))


def _walk(source: Path, listing: Listing) -> Iterator[tuple[Path, list[str], list[IgnoreRules]]]:
    """Folders from the top, in order of their names, with the ignore rules that hold there."""
    waiting: list[tuple[Path, list[IgnoreRules]]] = [(source, [])]
    while waiting:
        folder, rules = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            _pass_over(folder, source, listing, f"The folder cannot be read: {error.strerror}.")
            listing.unread.append(folder)
            continue
        rules = [*rules, *read_rules(folder)]
        folders = [entry for entry in entries if _is_folder(entry)]
        yield folder, [entry.name for entry in entries if entry not in folders], rules
        inner = [entry for entry in folders if not is_ignored(Path(entry.path), rules, folder=True)]
        for entry in inner:
            if entry.is_symlink():
                _pass_over(Path(entry.path), source, listing, "A link to a folder is not followed.")
        waiting += [(Path(entry.path), rules) for entry in reversed(inner) if not entry.is_symlink()]


@dataclass(frozen=True)
class IgnoreRules:
    """The patterns of one ignore file, relative to its folder."""

    folder: Path
    spec: GitIgnoreSpec


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def read_rules(folder: Path) -> list[IgnoreRules]:
    try:
        lines = (folder / IGNORE_FILE).read_text("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return []
    return [IgnoreRules(folder, GitIgnoreSpec.from_lines(lines))]


def is_ignored(path: Path, rules: Sequence[IgnoreRules], *, folder: bool = False) -> bool:
    """Hidden and lock files and leavings always; else what the innermost ignore file that has an opinion says."""
    if is_hidden(path.name):
        return True
    for rule in reversed(rules):
        found = rule.spec.check_file(path.relative_to(rule.folder).as_posix() + "/" * folder)
        if found.include is not None:
            return found.include
    return False


def is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in _LEAVINGS


def _add_file(path: Path, source: Path, listing: Listing, described: tuple[Path, ...], *, in_use: bool = False) -> None:
    reason = _find_obstacle(path, source)
    if path.name == FOLDER_METADATA:
        _pass_over(path, source, listing, "It describes the files of its folder.")
    elif path.name.endswith(SIDECAR_SUFFIX):
        if not os.path.lexists(path.with_name(path.name.removesuffix(SIDECAR_SUFFIX))):
            _pass_over(path, source, listing, "It describes a file that is not here.")
    elif reason:
        _pass_over(path, source, listing, reason)
    else:
        notes = () if is_writable(path.relative_to(source).as_posix()) else (_UNREADABLE_NAME,)
        listing.files.append(FoundFile(str(source), _relative(path, source), path, in_use, described, notes=notes))


def _find_obstacle(path: Path, source: Path) -> str:
    """Why a file must not be read; empty where it may."""
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):  # RuntimeError: a link to itself
        return "A link that leads nowhere."
    if path.is_symlink() and not target.is_relative_to(source):
        return "A link that leaves the folder is not followed."
    return "" if stat.S_ISREG(mode) else "It is a device, a pipe or a folder, not a file."


def _pass_over(path: Path, source: Path, listing: Listing, reason: str) -> None:
    listing.passed_over.append(PassedOver(str(source), _relative(path, source), reason))


def _relative(path: Path, source: Path) -> str:
    return make_readable(path.relative_to(source).as_posix())
