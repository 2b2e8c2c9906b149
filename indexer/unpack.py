"""Archives read as folders: each file in one is found as `archive.zip/folder/name`, for `index` and `sync` alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from indexer.find import (
    FOLDER_METADATA,
    SIDECAR_SUFFIX,
    FoundFile,
    IgnoreRules,
    Listing,
    PassedOver,
    is_hidden,
    is_ignored,
    list_files,
    read_rules,
)
from search_core.archives import Archives, Contents, Member
from search_core.errors import ConversionError

_ARCHIVE_SUFFIX = ".zip"


def find_files(paths: Sequence[Path], archives: Archives) -> Listing:
    """What `list_files` finds, with the files in archives in place of these. Raises `InvalidRequest` as it does.

    An archive is known by its content. What begins like one and cannot be opened is one if its name says so.
    """
    listing = list_files(paths)
    found, listing.files = listing.files, []
    for file in found:
        _add(file, listing, archives)
    return listing


def _add(found: FoundFile, listing: Listing, archives: Archives) -> None:
    try:
        contents = archives.look_into(found.location)
    except OSError:  # told when it is to be read
        contents = None
    except ConversionError as error:
        contents = None
        if found.location.suffix.casefold() == _ARCHIVE_SUFFIX:
            _add_unopened(found, "", str(error), listing)
            return
    if contents is None:
        listing.files.append(found)
    else:
        _add_members(found, contents, listing)


def _add_members(archive: FoundFile, contents: Contents, listing: Listing) -> None:
    rules = _read_rules_above(archive)
    by_path = {member.path: member for member in contents.members if not member.is_link}
    _pass_over(archive, "", _count(len(contents.members)), listing)
    for path, count in contents.inner.items():
        _pass_over(archive, path, _count(count), listing)
    for path, reason in contents.unreadable.items():
        _add_unopened(archive, path, reason, listing)
    for member in contents.members:
        if _is_left_out(archive, member.path, rules):
            continue
        if member.is_link:
            _pass_over(archive, member.path, "A link in an archive is not followed.", listing)
        elif PurePosixPath(member.path).name == FOLDER_METADATA:
            _pass_over(archive, member.path, "It describes the files of its folder.", listing)
        elif not member.path.endswith(SIDECAR_SUFFIX):
            listing.files.append(_make_found(archive, member, by_path))
        elif member.path.removesuffix(SIDECAR_SUFFIX) not in by_path:
            _pass_over(archive, member.path, "It describes a file that is not here.", listing)


def _make_found(archive: FoundFile, member: Member, by_path: Mapping[str, Member]) -> FoundFile:
    sidecar = by_path.get(member.path + SIDECAR_SUFFIX)
    folders = reversed(PurePosixPath(member.path).parents)
    described = [found for folder in folders if (found := by_path.get(str(folder / FOLDER_METADATA)))]
    assumed = f"File names in the archive are taken for {member.name_charset}." if member.name_charset else ""
    return FoundFile(
        source=archive.source,
        path=_join(archive, member.path),
        location=archive.location,
        in_use=archive.in_use,
        folder_metadata=archive.folder_metadata,
        chain=member.chain,
        sidecar_chain=sidecar.chain if sidecar else (),
        folder_chains=tuple(found.chain for found in described),
        notes=(assumed,) if assumed else (),
    )


def _read_rules_above(archive: FoundFile) -> list[IgnoreRules]:
    """The ignore rules that hold where an archive lies hold in it too."""
    source, folder = Path(archive.source), archive.location.parent
    folders = [above for above in (folder, *folder.parents) if above.is_relative_to(source)]
    return [rule for above in reversed(folders) for rule in read_rules(above)]


def _is_left_out(archive: FoundFile, path: str, rules: Sequence[IgnoreRules]) -> bool:
    return any(map(is_hidden, PurePosixPath(path).parts)) or is_ignored(archive.location / path, rules)


def _add_unopened(archive: FoundFile, path: str, reason: str, listing: Listing) -> None:
    unopened = PassedOver(archive.source, _join(archive, path), reason)
    listing.unopened.append(unopened)
    listing.unread.append(Path(unopened.place))


def _pass_over(archive: FoundFile, path: str, reason: str, listing: Listing) -> None:
    listing.passed_over.append(PassedOver(archive.source, _join(archive, path), reason))


def _join(archive: FoundFile, path: str) -> str:
    return f"{archive.path}/{path}" if path else archive.path


def _count(members: int) -> str:
    return f"An archive, read as a folder of {members} file{'' if members == 1 else 's'}."
