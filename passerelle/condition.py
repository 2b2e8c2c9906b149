"""`status` says what is there, `doctor` what is wrong and what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from indexer.beside import describe_kept, describe_unfinished
from indexer.convert.office.libreoffice import INSTALL_COMMAND, libreoffice_version
from indexer.ocr.installed import INSTALL_COMMAND as INSTALL_OCR
from indexer.ocr.installed import find_tesseract
from search_core.errors import IndexOutdated, PasserelleError, SettingsError
from search_core.findings import Finding, attempt
from search_core.opening import examine_engine
from search_core.settings import Settings
from search_core.versions import check_versions, read_versions, stored_glossary

if TYPE_CHECKING:
    from passerelle.workspace import Workspace

GIB = 2**30
LEAST_DISK = 1 * GIB
LEAST_MEMORY = 2 * GIB
"""The model takes 0.6 GiB, torch as much again; the rest is for passages."""


def describe_index(workspace: Workspace) -> dict[str, Any]:
    """What is indexed, by what model, where. Does not load the model."""
    status = workspace.index.status()
    versions = read_versions(workspace.index)
    stored = stored_glossary(workspace.index)
    return {
        "engine": status.engine,
        "location": status.location,
        "documents": dict(status.documents),
        "passages": dict(status.passages),
        "removed": status.removed,
        "bytes": status.bytes,
        "index_version": status.version,
        "model": versions.model_name if versions else workspace.settings.model,
        "glossary_pairs": len(workspace.glossary.entries),
        "reindex_advised": stored is not None and stored.version != workspace.glossary.version,
        "reindex_unfinished": _describe_beside(lambda: describe_unfinished(workspace.index)),
        "rollback_to": _describe_beside(lambda: describe_kept(workspace.index)),
    }


def _describe_beside(describe: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
    """An index beside the living one, which may have been made by another version of Passerelle."""
    try:
        return describe()
    except IndexOutdated as error:
        return {"problem": error.message}


def examine(workspace: Workspace) -> list[Finding]:
    """Every check, in the order in which a problem would stop a newcomer."""
    return list(_iter_findings(workspace))


def _iter_findings(workspace: Workspace) -> Iterator[Finding]:
    data = workspace.settings.data
    yield _examine_disk(data)
    yield _examine_memory()
    yield _examine_rights(data)
    yield Finding("SQLite", f"{sqlite3.sqlite_version}, threads {sqlite3.threadsafety}")
    yield _examine_ocr(workspace.settings.ocr)
    yield from _examine_engine(workspace.settings)
    yield attempt("index", lambda: _describe_documents(workspace))
    yield attempt("model", lambda: _try_model(workspace))
    yield attempt("versions", lambda: _compare_versions(workspace))
    yield _examine_glossary(workspace)
    yield _examine_libreoffice()


def _examine_engine(settings: Settings) -> Iterator[Finding]:
    try:
        yield from examine_engine(settings)
    except SettingsError as error:
        yield Finding(settings.engine, error.message, error.remedy)


def _examine_disk(data: Path) -> Finding:
    free = shutil.disk_usage(_nearest(data)).free
    remedy = "" if free >= LEAST_DISK else "Free some space, or set PASSERELLE_DATA to another disk."
    return Finding("disk", f"{free / GIB:.1f} GiB free for {data}", remedy)


def _examine_memory() -> Finding:
    available = psutil.virtual_memory().available
    remedy = "" if available >= LEAST_MEMORY else "Close other programs: the model and the passages need 2 GiB."
    return Finding("memory", f"{available / GIB:.1f} GiB available", remedy)


def _examine_rights(data: Path) -> Finding:
    writable = os.access(_nearest(data), os.W_OK | os.X_OK)
    remedy = "" if writable else "Set PASSERELLE_DATA to a folder that you may write to."
    return Finding("rights", f"{data} can {'' if writable else 'not '}be written", remedy)


def _examine_ocr(setting: str) -> Finding:
    if setting == "off":
        return Finding("OCR", "switched off (PASSERELLE_OCR)")
    found = find_tesseract()
    if found is None:
        return Finding("OCR", "Tesseract is not installed", f"To have scanned pages recognised: {INSTALL_OCR}")
    state = f"Tesseract {found.version} for {', '.join(found.languages)}"
    remedy = f"Install its data for {', '.join(found.missing)} too: {INSTALL_OCR}" if found.missing else ""
    return Finding("OCR", state, remedy)


def _try_model(workspace: Workspace) -> str:
    workspace.embedder.embed_queries(["réseau 网络"])
    return f"{workspace.embedder.name} ({workspace.embedder.identity})"


def _describe_documents(workspace: Workspace) -> str:
    status = workspace.index.status()
    return f"{sum(status.documents.values())} documents, {sum(status.passages.values())} passages"


def _compare_versions(workspace: Workspace) -> str:
    check_versions(workspace.index, workspace.analyzer.version, workspace.embedder.identity)
    return "index, analysis and model belong together"


def _examine_glossary(workspace: Workspace) -> Finding:
    try:
        glossary = workspace.glossary
    except PasserelleError as error:
        return Finding("glossary", error.message, error.remedy)
    state = f"{len(glossary.entries)} pairs, {len(glossary.problems)} lines that cannot be used"
    lines = [f"{problem.file}, line {problem.line}: {problem.message}." for problem in glossary.problems]
    return Finding("glossary", state, "Correct " + " ".join(lines) if lines else "")


def _examine_libreoffice() -> Finding:
    version = libreoffice_version()
    remedy = "" if version else f"Install LibreOffice ({INSTALL_COMMAND}), or do without .doc, .ppt and .wps files."
    return Finding("old formats", version or "LibreOffice is not installed", remedy)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    absolute = folder.absolute()
    return next(each for each in (absolute, *absolute.parents) if os.path.exists(each))  # noqa: PTH110 - never raises
