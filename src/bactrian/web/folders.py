"""The private folder of a server, and folders of servers that were killed.

A server holds a lock on a file in its folder for as long as it lives: the system lets go of it
however the process ends, and gives it to no other in the meantime. A folder whose lock can be
had belongs to nobody.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from time import sleep

PREFIX = "bactrian-"
OWNER = "owner"  # the file that is locked


class Folder:
    """A new private folder in the system's temporary directory."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        draft = self.path / f"{OWNER}.new"
        self._lock = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        _locked(self._lock)
        draft.rename(self.path / OWNER)  # it has its name only once it is locked

    def remove(self) -> None:
        """Remove the folder with its content."""
        os.close(self._lock)
        for _ in range(20):  # processes that are being ended may still write
            shutil.rmtree(self.path, ignore_errors=True)
            if not self.path.exists():
                return
            sleep(0.05)


def sweep() -> None:
    """Remove only the folders that this user's dead servers left behind."""
    if sys.platform == "win32":  # which has no such locks
        return
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            _remove_if_left(path)
        except OSError:  # no folder, or gone meanwhile, or none that a server has locked
            continue


def _remove_if_left(path: Path) -> None:
    """Remove a folder if it is private, belongs to us, and its server is dead.

    Raises
    ------
    OSError
        If it is no folder, or was no server's.
    """
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        known = os.fstat(folder)
        if known.st_uid != os.geteuid() or stat.S_IMODE(known.st_mode) != 0o700:
            return
        lock = os.open(OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            if not _locked(lock):
                return
            for entry in path.iterdir():
                if entry.name != OWNER:  # last, so that what is broken off can be taken up
                    _remove(entry)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)
    finally:
        os.close(folder)


def _locked(file: int) -> bool:
    """Take the lock of a file if nobody has it."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(entry: Path) -> None:
    """Remove a folder, or a file or link itself."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
