"""C-STORE: keep this instance (PS3.7 9.1.1, PS3.4 B).

The SCU sends a file's bytes as they are when a context with its transfer syntax was accepted. From
Explicit to Implicit VR Little Endian, which is what most acceptors make of the default contexts,
the heads of its elements are changed on the way. Data sets in memory are encoded.
"""

import logging
from dataclasses import dataclass, replace
from io import FileIO
from os import PathLike
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    UID,
    AllTransferSyntaxes,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from pynetdicom import _elements, dsutils
from pynetdicom._options import Options
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import FileHeader
from pynetdicom.events import EVT_C_STORE
from pynetdicom.exceptions import LocalProtocolError, NoAcceptedContextError
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass
from pynetdicom.services.exchange import Exchange, check_established, response_to, status_of
from pynetdicom.services.outcome import set_status

LOGGER = logging.getLogger(__name__)

HANDLER_FAILED = 0xC211
SOP_CLASS_NOT_SUPPORTED = 0x0122
OUT_OF_RESOURCES = 0xA700

FilePath = str | PathLike[str]

_BUFFER: Final = 0x100000  # the most that is asked for at once
_SPARE_BUFFERS: Final = 16  # as many may send at once without new memory
_DEFLATED: Final = frozenset(uid for uid in AllTransferSyntaxes if uid.is_deflated)
_CONVERTED: Final = 0x1000000  # the most of a file that is held in memory to change its encoding


@dataclass(slots=True)
class _Instance:
    """What is to be sent, and by which context."""

    sop_class_uid: UID
    sop_instance_uid: UID
    context: PresentationContext
    source: DataSource


async def send_c_store(
    exchange: Exchange,
    dataset: Dataset | FilePath,
    msg_id: int = 1,
    priority: int = 2,
    originator_aet: str | None = None,
    originator_id: int | None = None,
) -> Dataset:
    """Send an instance to be stored (C-STORE, PS3.7 9.1.1).

    Args:
        dataset: The instance, or the path of a file with it. The bytes of a file go out as they are
            when a presentation context with its transfer syntax was accepted.
        msg_id: The message ID, from 0 to 65535.
        priority: 0 medium, 1 high, 2 low.
        originator_aet: The AE title of the C-MOVE's requestor, ``None`` if there was none.
        originator_id: The message ID of that C-MOVE, ``None`` if there was none.

    Returns:
        The status, 0x0000 for success; an empty Dataset when no valid response came, because the
        peer took too long or the association ended.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No accepted presentation context fits, or the data set cannot be encoded.
        AttributeError: The data set lacks its SOP class, SOP instance or transfer syntax.
        OSError: The file cannot be read.
        InvalidDicomError: The file is not DICOM.
    """
    check_established(exchange)
    request = C_STORE()
    request.MessageID = msg_id
    request.Priority = priority
    if originator_aet is not None or originator_id is not None:
        request.MoveOriginatorApplicationEntityTitle = originator_aet
        request.MoveOriginatorMessageID = originator_id
    if isinstance(dataset, Dataset):
        return await _send(exchange, request, _from_dataset(exchange, dataset))
    # Not through Path, which costs as much as reading a small file.
    with FileIO(dataset) as file:
        buffer = _spare.pop() if _spare else bytearray(_BUFFER)
        try:
            instance = _from_file(exchange, file, buffer)
            instance = instance or _from_dataset(exchange, dcmread(dataset))
            return await _send(exchange, request, instance)
        finally:
            if len(_spare) < _SPARE_BUFFERS:
                _spare.append(buffer)


async def _send(exchange: Exchange, request: C_STORE, instance: _Instance) -> Dataset:
    request.AffectedSOPClassUID = instance.sop_class_uid
    request.AffectedSOPInstanceUID = instance.sop_instance_uid
    context_id = instance.context._context_id or 0
    return status_of(await exchange.request(request, context_id, instance.source))


def _from_file(exchange: Exchange, file: FileIO, buffer: bytearray) -> _Instance | None:
    """Return the instance in a file whose values can go out as they are, ``None`` otherwise."""
    try:
        header = dsutils.read_header(file, buffer)
    except InvalidDicomError:
        return None  # pydicom may make more of it, or say better what is wrong
    context = _with_syntax(exchange, header.sop_class_uid, header.transfer_syntax)
    if context is None:
        if exchange.option(Options.send_files_unchanged):
            raise _no_context(header.sop_class_uid, header.transfer_syntax)
        context = _convertible(exchange, header.sop_class_uid, header.transfer_syntax)
        converted = _converted(header, file, context.transfer_syntax[0]) if context else None
        if context is None or converted is None:
            return None
        header = converted
    # A deflated stream is padded to even length (PS3.5 A.5), which some files are not.
    padding = header.length % 2 if header.transfer_syntax in _DEFLATED else 0
    reader = _Reader(file, header.start, padding, buffer)
    return _Instance(
        header.sop_class_uid,
        header.sop_instance_uid,
        context,
        DataSource(header.length + padding, reader.read),
    )


def _converted(header: FileHeader, file: FileIO, syntax: UID) -> FileHeader | None:
    """Return what is to be sent of a file in another syntax, ``None`` if pydicom has to see to it.

    Mostly the first bytes, which are read already, hold all but the pixel data, and those are sent
    from the file. Otherwise as much of it as may be held in memory is tried.
    """
    if header.transfer_syntax != ExplicitVRLittleEndian or syntax != ImplicitVRLittleEndian:
        return None
    start = header.start
    pieces = _elements.explicit_to_implicit(start, header.length - len(start))
    if pieces is None and len(start) < header.length:
        file.seek(header.offset)
        start = memoryview(file.read(_CONVERTED))
        pieces = _elements.explicit_to_implicit(start, header.length - len(start))
    if pieces is None:
        return None
    remaining = header.length - len(start)
    start = memoryview(b"".join(pieces))
    return replace(header, length=len(start) + remaining, start=start)


# Memory for the next files: new pages of it are dearer than what is read into them.
_spare: list[bytearray] = []


class _Reader:
    """Reads a file piece by piece.

    Args:
        file: The file, behind what is in `start`.
        start: The first bytes, which are read already.
        padding: How many bytes of zero follow the end of the file.
        buffer: Where to read to; may hold what is in `start`.
    """

    def __init__(self, file: FileIO, start: memoryview, padding: int, buffer: bytearray) -> None:
        self._file = file
        self._padding = padding
        self._start = start
        self._buffer = buffer

    def read(self, size: int) -> memoryview:
        """Return the next `size` bytes, valid until the next call."""
        start = self._start
        if size <= len(start):
            self._start = start[size:]
            return start[:size]
        if len(self._buffer) < size:
            self._buffer = bytearray(size)
        view = memoryview(self._buffer)[:size]
        filled = len(start)
        view[:filled] = start
        self._start = start[:0]
        while filled < size:
            count = self._file.readinto(view[filled:])
            if not count and filled == size - self._padding:
                view[filled:] = bytes(self._padding)
                break
            if not count:
                raise LocalProtocolError("The file became shorter while it was being sent")
            filled += count
        return view


def _from_dataset(exchange: Exchange, dataset: Dataset) -> _Instance:
    """Return a data set, encoded as an accepted context wants it."""
    for keyword in ("SOPClassUID", "SOPInstanceUID"):
        if not dataset.get(keyword):
            raise AttributeError(f"The data set has no '{keyword}' element")
    own = _own_syntax(dataset)
    sop_class_uid = dataset.SOPClassUID
    context = _with_syntax(exchange, sop_class_uid, own)
    context = context or _convertible(exchange, sop_class_uid, own)
    if context is None:
        raise _no_context(sop_class_uid, own)
    syntax = context.transfer_syntax[0]
    encoded = dsutils.encode(
        dataset, syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated
    )
    if encoded is None:
        raise ValueError("The data set cannot be encoded; the log says why")
    source = DataSource.of(encoded)
    return _Instance(sop_class_uid, dataset.SOPInstanceUID, context, source)


def _own_syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax of a data set, which its file meta information may get wrong."""
    meta = getattr(dataset, "file_meta", None)
    if meta is None or not meta.get("TransferSyntaxUID"):
        raise AttributeError("The data set's file meta has no 'TransferSyntaxUID' element")
    syntax: UID = meta.TransferSyntaxUID
    is_implicit, is_little = dataset.original_encoding
    if is_implicit is None or (is_implicit, is_little) == (
        syntax.is_implicit_VR,
        syntax.is_little_endian,
    ):
        return syntax
    actual = {(True, True): ImplicitVRLittleEndian, (False, False): ExplicitVRBigEndian}.get(
        (is_implicit, bool(is_little))
    )
    if actual is None:
        raise AttributeError(
            f"The data set's encoding does not match its transfer syntax '{syntax.name}'"
        )
    LOGGER.warning("The data set is encoded as '%s', not '%s'", actual.name, syntax.name)
    return actual


def _with_syntax(exchange: Exchange, sop_class_uid: UID, syntax: UID) -> PresentationContext | None:
    for context in exchange.contexts_for(sop_class_uid) or ():
        if context._as_scu and context._transfer_syntax[0] == syntax:
            return context
    return None


def _convertible(exchange: Exchange, sop_class_uid: UID, own: UID) -> PresentationContext | None:
    """Return a context to whose syntax pydicom can convert: uncompressed, same byte order."""
    if not _is_uncompressed(own):
        return None
    for context in exchange.contexts_for(sop_class_uid) or ():
        syntax = context.transfer_syntax[0]
        if (
            context.as_scu
            and _is_uncompressed(syntax)
            and syntax.is_little_endian == own.is_little_endian
        ):
            return context
    return None


def _is_uncompressed(syntax: UID) -> bool:
    return syntax.is_transfer_syntax and not syntax.is_private and not syntax.is_encapsulated


def _no_context(sop_class_uid: UID, syntax: UID) -> NoAcceptedContextError:
    return NoAcceptedContextError(
        f"No presentation context for '{sop_class_uid.name}' with transfer syntax '{syntax.name}' "
        "has been accepted by the peer with the SCU role for us"
    )


async def serve_c_store(
    exchange: Exchange,
    request: C_STORE,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Have a C-STORE request handled, and answer it."""
    response = response_to(request)
    try:
        await _store(exchange, request, response, context, service)
        await exchange.send(response, request._context_id or 0)
    finally:
        if request._dataset_path is not None:
            Path(request._dataset_path).unlink(missing_ok=True)


async def _store(
    exchange: Exchange,
    request: C_STORE,
    response: C_STORE,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    if not context._as_scp:
        response.Status = SOP_CLASS_NOT_SUPPORTED
        return
    if request._sink_error is not None:
        uid, error = request.AffectedSOPInstanceUID, request._sink_error
        LOGGER.error("The data set of %s could not be kept: %s", uid, error)
        response.Status = OUT_OF_RESOURCES
        return
    try:
        set_status(response, await exchange.call(EVT_C_STORE, request, context), service)
    except Exception:
        LOGGER.exception("Exception in handler bound to 'evt.EVT_C_STORE'")
        response.Status = HANDLER_FAILED
