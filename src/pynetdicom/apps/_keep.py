"""What a program that receives objects does with them: a file each."""

import argparse
import logging
import os
from typing import Final, Literal

from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from pynetdicom import dsutils
from pynetdicom._files import Buffer, file_head, file_name, write_file
from pynetdicom.apps._explain import cannot_write
from pynetdicom.apps._output import plain, size_text
from pynetdicom.events import Event

SUCCESS: Final = 0x0000
CANNOT_DECODE: Final = 0x0210
NO_UID: Final = 0xC210
CANNOT_WRITE: Final = 0xA700
FAILED_OTHERWISE: Final = 0xA701

_FIRST_GROUP: Final = 0x0003  # lower ones are of messages, files and directories (PS3.5 7.1)


def handle_store(event: Event, args: argparse.Namespace, app_logger: logging.Logger) -> int:
    """Keep the object of a C-STORE request as a file; return the status to answer with.

    The data set is written as it came. A file of that name is replaced, with a warning.

    Args:
        event: The request.
        args: Has `ignore`, to keep nothing, and `output_directory`, ``None`` for the current one.
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
        return _keep(event, folder, name, app_logger)
    except OSError as error:
        app_logger.error("%s is not stored in %s: %s", name, plain(folder), cannot_write(error))
        return CANNOT_WRITE
    except Exception:
        app_logger.exception("%s is not stored", name)
        return FAILED_OTHERWISE


def _keep(event: Event, folder: str, name: str, app_logger: logging.Logger) -> int:
    request, syntax = event.request, event.context.transfer_syntax
    head = file_head(request.AffectedSOPClassUID, request.AffectedSOPInstanceUID, syntax)
    with encoded(event) as data:
        body = without_low_groups(event, data)
        if not body:
            app_logger.error("%s is not stored: its data set cannot be decoded", name)
            return CANNOT_DECODE
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            app_logger.warning("%s was there and is replaced", plain(path))
        _write(folder, name, [head, body])
        if app_logger.isEnabledFor(logging.INFO):
            size, peer = size_text(len(data)), plain(event.assoc.requestor.ae_title.strip())
            app_logger.info("stored %s (%s) from %s", plain(path), size, peer)
    return SUCCESS


def encoded(event: Event) -> memoryview:
    """Return the data set as it came, without copying it where it is in memory."""
    stream = event.request.DataSet
    if stream is not None:
        view: memoryview = stream.getbuffer()
        return view
    return memoryview(event.encoded_dataset(include_meta=False))


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
    dataset = event.dataset
    for tag in [tag for tag in dataset.keys() if tag.group < _FIRST_GROUP]:  # noqa: SIM118  # iterating decodes
        del dataset[tag]
    return dsutils.encode(dataset, syntax.is_implicit_VR, syntax.is_little_endian)


def _write(folder: str, name: str, parts: list[Buffer]) -> None:
    try:
        write_file(folder, name, parts)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        write_file(folder, name, parts)
