"""A folder into which one process writes at a time.

The lock is one of the operating system (POSIX record lock on the file `in-use`): it ends with the process, however that
ends, so what was killed never stands in the way. Simulations of the same process do not keep each other out. Where a
file system knows no locks nothing is kept out.
"""

from __future__ import annotations

import os
import platform
import sys
import weakref
from pathlib import Path
from types import TracebackType

if sys.platform != "win32":
    import fcntl


class Claim:
    """Keeps other processes from claiming `folder`, until it is released or nobody has it any more.

    Raises BlockingIOError if another process has the folder, OSError if nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o666)
        self.release = weakref.finalize(self, os.close, self._handle)
        self.renew()

    def renew(self) -> None:
        """Claim it again: closing any handle of this process on the file has ended the lock."""
        if sys.platform == "win32":
            return
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            holder = os.pread(self._handle, 200, 0).decode(errors="replace").strip() or "another process"
            raise BlockingIOError(
                f"{holder} is writing checkpoints into {str(self._folder)!r}; wait until it ends, end it, or use "
                "another folder."
            ) from None
        except OSError:
            return
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)

    def __enter__(self) -> Claim:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
