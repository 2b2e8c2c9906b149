"""Disks: which are another machine's (no database may lie there, no change there is told), and what is safe on one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

_NETWORK_FILESYSTEMS = {
    *("afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"),
    *("fuse.ceph", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "smb2", "smb3", "smbfs", "webdav"),
}


class Mount(Protocol):
    """What psutil tells of a mounted file system."""

    @property
    def mountpoint(self) -> str: ...

    @property
    def fstype(self) -> str: ...


def network_filesystem(path: Path, mounts: Sequence[Mount]) -> str | None:
    """The type of the network file system that `path` lies on, or None where the disk is local."""
    mounted = [mount for mount in mounts if path.is_relative_to(mount.mountpoint)]
    if not mounted:
        return None
    innermost = max(mounted, key=lambda mount: len(mount.mountpoint))
    return innermost.fstype if innermost.fstype in _NETWORK_FILESYSTEMS else None


def flush_folder(path: Path) -> None:
    """Have what a folder lists on disk: which files were made in it, and renamed."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
