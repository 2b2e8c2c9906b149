"""LibreOffice, where it is installed, saves old formats as modern ones that a library reads.

It runs as one process of the worker's, with a profile of its own that is thrown away: no macros, no updating of links,
no network, nothing of the user's. The worker's limits are its limits.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path

from indexer.workers.alive import tell_alive
from indexer.workers.limits import end_with_parent
from search_core.errors import ConversionError

INSTALL_COMMAND = "apt install libreoffice-writer libreoffice-calc libreoffice-impress"

_COMMANDS = ("soffice", "libreoffice")
_MAC_PROGRAM = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")

_STARTED_ANEW = 81
"""It leaves with this status after it has made its profile, and expects to be started again."""

_NEW_USER_NAMESPACE, _NEW_NETWORK_NAMESPACE = 0x10000000, 0x40000000

_OPTIONS = {
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",
        "DisableMacrosExecution": "true",
        "BlockUntrustedRefererLinks": "true",
    },
    "Office.Writer/Content/Update": {"Link": "2"},
    "Office.Calc/Content/Update": {"Link": "2"},
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
    },
}
"""Macros never (3), links never updated (2); whatever is fetched all the same is asked of a proxy that is not there."""


def find_libreoffice() -> Path | None:
    """The program, or None where it is not installed.

    It is started without the script around it, whose children would outlive it when it is killed.
    """
    named = next(filter(None, map(shutil.which, _COMMANDS)), None)
    program = Path(named).resolve() if named else _MAC_PROGRAM
    direct = program.with_name("soffice.bin")
    return next((path for path in (direct, program) if path.is_file()), None)


def libreoffice_version() -> str:
    """`LibreOffice 7.4.7.2`, or the empty string where it is not installed."""
    program = find_libreoffice()
    return _ask_version(program, program.stat().st_mtime_ns) if program else ""


def save_as(data: bytes, suffix: str, target: str) -> bytes:
    """The document in another format; both are given by their ending (`.doc`, `.docx`).

    Raises `ConversionError` where LibreOffice is not installed or does not read the file.
    """
    program = find_libreoffice()
    if program is None:
        raise ConversionError(
            f"Files of this format ({suffix}) need LibreOffice, which is not installed.",
            remedy=f"Install it ({INSTALL_COMMAND}) and index again, or save the file as {target}.",
        )
    with tempfile.TemporaryDirectory(prefix="libreoffice-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given = folder / f"file{suffix}"
        given.write_bytes(data)
        _write_options(folder / "profile")
        _run(program, folder, ["--convert-to", target[1:], "--outdir", str(folder / "saved"), str(given)])
        tell_alive()
        saved = folder / "saved" / f"file{target}"
        if not saved.is_file():
            raise ConversionError(
                "LibreOffice cannot read the file.",
                remedy=f"Open it in the program that made it and save it as {target}.",
            )
        return saved.read_bytes()


@cache
def _ask_version(program: Path, changed_ns: int) -> str:  # noqa: ARG001 - another program has another version
    """Takes a tenth of a second."""
    with tempfile.TemporaryDirectory(prefix="libreoffice-", ignore_cleanup_errors=True) as folder:
        told = _run(program, Path(folder), ["--version"], is_trusted=True)
    return " ".join(told.split()[:2])


def _run(program: Path, folder: Path, arguments: list[str], *, is_trusted: bool = False) -> str:
    """What it prints. It keeps all it writes in `folder`, and sees nothing of our environment.

    What is to be confined has to be started where there are no other threads, as in a worker.
    """
    command = [
        str(program),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--nologo"),
        *arguments,
    ]
    places = dict.fromkeys(("HOME", "TMPDIR", "OSL_SOCKET_PATH"), str(folder))
    for _ in range(2):
        done = subprocess.run(  # noqa: S603 - the program that was installed
            command,
            env={**places, "PATH": os.defpath, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=None if is_trusted else partial(_confine, os.getpid()),
            check=False,
        )
        if done.returncode != _STARTED_ANEW:
            break
    return done.stdout.decode(errors="replace")


def _confine(parent: int) -> None:
    """Has no network where the system lets go of it (the options are there in any case), and ends with the worker.

    In this order: the system forgets who is to end with whom when a process changes its rights.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(_NEW_USER_NAMESPACE | _NEW_NETWORK_NAMESPACE)
    end_with_parent(parent)


def _write_options(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, options in _OPTIONS.items()
        for name, value in options.items()
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n',
        encoding="utf-8",
    )
