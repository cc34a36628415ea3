"""What a program that receives objects does with them: a file each."""

import argparse
import errno
import logging
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO, RawIOBase
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final, Literal

from pydicom import Dataset, dcmread
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from pynetdicom import dsutils
from pynetdicom._entity import BaseEntity
from pynetdicom._files import (
    Buffer,
    file_head,
    file_name,
    folder_name,
    is_temporary_file_name,
    rename_file,
    write_file,
)
from pynetdicom.apps._explain import cannot_write
from pynetdicom.apps._output import plain, size_text
from pynetdicom.events import Event

SUCCESS: Final = 0x0000
CANNOT_DECODE: Final = 0x0210
NO_UID: Final = 0xC210
CANNOT_WRITE: Final = 0xA700
FAILED_OTHERWISE: Final = 0xA701

_FIRST_GROUP: Final = 0x0003  # lower ones are of messages, files and directories (PS3.5 7.1)
_LEVELS: Final = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")
_CHUNK: Final = 1 << 20


def add_keeping(group: argparse._ArgumentGroup) -> None:
    """Add where received objects are kept, and how."""
    group.add_argument(
        "-od",
        "--output-directory",
        metavar="FOLDER",
        default=".",
        help="where to keep the files; made if it is not there (default: the current one)",
    )
    group.add_argument(
        "--layout",
        action="store_true",
        help="keep them in folders there, one for each patient, in it one for each study, in it "
        "one for each series",
    )
    group.add_argument(
        "--ignore", action="store_true", help="keep nothing, but answer as if it were kept"
    )


def keep_in_files(ae: BaseEntity, args: argparse.Namespace) -> None:
    """Have large data sets written to the output directory while they arrive."""
    if not args.ignore:
        ae._spool = args.output_directory or "."


def make_folder(folder: str, logger: logging.Logger) -> bool:
    """Make sure that files can be written; say why if not."""
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        logger.error("Nothing can be stored in %s: %s", plain(folder), cannot_write(error))
        return False
    return True


def handle_store(event: Event, args: argparse.Namespace, app_logger: logging.Logger) -> int:
    """Keep the object of a C-STORE request as a file; return the status to answer with.

    The data set is written as it came. A file of that name stays if it is the same, and is replaced
    with a warning if it is not.

    Args:
        event: The request.
        args: Has `ignore`, to keep nothing, and `output_directory`, ``None`` for the current one;
            with `layout`, if it has that, files go into folders by patient, study and series.
        app_logger: Learns what happens.
    """
    if args.ignore:
        return SUCCESS
    request = event.request
    class_uid, instance_uid = request.AffectedSOPClassUID, request.AffectedSOPInstanceUID
    if not (class_uid and instance_uid):
        app_logger.error("A C-STORE request names no SOP class or no SOP instance")
        return NO_UID
    folder, name = args.output_directory or ".", file_name(class_uid, instance_uid)
    try:
        if getattr(args, "layout", False):
            folder = os.path.join(folder, *_folders(event))
        return _keep(event, folder, name, app_logger)
    except _UndecodableError:
        app_logger.error("%s is not stored: its data set cannot be decoded", name)
        return CANNOT_DECODE
    except OSError as error:
        app_logger.error("%s is not stored in %s: %s", name, plain(folder), cannot_write(error))
        return CANNOT_WRITE
    except Exception:
        app_logger.exception("%s is not stored", name)
        return FAILED_OTHERWISE


def _keep(event: Event, folder: str, name: str, app_logger: logging.Logger) -> int:
    request, syntax = event.request, event.context.transfer_syntax
    path = os.path.join(folder, name)
    head = file_head(request.AffectedSOPClassUID, request.AffectedSOPInstanceUID, syntax)
    with encoded(event) as data:
        body = without_low_groups(event, data)
        if not body:
            raise _UndecodableError
        was_there = os.path.lexists(path)
        if was_there and _is_same(path, [head, body]):
            app_logger.info("%s is there already, the same", plain(path))
            return SUCCESS
        size = len(data)
        incoming: Path | None = request._dataset_path
        is_in_place = incoming and is_temporary_file_name(incoming.name) and body is data
        if not is_in_place:
            _write(folder, name, [head, body])
    if incoming and is_in_place:  # and closed by now
        _rename(incoming, folder, name)
    if was_there:
        app_logger.warning("%s was there and is replaced", plain(path))
    if app_logger.isEnabledFor(logging.INFO):
        assoc = event.assoc
        peer = assoc.acceptor if assoc.is_requestor else assoc.requestor  # as in C-GET, or not
        title = plain(peer.ae_title.strip())
        app_logger.info("stored %s (%s) from %s", plain(path), size_text(size), title)
    return SUCCESS


class _UndecodableError(Exception):
    """A data set that nobody can read."""


def _folders(event: Event) -> list[str]:
    """Return the names of the folders for an object, the outermost first."""
    try:
        dataset = _head_of(event)
        return [folder_name(str(dataset.get(keyword) or "")) for keyword in _LEVELS]
    except Exception as error:  # whatever pydicom raises about the bytes
        raise _UndecodableError from error


def _head_of(event: Event) -> Dataset:
    """Return the data set, without its pixel data if it is in a file."""
    path = event.request._dataset_path
    return event.dataset if path is None else dcmread(path, stop_before_pixels=True)


def size_of(event: Event) -> int:
    """Return how many bytes the data set of a request has."""
    with encoded(event) as data:
        return len(data)


def encoded(event: Event) -> memoryview:
    """Return the data set as it came, without copying it."""
    request = event.request
    stream = request._encoded
    if request._dataset_path is not None:
        uids = request.AffectedSOPClassUID, request.AffectedSOPInstanceUID
        head = file_head(*uids, event.context.transfer_syntax)
        with open(request._dataset_path, "rb", buffering=0) as file:
            return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))[len(head) :]
    if stream is None:
        return memoryview(b"")
    return stream.getbuffer() if isinstance(stream, BytesIO) else memoryview(stream)


def without_low_groups(event: Event, data: memoryview) -> Buffer | None:
    """Return the data set without elements that cannot be there, ``None`` if that is impossible.

    Elements come in the order of their groups, so the first one tells whether there are any.
    """
    syntax: UID = event.context.transfer_syntax
    if len(data) == 0:
        return None
    order: Literal["little", "big"] = "big" if syntax == ExplicitVRBigEndian else "little"
    is_deflated = syntax == DeflatedExplicitVRLittleEndian
    if is_deflated or int.from_bytes(data[:2], order) >= _FIRST_GROUP:
        return data
    # Not through the file, if it is in one: it would take such elements for its own.
    dataset = dsutils.decode(BytesIO(data), *dsutils.encoding_of(syntax))
    for tag in [tag for tag in dataset.keys() if tag.group < _FIRST_GROUP]:  # noqa: SIM118  # iterating decodes
        del dataset[tag]
    return dsutils.encode(dataset, syntax.is_implicit_VR, syntax.is_little_endian)


def _is_same(path: str, parts: Sequence[Buffer]) -> bool:
    """Return whether a file has this content."""
    with suppress(OSError):
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size != sum(map(len, parts)):
            return False
        with open(path, "rb", buffering=0) as file:
            return all(_begins_with(file, memoryview(part)) for part in parts)
    return False


def _begins_with(file: RawIOBase, part: memoryview) -> bool:
    """Return whether what comes next in a file is this."""
    for start in range(0, len(part), _CHUNK):
        piece = part[start : start + _CHUNK]
        if file.read(len(piece)) != piece:
            return False
    return True


def _rename(path: Path, folder: str, name: str) -> None:
    os.makedirs(folder, exist_ok=True)
    rename_file(path, folder, name)


def _write(folder: str, name: str, parts: list[Buffer]) -> None:
    try:
        write_file(folder, name, parts)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        write_file(folder, name, parts)
