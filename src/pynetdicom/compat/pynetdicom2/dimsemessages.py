"""The DIMSE messages of pynetdicom2: a command set that users can read, and a data set.

They are views: what is sent and received are the primitives of `pynetdicom.dimse_primitives`.
"""

from collections.abc import Iterator
from io import SEEK_END
from typing import Any, BinaryIO, ClassVar, Final, Self

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.multival import MultiValue

from pynetdicom import command_set as commands
from pynetdicom.compat.pynetdicom2.exceptions import DIMSEProcessingError
from pynetdicom.compat.pynetdicom2.pdu import PDataTfPDU, PresentationDataValueItem
from pynetdicom.dimse_messages import DataSource, batches, message_of
from pynetdicom.dimse_primitives import PRIMITIVES, DIMSEPrimitive

NO_DATASET: Final = 0x0101
_DATASET: Final = 0x0001

PRIORITY_LOW: Final = 0x0002
PRIORITY_MEDIUM: Final = 0x0000
PRIORITY_HIGH: Final = 0x0001

_RESPONSE: Final = 0x8000
_PDU_OVERHEAD: Final = 6  # what a PDU of one fragment holds besides it

DataSet = bytes | BinaryIO | None


def value_or_none(elem: Any) -> Any:
    """Return the value of an element, ``None`` if it is empty or not there."""
    value = getattr(elem, "value", None)
    return None if value in (None, "") else value


class dimse_property:  # noqa: N801  # the name that programs know
    """An attribute of a message that is an element of its command set.

    Args:
        tag: Its keyword, or its tag.
    """

    def __init__(self, tag: Any) -> None:
        self.keyword: str = tag if isinstance(tag, str) else keyword_for_tag(tag)

    def __get__(self, message: "DIMSEMessage | None", owner: type) -> Any:
        if message is None:
            return self
        value = value_or_none(message.command_set.get(self.tag))
        return "" if value is None else value

    def __set__(self, message: "DIMSEMessage", value: Any) -> None:
        setattr(
            message.command_set, self.keyword, int(value) if self.keyword == "Status" else value
        )

    @property
    def tag(self) -> int:
        """The element's tag."""
        return tag_for_keyword(self.keyword) or 0


class DIMSEMessage:
    """A message (PS3.7 6.3).

    Args:
        command_set: Its command set; ``None`` for one that is to be filled.

    Attributes:
        command_field: Which message it is (PS3.7 E.1).
        command_fields: The keywords of its own elements.
        command_set: The command set.
        error: Why there is no data set although one came; ``None`` if that is not so.
    """

    command_field: ClassVar[int] = 0
    command_fields: ClassVar[list[str]] = []

    sop_class_uid: dimse_property = dimse_property("AffectedSOPClassUID")

    def __init_subclass__(cls) -> None:
        """Collect the elements of a message in their order."""
        names = {name for base in cls.__mro__ for name in vars(base)}
        found = (getattr(cls, name) for name in names)
        properties = [item for item in found if isinstance(item, dimse_property)]
        ordered = sorted(properties, key=lambda item: item.tag)
        cls.command_fields = ["CommandGroupLength", *(item.keyword for item in ordered)]

    def __init__(self, command_set: Dataset | None = None) -> None:
        self._data_set: DataSet = None
        self.error: Exception | None = None
        self.command_set: Dataset
        if command_set is not None:
            self.command_set = command_set
            return
        self.command_set = Dataset()
        for keyword in self.command_fields:
            setattr(self.command_set, keyword, None)
        self.command_set.CommandField = self.command_field
        self.command_set.CommandDataSetType = NO_DATASET

    @property
    def data_set(self) -> Any:
        """The encoded data set: bytes, or a file that stands at its first byte; ``None`` for none.

        To set one says in the command set that it is there.
        """
        return self._data_set

    @data_set.setter
    def data_set(self, value: DataSet) -> None:
        self._data_set = value
        self.command_set.CommandDataSetType = NO_DATASET if value is None else _DATASET

    def set_length(self) -> None:
        """Set the group length in the command set."""
        encoded = commands.encode(self.to_primitive(), self._data_set is not None)
        self.command_set.CommandGroupLength = int.from_bytes(encoded[8:12], "little")

    def encode(self, pc_id: int, max_pdu_length: int) -> Iterator[PDataTfPDU]:
        """Yield the message as PDUs of one fragment each.

        Args:
            pc_id: The ID of the presentation context it goes by.
            max_pdu_length: The most bytes of a PDU, without its header; 0 for no limit.
        """
        for batch in batches(self.to_primitive(), pc_id, max_pdu_length, self.source()):
            for header, fragment in zip(batch[::2], batch[1::2], strict=True):
                value = bytes(header[-1:]) + bytes(fragment)
                yield PDataTfPDU([PresentationDataValueItem(pc_id, value)])

    # To and from what the core sends and receives.

    def to_primitive(self) -> DIMSEPrimitive:
        """Return the primitive.

        Elements that PS3.7 does not know in this message are left out.

        Raises:
            DIMSEProcessingError: An element is missing or wrong.
        """
        primitive = PRIMITIVES[self.command_field & ~_RESPONSE]()
        for element in self.command_set:
            known = primitive.by_number.get(element.tag.element)
            value = value_or_none(element)
            if known is not None and value is not None:
                try:
                    several = isinstance(value, MultiValue)
                    setattr(primitive, known.name, list(value) if several else value)
                except (TypeError, ValueError) as error:
                    raise DIMSEProcessingError(f"{type(self).__name__}: {error}") from error
        self._check_complete(primitive)
        return primitive

    def _check_complete(self, primitive: DIMSEPrimitive) -> None:
        is_response = bool(self.command_field & _RESPONSE)
        needed = primitive.RESPONSE_KEYWORDS if is_response else primitive.REQUEST_KEYWORDS[:2]
        missing = [keyword for keyword in needed if getattr(primitive, keyword) is None]
        if missing:
            name = type(self).__name__
            raise DIMSEProcessingError(f"{name} needs a value for {' and '.join(missing)}")

    def source(self) -> DataSource | None:
        """Return the data set for the core, which reads it while it is sent."""
        data = self._data_set
        if data is None or isinstance(data, bytes | bytearray | memoryview):
            return None if data is None else DataSource.of(data)
        begin = data.tell()
        length = data.seek(0, SEEK_END) - begin
        data.seek(begin)
        return DataSource(length, data.read)

    @classmethod
    def of(cls, primitive: DIMSEPrimitive) -> Self:
        """Return what a primitive brought, its data set in a file or as bytes."""
        message = cls(message_of(primitive).command_set)
        data = primitive.data_set
        message.data_set = primitive._dataset_path or (None if data is None else data.getvalue())
        message.error = primitive._sink_error
        return message


def read_message(primitive: DIMSEPrimitive) -> DIMSEMessage:
    """Return a received primitive as the message it is."""
    bit = _RESPONSE if primitive.is_response else 0
    return MESSAGE_TYPE[primitive.command_field | bit].of(primitive)


class _Request(DIMSEMessage):
    message_id: dimse_property = dimse_property("MessageID")


class _Response(DIMSEMessage):
    message_id_being_responded_to: dimse_property = dimse_property("MessageIDBeingRespondedTo")
    status: dimse_property = dimse_property("Status")


class _Counted(_Response):
    num_of_remaining_sub_ops: dimse_property = dimse_property("NumberOfRemainingSuboperations")
    num_of_completed_sub_ops: dimse_property = dimse_property("NumberOfCompletedSuboperations")
    num_of_failed_sub_ops: dimse_property = dimse_property("NumberOfFailedSuboperations")
    num_of_warning_sub_ops: dimse_property = dimse_property("NumberOfWarningSuboperations")


class _OfInstance(DIMSEMessage):
    affected_sop_instance_uid: dimse_property = dimse_property("AffectedSOPInstanceUID")


class _Requested(_Request):
    sop_class_uid: dimse_property = dimse_property("RequestedSOPClassUID")
    requested_sop_instance_uid: dimse_property = dimse_property("RequestedSOPInstanceUID")


class CEchoRQMessage(_Request):
    """A C-ECHO request (PS3.7 9.3.5.1)."""

    command_field = 0x0030


class CEchoRSPMessage(_Response):
    """A C-ECHO response (PS3.7 9.3.5.2)."""

    command_field = 0x8030


class CStoreRQMessage(_Request, _OfInstance):
    """A C-STORE request (PS3.7 9.3.1.1)."""

    command_field = 0x0001
    priority: dimse_property = dimse_property("Priority")
    move_originator_aet: dimse_property = dimse_property("MoveOriginatorApplicationEntityTitle")
    move_originator_message_id: dimse_property = dimse_property("MoveOriginatorMessageID")


class CStoreRSPMessage(_Response, _OfInstance):
    """A C-STORE response (PS3.7 9.3.1.2)."""

    command_field = 0x8001


class CFindRQMessage(_Request):
    """A C-FIND request (PS3.7 9.3.2.1)."""

    command_field = 0x0020
    priority: dimse_property = dimse_property("Priority")


class CFindRSPMessage(_Response):
    """A C-FIND response (PS3.7 9.3.2.2)."""

    command_field = 0x8020


class CCancelRQMessage(DIMSEMessage):
    """A C-CANCEL request (PS3.7 9.3.2.3)."""

    command_field = 0x0FFF
    sop_class_uid = None  # it has none
    message_id_being_responded_to: dimse_property = dimse_property("MessageIDBeingRespondedTo")


class CGetRQMessage(_Request):
    """A C-GET request (PS3.7 9.3.3.1)."""

    command_field = 0x0010
    priority: dimse_property = dimse_property("Priority")


class CGetRSPMessage(_Counted):
    """A C-GET response (PS3.7 9.3.3.2)."""

    command_field = 0x8010


class CMoveRQMessage(_Request):
    """A C-MOVE request (PS3.7 9.3.4.1)."""

    command_field = 0x0021
    priority: dimse_property = dimse_property("Priority")
    move_destination: dimse_property = dimse_property("MoveDestination")


class CMoveRSPMessage(_Counted):
    """A C-MOVE response (PS3.7 9.3.4.2)."""

    command_field = 0x8021


class NEventReportRQMessage(_Request, _OfInstance):
    """An N-EVENT-REPORT request (PS3.7 10.3.1.1)."""

    command_field = 0x0100
    event_type_id: dimse_property = dimse_property("EventTypeID")


class NEventReportRSPMessage(_Response, _OfInstance):
    """An N-EVENT-REPORT response (PS3.7 10.3.1.2)."""

    command_field = 0x8100
    event_type_id: dimse_property = dimse_property("EventTypeID")


class NGetRQMessage(_Requested):
    """An N-GET request (PS3.7 10.3.2.1)."""

    command_field = 0x0110
    attribute_identifier_list: dimse_property = dimse_property("AttributeIdentifierList")


class NGetRSPMessage(_Response, _OfInstance):
    """An N-GET response (PS3.7 10.3.2.2)."""

    command_field = 0x8110


class NSetRQMessage(_Requested):
    """An N-SET request (PS3.7 10.3.3.1)."""

    command_field = 0x0120


class NSetRSPMessage(_Response, _OfInstance):
    """An N-SET response (PS3.7 10.3.3.2)."""

    command_field = 0x8120


class NActionRQMessage(_Requested):
    """An N-ACTION request (PS3.7 10.3.4.1)."""

    command_field = 0x0130
    action_type_id: dimse_property = dimse_property("ActionTypeID")


class NActionRSPMessage(_Response, _OfInstance):
    """An N-ACTION response (PS3.7 10.3.4.2)."""

    command_field = 0x8130
    action_type_id: dimse_property = dimse_property("ActionTypeID")


class NCreateRQMessage(_Request, _OfInstance):
    """An N-CREATE request (PS3.7 10.3.5.1)."""

    command_field = 0x0140


class NCreateRSPMessage(_Response, _OfInstance):
    """An N-CREATE response (PS3.7 10.3.5.2)."""

    command_field = 0x8140


class NDeleteRQMessage(_Requested):
    """An N-DELETE request (PS3.7 10.3.6.1)."""

    command_field = 0x0150


class NDeleteRSPMessage(_Response, _OfInstance):
    """An N-DELETE response (PS3.7 10.3.6.2)."""

    command_field = 0x8150


MESSAGE_TYPE: Final[dict[int, type[DIMSEMessage]]] = {
    message.command_field: message
    for message in (
        CStoreRQMessage,
        CStoreRSPMessage,
        CFindRQMessage,
        CFindRSPMessage,
        CCancelRQMessage,
        CGetRQMessage,
        CGetRSPMessage,
        CMoveRQMessage,
        CMoveRSPMessage,
        CEchoRQMessage,
        CEchoRSPMessage,
        NEventReportRQMessage,
        NEventReportRSPMessage,
        NGetRQMessage,
        NGetRSPMessage,
        NSetRQMessage,
        NSetRSPMessage,
        NActionRQMessage,
        NActionRSPMessage,
        NCreateRQMessage,
        NCreateRSPMessage,
        NDeleteRQMessage,
        NDeleteRSPMessage,
    )
}


def chunks(seq: Any, size: int) -> Iterator[tuple[Any, bool]]:
    """Yield pieces of a sequence, and whether another one follows."""
    for position in range(0, len(seq), size):
        yield seq[position : position + size], position + size < len(seq)


def fragment(
    data_set: bytes, max_pdu_length: int, normal: int, last: int
) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of bytes that fit into PDUs, each with its message control header.

    Args:
        data_set: The bytes.
        max_pdu_length: The most bytes of a PDU, without its header.
        normal: The message control header of all but the last piece.
        last: That of the last piece.
    """
    for piece, has_next in chunks(data_set, max_pdu_length - _PDU_OVERHEAD):
        yield piece, normal if has_next else last


def fragment_file(
    f: BinaryIO, max_pdu_length: int, normal: int, last: int
) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of what is left of a file; the arguments are otherwise those of `fragment`."""
    size = max_pdu_length - _PDU_OVERHEAD
    piece = f.read(size)
    while piece:
        following = f.read(size)
        yield piece, normal if following else last
        piece = following
