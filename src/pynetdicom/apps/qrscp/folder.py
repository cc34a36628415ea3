"""The files of the archive, in a folder."""

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Final

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from pynetdicom import dsutils
from pynetdicom._files import (
    Buffer,
    file_name,
    is_temporary_file_name,
    is_versioned_file_name,
    sync_folder,
    write_file,
)
from pynetdicom.apps.qrscp.archive import Entry, Instance
from pynetdicom.apps.qrscp.entry import entry_of

# So long nobody needs from beginning a file to making it known.
_GRACE: Final = 600.0


class Folder:
    """Files in a folder, which may be shared with other programs and their files.

    Args:
        path: Where it is; it is made if it is not there.

    Raises:
        OSError: It cannot be made, or nothing can be written there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_dir():
            path.mkdir(parents=True)
            with suppress(PermissionError):  # a folder that we may only pass through
                sync_folder(path.absolute().parent)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    def write(self, name: str, parts: Sequence[Buffer]) -> None:
        """Write a file, durably and whole; nothing is left if that fails."""
        try:
            write_file(self._path, name, parts, sync=True)
        except BaseException:
            with suppress(OSError):
                self.remove(name)  # it may be there, but not durably
            raise

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        (self._path / name).unlink(missing_ok=True)

    def is_whole(self, instance: Instance) -> bool:
        """Return whether the file of an object is there and has the size it had."""
        try:
            return os.stat(self._path / instance.file).st_size == instance.size
        except OSError:
            return False

    def is_sound(self, instance: Instance) -> bool:
        """Return whether the file of an object is whole, and begins as that of this object."""
        try:
            with (self._path / instance.file).open("rb", buffering=0) as file:
                header = dsutils.read_header(file)
        except (OSError, InvalidDicomError):
            return False
        is_whole = header.offset + header.length == instance.size
        return is_whole and header.sop_instance_uid == instance.sop_instance_uid

    def path(self, name: str) -> Path:
        """Return where a file can be read."""
        return self._path / name

    def leftovers(self, known: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
        """Yield files that are not known, and whether it is long ago that they were written.

        Those that were not finished are deleted after that time.
        """
        oldest = time.time() - _GRACE
        with os.scandir(self._path) as found:
            for each in found:
                if is_versioned_file_name(each.name) and not known(each.name):
                    yield each.name, _is_older(each, oldest)
                elif is_temporary_file_name(each.name) and _is_older(each, oldest):
                    self.remove(each.name)

    def look_into(self, name: str) -> Entry:
        """Return what the index is to know of a file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is no object that the archive takes, or not called as one.
        """
        path = self._path / name
        try:
            with path.open("rb", buffering=0) as file:
                header = dsutils.read_header(file)
                file.seek(header.offset)
                digest = file_digest(file, "sha256").hexdigest()
            dataset = dcmread(path, stop_before_pixels=True)
        except InvalidDicomError as error:
            raise ValueError(str(error)) from error
        if name.rpartition(".")[0] != file_name(header.sop_class_uid, header.sop_instance_uid):
            raise ValueError("it is not called after what is in it")
        instance = Instance(
            str(header.sop_class_uid),
            str(header.sop_instance_uid),
            str(header.transfer_syntax),
            name,
            header.offset + header.length,
            digest,
        )
        return entry_of(dataset, instance)


def _is_older(file: os.DirEntry[str], moment: float) -> bool:
    try:
        return file.stat().st_mtime < moment
    except FileNotFoundError:  # another process has seen to it
        return False
