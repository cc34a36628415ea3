"""What has been sent, in a file: an interrupted `storescu` goes on where it ended.

Each line is JSON: a peer and a file it has stored. A file that has changed since, in size or time,
is another one, and so is the same file for another peer. Lines are only ever added: two programs
may share a journal, and what a crash has left of a line is no more than that.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pynetdicom.apps._proposal import Instance

_HEAD = {"journal": "pynetdicom storescu", "version": 1}

# What a file is known by: its path, size, and time of last change.
Mark = tuple[str, int, int]


class JournalError(Exception):
    """The file is no journal; the message says so."""


def default_path() -> Path:
    """Return where the journal is, unless an option says otherwise."""
    home = os.environ.get("XDG_STATE_HOME")
    folder = Path(home) if home and Path(home).is_absolute() else Path.home() / ".local" / "state"
    return folder / "pynetdicom" / "storescu.journal"


class Journal:
    """A journal, as far as it is about one peer.

    Args:
        path: The file; it is made when it is not there.
        peer: What the peer is known by.

    Raises:
        JournalError: The file is something else.
        OSError: It cannot be read or written.
    """

    def __init__(self, path: Path, peer: str) -> None:
        self._peer = peer
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sent = set(_marks(path, peer)) if path.exists() else set()
        # Paths can have names of patients in them.
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._file: BinaryIO = open(descriptor, "r+b", buffering=0)  # noqa: SIM115  # see __exit__
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def has(self, instance: Instance) -> bool:
        """Return whether the peer has stored a file as it is now."""
        try:
            return _mark(instance.path) in self._sent
        except OSError:
            return False  # it is gone: whoever tries to send it tells

    def add(self, instance: Instance) -> None:
        """Note that the peer has stored a file.

        Raises:
            OSError: It cannot be written.
        """
        path, size, time = _mark(instance.path)
        self._write({"peer": self._peer, "path": path, "size": size, "time": time})

    def _begin(self) -> None:
        length = self._file.seek(0, os.SEEK_END)
        if not length:
            self._write(_HEAD)
            return
        self._file.seek(length - 1)
        if self._file.read(1) != b"\n":
            self._file.write(b"\n")  # behind what a crash has left

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")


def _mark(path: Path) -> Mark:
    found = path.stat()
    # Names need not be valid text; JSON takes what stands for the bytes that are not.
    return os.path.abspath(path), found.st_size, found.st_mtime_ns


def _marks(path: Path, peer: str) -> Iterable[Mark]:
    with path.open("rb") as file:
        head = file.readline()
        if head and _entry(head) != _HEAD:
            raise JournalError("it is no journal of storescu, and is left as it is")
        for line in file:
            match _entry(line):
                case {"peer": str(name), "path": str(name_of), "size": int(s), "time": int(t)}:
                    if name == peer:
                        yield name_of, s, t


def _entry(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None  # a crash has cut it short
