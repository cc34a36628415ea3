"""Messages in fragments (PS3.8 Annex E): how they are cut, joined, and shown to handlers.

`Assembler` joins what comes in, `batches` cuts what goes out. The classes named after messages
(`C_STORE_RQ` …) are views for handlers of EVT_DIMSE_RECV and EVT_DIMSE_SENT, built only when
somebody looks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from struct import Struct
from typing import Final, Protocol, Self

from pydicom import Dataset
from pydicom.filereader import read_dataset

from pynetdicom import command_set
from pynetdicom._large_data import IS_WORTH_IT, LARGE, LargeData
from pynetdicom._layout import Buffer
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import AbortReason, LocalProtocolError, RemoteProtocolError
from pynetdicom.pdu_primitives import P_DATA

# Message control header (PS3.8 E.2).
COMMAND: Final = 0x01
LAST: Final = 0x02

MAXIMUM_COMMAND_LENGTH: Final = 0x10000  # the elements of PS3.7 Annex E fill a small part of it

# PDU type, reserved, PDU length, PDV length, context ID, message control header.
FRAGMENT_HEADER: Final = Struct(">BxIIBB")
_P_DATA_TF: Final = 0x04
_PDV_OVERHEAD: Final = 6  # what a PDU of one PDV holds besides the fragment

# A peer that sets no limit gets PDUs of this size: larger ones are no faster.
_UNLIMITED: Final = 0x40000
# What is written at once: few calls for large objects, few pages of memory.
_BATCH_BYTES: Final = 0x100000
# The kernel takes at most 1,024 buffers in one call, and a PDU has two.
_BATCH_PDUS: Final = 500

Batch = list[Buffer]


class Sink(Protocol):
    """Where the data set of a message goes while it arrives."""

    def write(self, data: Buffer, /) -> object:
        """Take the next fragment; it is only valid during the call."""

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Hand the complete data set to its primitive."""

    def discard(self) -> None:
        """Forget the data set: the rest will not come."""


class MemorySink(BytesIO):
    """A data set kept in memory, which is what a primitive holds."""

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Become the data set of `primitive`."""
        self.seek(0)
        vars(primitive)[primitive.data_keyword or "DataSet"] = self

    def discard(self) -> None:
        """Give the memory back."""
        self.close()


class LargeSink(LargeData):
    """A data set that has become too large for a stream that grows bit by bit."""

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Become the data set of `primitive`."""
        vars(primitive)[primitive.data_keyword or "DataSet"] = self.finish()


OpenSink = Callable[[DIMSEPrimitive, int], Sink]


def open_memory_sink(primitive: DIMSEPrimitive, context_id: int) -> Sink:
    """Return a sink in memory, whatever the message."""
    del primitive, context_id
    return MemorySink()


class Assembler:
    """Joins fragments to messages.

    Args:
        open_sink: Returns where the data set of a message goes.
        maximum_length: The most bytes of a data set.
    """

    def __init__(self, open_sink: OpenSink, maximum_length: int) -> None:
        self.accepted: set[int | None] | None = None
        self._open_sink = open_sink
        self._maximum_length = maximum_length
        self._context_id = 0
        self._command = bytearray()  # what there is of one in several fragments
        self._primitive: DIMSEPrimitive | None = None
        self._sink: Sink | None = None
        self._length = self._room = 0

    def add(self, context_id: int, control: int, fragment: Buffer) -> DIMSEPrimitive | None:
        """Take a fragment; return the message if it was the last one.

        Args:
            context_id: The presentation context of the fragment.
            control: The message control header.
            fragment: The bytes, only valid during the call.

        Raises:
            RemoteProtocolError: The fragment cannot be here, or is too much.
        """
        sink = self._sink
        if sink is not None and not control & COMMAND and context_id == self._context_id:
            self._length += len(fragment)
            if self._length > self._room:
                sink = self._outgrow(sink)
            sink.write(fragment)
            return self._finish(sink) if control & LAST else None
        return self._add_command(context_id, control, fragment)

    def _add_command(
        self, context_id: int, control: int, fragment: Buffer
    ) -> DIMSEPrimitive | None:
        self._check_order(context_id, control)
        self._context_id = context_id
        if len(self._command) + len(fragment) > MAXIMUM_COMMAND_LENGTH:
            raise RemoteProtocolError(f"A command set exceeds {MAXIMUM_COMMAND_LENGTH} bytes")
        if self._command or not control & LAST:
            self._command += fragment
            if not control & LAST:
                return None
            fragment = bytes(self._command)
            self._command.clear()
        primitive, has_data_set = command_set.decode(bytes(fragment))
        vars(primitive)["_context_id"] = context_id
        if not has_data_set:
            return primitive
        self._primitive = primitive
        self._length = 0
        self._sink = self._open_sink(primitive, context_id)
        self._room = self._maximum_length
        if IS_WORTH_IT and isinstance(self._sink, MemorySink):
            self._room = min(self._room, LARGE)
        return None

    def _outgrow(self, sink: Sink) -> Sink:
        """Return where a data set goes on that has become too large for `sink`."""
        if self._length > self._maximum_length or not isinstance(sink, MemorySink):
            raise RemoteProtocolError(f"A data set exceeds {self._maximum_length} bytes")
        self._room = self._maximum_length
        with sink.getbuffer() as begin:
            self._sink = large = LargeSink(begin)
        sink.close()
        return large

    def _check_order(self, context_id: int, control: int) -> None:
        """Fragments of a message follow each other, on one context, command first (PS3.8 E.1)."""
        if self._primitive is not None or not control & COMMAND:
            what = "command" if control & COMMAND else "data set"
            raise RemoteProtocolError(
                f"A {what} fragment of context {context_id} came where none can be",
                AbortReason.UNEXPECTED_PARAMETER,
            )
        if self._command and context_id != self._context_id:
            raise RemoteProtocolError(f"The context changes to {context_id} within a command set")
        if self.accepted is not None and context_id not in self.accepted:
            raise RemoteProtocolError(f"Presentation context {context_id} was not accepted")

    def _finish(self, sink: Sink) -> DIMSEPrimitive:
        primitive = self._primitive
        assert primitive is not None  # the sink was opened for it
        self._sink = self._primitive = None
        sink.deliver(primitive)
        return primitive

    @property
    def is_busy(self) -> bool:
        """Whether a message has begun and is not complete."""
        return self._primitive is not None or bool(self._command)

    def discard(self) -> None:
        """Forget the message that was being joined."""
        if self._sink is not None:
            self._sink.discard()
        self._sink = self._primitive = None
        self._command.clear()


@dataclass(slots=True)
class DataSource:
    """A data set that is read while it is sent.

    Attributes:
        length: How many bytes it has.
        read: Returns the next so many bytes; the buffer may be used again after the next call.
        data: All of it, for those who want to see it; empty if it is in a file.
    """

    length: int
    read: Callable[[int], Buffer]
    data: Buffer = b""

    @classmethod
    def of(cls, data: Buffer) -> Self:
        """Return a source for bytes in memory, of which only views are taken."""
        view = memoryview(data)
        position = 0

        def read(size: int) -> Buffer:
            nonlocal position
            position += size
            return view[position - size : position]

        return cls(len(view), read, data)


def batches(
    primitive: DIMSEPrimitive, context_id: int, maximum_length: int, source: DataSource | None
) -> Iterator[Batch]:
    """Yield a message as buffers to be written together, header and fragment in turn.

    Args:
        primitive: The message.
        context_id: The presentation context it goes by.
        maximum_length: What the peer set as maximum length of a PDU; 0 for no limit.
        source: The data set, ``None`` if the message has none.
    """
    if source is None:
        yield command_batch(primitive, context_id, maximum_length)
        return
    size = _fragment_size(maximum_length)
    batch = command_batch(primitive, context_id, maximum_length, has_data_set=True)
    per_batch = size * max(1, min(_BATCH_PDUS, _BATCH_BYTES // size))
    remaining = source.length
    while remaining > per_batch:
        remaining -= per_batch
        batch += _cut(_read(source, per_batch), size, context_id, 0, is_last=False)
        yield batch
        batch = []
    batch += _cut(_read(source, remaining), size, context_id, 0, is_last=True)
    yield batch


def command_batch(
    primitive: DIMSEPrimitive, context_id: int, maximum_length: int, *, has_data_set: bool = False
) -> Batch:
    """Return the command set of a message as buffers, header and fragment in turn.

    Args:
        primitive: The message.
        context_id: The presentation context it goes by.
        maximum_length: What the peer set as maximum length of a PDU; 0 for no limit.
        has_data_set: Whether a data set follows.
    """
    size = _fragment_size(maximum_length)
    command = command_set.encode(primitive, has_data_set)
    if len(command) <= size:  # nearly always
        return [_header(len(command), context_id, COMMAND | LAST), command]
    return _cut(memoryview(command), size, context_id, COMMAND, is_last=True)


@lru_cache(256)
def _fragment_size(maximum_length: int) -> int:
    return max((maximum_length or _UNLIMITED) - _PDV_OVERHEAD, 1)


def _read(source: DataSource, size: int) -> memoryview:
    data = memoryview(source.read(size))
    if len(data) != size:
        raise LocalProtocolError("The data set became shorter while it was being sent")
    return data


def _cut(data: memoryview, size: int, context_id: int, control: int, *, is_last: bool) -> Batch:
    """Return a header and a fragment for every `size` bytes."""
    starts = range(0, len(data) or 1, size)
    batch: Batch = [_header(size, context_id, control)] * (2 * len(starts))
    batch[1::2] = [data[start : start + size] for start in starts]
    batch[-2] = _header(len(batch[-1]), context_id, control | (LAST if is_last else 0))
    return batch


@lru_cache(256)
def _header(size: int, context_id: int, control: int) -> bytes:
    return FRAGMENT_HEADER.pack(_P_DATA_TF, size + 6, size + 2, context_id, control)


class DIMSEMessage:
    """A message as handlers see it (PS3.7 6.3).

    Attributes:
        context_id: The presentation context it came or goes by.
        data_set: Its encoded data set, empty if it has none or keeps it in a file.
    """

    def __init__(self) -> None:
        self.context_id: int | None = None
        self.data_set: BytesIO = BytesIO()
        self._has_data_set = False
        self._command_set: Dataset | None = None
        self._primitive: DIMSEPrimitive | None = None
        self._assembler = Assembler(open_memory_sink, 0xFFFFFFFF)

    @property
    def encoded_command_set(self) -> bytes:
        """The command set as it goes on the wire."""
        return command_set.encode(self.message_to_primitive(), self._has_data_set)

    @property
    def command_set(self) -> Dataset:
        """The command set, empty while the message is."""
        if self._command_set is None:
            encoded = b"" if self._primitive is None else self.encoded_command_set
            self._command_set = read_dataset(BytesIO(encoded), True, True)
        return self._command_set

    def primitive_to_message(self, primitive: DIMSEPrimitive) -> None:
        """Take everything from `primitive`."""
        self._primitive = primitive
        self.context_id = primitive._context_id
        self.data_set = primitive.data_set or BytesIO()
        self._has_data_set = primitive.data_set is not None or primitive._dataset_path is not None
        self._command_set = None

    def message_to_primitive(self) -> DIMSEPrimitive:
        """Return the primitive.

        Raises:
            ValueError: There is none yet.
        """
        if self._primitive is None:
            raise ValueError("The message is empty")
        return self._primitive

    def encode_msg(self, context_id: int, max_pdu_length: int) -> Iterator[P_DATA]:
        """Yield the message as P-DATA primitives of one fragment each.

        Args:
            context_id: The presentation context it goes by.
            max_pdu_length: The most bytes of a PDU; 0 for no limit.
        """
        primitive = self.message_to_primitive()
        data = primitive.data_set
        source = None if data is None else DataSource.of(data.getbuffer())
        for batch in batches(primitive, context_id, max_pdu_length, source):
            for header, fragment in zip(batch[::2], batch[1::2], strict=True):
                yield P_DATA([(context_id, bytes(header[-1:]) + bytes(fragment))])

    def decode_msg(self, primitive: P_DATA, assoc: object = None) -> bool:
        """Take the fragments of a P-DATA primitive; return whether the message is complete.

        Raises:
            RemoteProtocolError: They are no fragments of a message.
        """
        del assoc
        for context_id, value in primitive.presentation_data_value_list:
            if not value:
                raise RemoteProtocolError("A fragment has no message control header")
            message = self._assembler.add(context_id, value[0], value[1:])
            if message is not None:
                self.primitive_to_message(message)
                return True
        return False


def message_of(primitive: DIMSEPrimitive, source: DataSource | None = None) -> DIMSEMessage:
    """Return `primitive` as the message that carries it.

    Args:
        primitive: The request or response.
        source: The data set that is sent with it; one that is in a file is not read.
    """
    direction = "RSP" if primitive.is_response else "RQ"
    name = f"{primitive.msg_type.replace('-', '_')}_{direction}"
    message = MESSAGES[name]()
    message.primitive_to_message(primitive)
    if source is not None:
        message._has_data_set = True
        message.data_set = BytesIO(source.data)
    return message


class C_STORE_RQ(DIMSEMessage):
    """A C-STORE request."""


class C_STORE_RSP(DIMSEMessage):
    """A C-STORE response."""


class C_FIND_RQ(DIMSEMessage):
    """A C-FIND request."""


class C_FIND_RSP(DIMSEMessage):
    """A C-FIND response."""


class C_GET_RQ(DIMSEMessage):
    """A C-GET request."""


class C_GET_RSP(DIMSEMessage):
    """A C-GET response."""


class C_MOVE_RQ(DIMSEMessage):
    """A C-MOVE request."""


class C_MOVE_RSP(DIMSEMessage):
    """A C-MOVE response."""


class C_ECHO_RQ(DIMSEMessage):
    """A C-ECHO request."""


class C_ECHO_RSP(DIMSEMessage):
    """A C-ECHO response."""


class C_CANCEL_RQ(DIMSEMessage):
    """A C-CANCEL request."""


class N_EVENT_REPORT_RQ(DIMSEMessage):
    """An N-EVENT-REPORT request."""


class N_EVENT_REPORT_RSP(DIMSEMessage):
    """An N-EVENT-REPORT response."""


class N_GET_RQ(DIMSEMessage):
    """An N-GET request."""


class N_GET_RSP(DIMSEMessage):
    """An N-GET response."""


class N_SET_RQ(DIMSEMessage):
    """An N-SET request."""


class N_SET_RSP(DIMSEMessage):
    """An N-SET response."""


class N_ACTION_RQ(DIMSEMessage):
    """An N-ACTION request."""


class N_ACTION_RSP(DIMSEMessage):
    """An N-ACTION response."""


class N_CREATE_RQ(DIMSEMessage):
    """An N-CREATE request."""


class N_CREATE_RSP(DIMSEMessage):
    """An N-CREATE response."""


class N_DELETE_RQ(DIMSEMessage):
    """An N-DELETE request."""


class N_DELETE_RSP(DIMSEMessage):
    """An N-DELETE response."""


MESSAGES: dict[str, type[DIMSEMessage]] = {
    message.__name__: message for message in DIMSEMessage.__subclasses__()
}

# The elements of each message's command set besides those that all of them have (PS3.7 9.3, 10.3).
# The same elements are declared with the primitives; a test compares them.
_ELEMENTS = """
C_STORE_RQ AffectedSOPClassUID MessageID Priority AffectedSOPInstanceUID
    MoveOriginatorApplicationEntityTitle MoveOriginatorMessageID
C_STORE_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
C_FIND_RQ AffectedSOPClassUID MessageID Priority
C_FIND_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status
C_CANCEL_RQ MessageIDBeingRespondedTo
C_GET_RQ AffectedSOPClassUID MessageID Priority
C_GET_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status NumberOfRemainingSuboperations
    NumberOfCompletedSuboperations NumberOfFailedSuboperations NumberOfWarningSuboperations
C_MOVE_RQ AffectedSOPClassUID MessageID MoveDestination Priority
C_MOVE_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status NumberOfRemainingSuboperations
    NumberOfCompletedSuboperations NumberOfFailedSuboperations NumberOfWarningSuboperations
C_ECHO_RQ AffectedSOPClassUID MessageID
C_ECHO_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status
N_EVENT_REPORT_RQ AffectedSOPClassUID MessageID AffectedSOPInstanceUID EventTypeID
N_EVENT_REPORT_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
    EventTypeID
N_GET_RQ RequestedSOPClassUID MessageID RequestedSOPInstanceUID AttributeIdentifierList
N_GET_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
N_SET_RQ RequestedSOPClassUID MessageID RequestedSOPInstanceUID
N_SET_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
N_ACTION_RQ RequestedSOPClassUID MessageID RequestedSOPInstanceUID ActionTypeID
N_ACTION_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
    ActionTypeID
N_CREATE_RQ AffectedSOPClassUID MessageID AffectedSOPInstanceUID
N_CREATE_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
N_DELETE_RQ RequestedSOPClassUID MessageID RequestedSOPInstanceUID
N_DELETE_RSP AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
"""
_COMMAND_SET_KEYWORDS: dict[str, list[str]] = {
    name: ["CommandGroupLength", "CommandField", "CommandDataSetType", *elements]
    for name, *elements in map(str.split, _ELEMENTS.strip().replace("\n    ", " ").split("\n"))
}
