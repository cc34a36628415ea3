"""The DIMSE services' parameters (PS3.7 9.1 and 10.1): one declarative line for each.

A primitive is a request until it says to which message it responds. Its elements of the command
set (PS3.7 Annex E) are declared; `command_set` loops over them.
"""

from io import BytesIO
from mmap import mmap
from typing import Any, ClassVar, Self, TypeVar, overload

from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from pynetdicom._layout import Attribute, Check, Compared, integer
from pynetdicom.utils import set_ae, set_uid

T = TypeVar("T")
Pieces = tuple[bytes, ...]
Keywords = tuple[str, ...]
DataKeywords = tuple[str | None, str | None]  # of the request, of the response


class Element(Attribute[T]):
    """A parameter that travels in the command set.

    Args:
        number: The element number in group 0000.
        vr: How it is written: UI, US, AE, AT or LO.
        check: As in `Attribute`.
        default: As in `Attribute`.
    """

    def __init__(self, number: int, vr: str, check: Check[T], default: T) -> None:
        super().__init__(check, default)
        self.number = number
        self.vr = vr


Number = Element[int | None]
Identity = Element[UID | None]
Text = Element[str | None]
Tags = Element[list[BaseTag] | None]

_USHORT = integer(0, 0xFFFF)


def _number(value: Any, name: str) -> int | None:
    return None if value is None else _USHORT(value, name)


def US(number: int) -> Number:
    """Declare a number of two bytes."""
    return Element(number, "US", _number, None)


def UI(number: int) -> Identity:
    """Declare a UID."""
    return Element(number, "UI", set_uid, None)


def _priority(value: Any, name: str) -> int:
    if value not in (0, 1, 2):
        raise ValueError(f"'{name}' must be 0 (medium), 1 (high) or 2 (low), not {value!r}")
    return int(value)


def _originator(value: Any, name: str) -> str | None:
    # The title only informs: a bad one must not fail the store it comes with.
    try:
        return set_ae(value, name, allow_empty=False)
    except ValueError:
        return None


def _destination(value: Any, name: str) -> str | None:
    return set_ae(value, name, allow_empty=False)


def _comment(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"'{name}' must be str, not '{type(value).__name__}'")
    return value[:64] if value else value


def _tags(value: Any, name: str) -> list[BaseTag] | None:
    if value is None:
        return None
    values = value if isinstance(value, (list, tuple)) and not _is_pair(value) else [value]
    try:
        return [Tag(item) for item in values]
    except (ValueError, TypeError, OverflowError) as error:
        raise type(error)(f"'{name}' must hold tags: {error}") from error


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int) for v in value)


def _stream(value: Any, name: str) -> BytesIO | None:
    if value is not None and not isinstance(value, BytesIO):
        raise TypeError(f"'{name}' must be BytesIO, not '{type(value).__name__}'")
    return value


class Data:
    """The data set that follows the command set.

    One that is large becomes a stream when somebody asks for it.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> BytesIO | None: ...
    def __get__(self, instance: object | None, owner: type) -> Self | BytesIO | None:
        if instance is None:
            return self
        value: BytesIO | mmap | Pieces | None = vars(instance).get(self.name)
        if isinstance(value, mmap):
            vars(instance)[self.name] = value = BytesIO(value[:])
        elif isinstance(value, tuple):
            vars(instance)[self.name] = value = BytesIO(b"".join(value))
        return value

    def __set__(self, instance: object, value: Any) -> None:
        vars(instance)[self.name] = _stream(value, self.name)


class DIMSEPrimitive(Compared):
    """Base of the DIMSE services.

    Attributes:
        command_field: What the request's Command Field holds (PS3.7 E.1); a response sets bit 15.
        data_keywords: The names of the data set in request and response, ``None`` for none.
    """

    command_field: ClassVar[int]
    msg_type: ClassVar[str]
    data_keywords: ClassVar[DataKeywords] = (None, None)
    REQUEST_KEYWORDS: Keywords = ("MessageID",)
    RESPONSE_KEYWORDS: Keywords = ("MessageIDBeingRespondedTo", "Status")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ()
    elements: ClassVar[tuple[Element[Any], ...]] = ()
    by_number: ClassVar[dict[int, Element[Any]]] = {}
    by_keyword: ClassVar[dict[str, Element[Any]]] = {}

    MessageID: Number = US(0x0110)
    MessageIDBeingRespondedTo: Number = US(0x0120)
    Status: Number = US(0x0900)

    # The context it came by or goes by; the fronts set it.
    _context_id: int | None = None
    # A received data set that is kept in a file instead of memory.
    _dataset_path: Any = None
    # Why a received data set could not be kept.
    _sink_error: Exception | None = None

    def __init_subclass__(cls) -> None:
        """Collect the elements in the order in which the command set has them."""
        super().__init_subclass__()
        found = {
            element.number: element
            for element in cls._declared.values()
            if isinstance(element, Element)
        }
        cls.by_number = found
        cls.by_keyword = {element.name: element for element in found.values()}
        cls.elements = tuple(found[number] for number in sorted(found))

    @property
    def is_response(self) -> bool:
        """Whether it responds to a message."""
        return self.MessageIDBeingRespondedTo is not None

    @property
    def data_keyword(self) -> str | None:
        """The name of the attribute that holds the data set."""
        return self.data_keywords[self.is_response]

    @property
    def data_set(self) -> BytesIO | None:
        """The encoded data set, under whatever name the service has for it."""
        keyword = self.data_keyword
        return None if keyword is None else getattr(self, keyword)

    @property
    def _encoded(self) -> BytesIO | mmap | None:
        """The data set as it is kept: a large one is in memory of its own, until it was decoded."""
        value: BytesIO | mmap | Pieces | None = vars(self).get(self.data_keyword or "")
        return BytesIO(b"".join(value)) if isinstance(value, tuple) else value

    def _keep(self, pieces: Pieces) -> None:
        """Keep the data set in pieces, large ones of which the decoded data set has, too."""
        vars(self)[self.data_keyword or ""] = pieces

    @property
    def is_valid_request(self) -> bool:
        """Whether it has what a request must have."""
        return not self.missing_keywords

    @property
    def missing_keywords(self) -> list[str]:
        """What a request must have and this one lacks."""
        kept = self.data_keyword if self._dataset_path or self._sink_error else None
        return [
            keyword
            for keyword in self.REQUEST_KEYWORDS
            if vars(self).get(keyword) is None
            and getattr(self, keyword) is None
            and keyword != kept
        ]

    @property
    def is_valid_response(self) -> bool:
        """Whether it has what a response must have."""
        return all(getattr(self, keyword) is not None for keyword in self.RESPONSE_KEYWORDS)


_IDENTITY = ("AffectedSOPClassUID", "AffectedSOPInstanceUID")
_ERROR = ("ErrorComment", "ErrorID")
_COUNTS = tuple(
    f"NumberOf{which}Suboperations" for which in ("Remaining", "Failed", "Warning", "Completed")
)


class C_ECHO(DIMSEPrimitive):
    """The C-ECHO service (PS3.7 9.1.5)."""

    command_field = 0x0030
    msg_type = "C-ECHO"
    REQUEST_KEYWORDS: Keywords = ("MessageID", "AffectedSOPClassUID")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("ErrorComment",)

    AffectedSOPClassUID: Identity = UI(0x0002)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)


class C_STORE(DIMSEPrimitive):
    """The C-STORE service (PS3.7 9.1.1)."""

    command_field = 0x0001
    msg_type = "C-STORE"
    data_keywords: ClassVar[DataKeywords] = ("DataSet", None)
    REQUEST_KEYWORDS: Keywords = ("MessageID", *_IDENTITY, "Priority", "DataSet")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("OffendingElement", "ErrorComment")

    AffectedSOPClassUID: Identity = UI(0x0002)
    AffectedSOPInstanceUID: Identity = UI(0x1000)
    Priority: Element[int] = Element(0x0700, "US", _priority, 2)
    MoveOriginatorApplicationEntityTitle: Text = Element(0x1030, "AE", _originator, None)
    MoveOriginatorMessageID: Number = US(0x1031)
    OffendingElement: Tags = Element(0x0901, "AT", _tags, None)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)
    ErrorID: Number = US(0x0903)
    DataSet: Data = Data()


class C_FIND(DIMSEPrimitive):
    """The C-FIND service (PS3.7 9.1.2)."""

    command_field = 0x0020
    msg_type = "C-FIND"
    data_keywords: ClassVar[DataKeywords] = ("Identifier", "Identifier")
    REQUEST_KEYWORDS: Keywords = ("MessageID", "AffectedSOPClassUID", "Priority", "Identifier")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("OffendingElement", "ErrorComment")

    AffectedSOPClassUID: Identity = UI(0x0002)
    Priority: Element[int] = Element(0x0700, "US", _priority, 2)
    OffendingElement: Tags = Element(0x0901, "AT", _tags, None)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)
    ErrorID: Number = US(0x0903)
    Identifier: Data = Data()


class C_GET(C_FIND):
    """The C-GET service (PS3.7 9.1.3)."""

    command_field = 0x0010
    msg_type = "C-GET"
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("ErrorComment", "OffendingElement", *_COUNTS)

    NumberOfRemainingSuboperations: Number = US(0x1020)
    NumberOfCompletedSuboperations: Number = US(0x1021)
    NumberOfFailedSuboperations: Number = US(0x1022)
    NumberOfWarningSuboperations: Number = US(0x1023)


class C_MOVE(C_GET):
    """The C-MOVE service (PS3.7 9.1.4)."""

    command_field = 0x0021
    msg_type = "C-MOVE"
    REQUEST_KEYWORDS: Keywords = (*C_FIND.REQUEST_KEYWORDS, "MoveDestination")

    MoveDestination: Text = Element(0x0600, "AE", _destination, None)


class C_CANCEL(DIMSEPrimitive):
    """The C-CANCEL service (PS3.7 9.3.2.3): names a message, and is never answered."""

    command_field = 0x0FFF
    msg_type = "C-CANCEL"
    REQUEST_KEYWORDS: Keywords = ("MessageIDBeingRespondedTo",)

    @property
    def is_response(self) -> bool:
        """Never."""
        return False


class N_EVENT_REPORT(DIMSEPrimitive):
    """The N-EVENT-REPORT service (PS3.7 10.1.1)."""

    command_field = 0x0100
    msg_type = "N-EVENT-REPORT"
    data_keywords: ClassVar[DataKeywords] = ("EventInformation", "EventReply")
    REQUEST_KEYWORDS: Keywords = ("MessageID", *_IDENTITY, "EventTypeID")
    STATUS_OPTIONAL_KEYWORDS: Keywords = (*_IDENTITY, "EventTypeID", *_ERROR)

    AffectedSOPClassUID: Identity = UI(0x0002)
    AffectedSOPInstanceUID: Identity = UI(0x1000)
    EventTypeID: Number = US(0x1002)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)
    ErrorID: Number = US(0x0903)
    EventInformation: Data = Data()
    EventReply: Data = Data()


class _Requested(DIMSEPrimitive):
    """What N-GET, N-SET, N-ACTION and N-DELETE have in common: they name an instance."""

    REQUEST_KEYWORDS: Keywords = ("MessageID", "RequestedSOPClassUID", "RequestedSOPInstanceUID")

    AffectedSOPClassUID: Identity = UI(0x0002)
    RequestedSOPClassUID: Identity = UI(0x0003)
    AffectedSOPInstanceUID: Identity = UI(0x1000)
    RequestedSOPInstanceUID: Identity = UI(0x1001)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)
    ErrorID: Number = US(0x0903)


class N_GET(_Requested):
    """The N-GET service (PS3.7 10.1.2)."""

    command_field = 0x0110
    msg_type = "N-GET"
    data_keywords: ClassVar[DataKeywords] = (None, "AttributeList")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("AttributeIdentifierList", *_ERROR)

    AttributeIdentifierList: Tags = Element(0x1005, "AT", _tags, None)
    AttributeList: Data = Data()


class N_SET(_Requested):
    """The N-SET service (PS3.7 10.1.3)."""

    command_field = 0x0120
    msg_type = "N-SET"
    data_keywords: ClassVar[DataKeywords] = ("ModificationList", "AttributeList")
    REQUEST_KEYWORDS: Keywords = (*_Requested.REQUEST_KEYWORDS, "ModificationList")
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("AttributeIdentifierList", *_ERROR)

    AttributeIdentifierList: Tags = Element(0x1005, "AT", _tags, None)
    ModificationList: Data = Data()
    AttributeList: Data = Data()


class N_ACTION(_Requested):
    """The N-ACTION service (PS3.7 10.1.4)."""

    command_field = 0x0130
    msg_type = "N-ACTION"
    data_keywords: ClassVar[DataKeywords] = ("ActionInformation", "ActionReply")
    REQUEST_KEYWORDS: Keywords = (*_Requested.REQUEST_KEYWORDS, "ActionTypeID")
    STATUS_OPTIONAL_KEYWORDS: Keywords = _ERROR

    ActionTypeID: Number = US(0x1008)
    ActionInformation: Data = Data()
    ActionReply: Data = Data()


class N_CREATE(DIMSEPrimitive):
    """The N-CREATE service (PS3.7 10.1.5)."""

    command_field = 0x0140
    msg_type = "N-CREATE"
    data_keywords: ClassVar[DataKeywords] = ("AttributeList", "AttributeList")
    REQUEST_KEYWORDS: Keywords = ("MessageID", "AffectedSOPClassUID")
    # The instance too: the provider may have chosen it.
    STATUS_OPTIONAL_KEYWORDS: Keywords = ("AffectedSOPInstanceUID", *_ERROR)

    AffectedSOPClassUID: Identity = UI(0x0002)
    AffectedSOPInstanceUID: Identity = UI(0x1000)
    AttributeIdentifierList: Tags = Element(0x1005, "AT", _tags, None)
    ErrorComment: Text = Element(0x0902, "LO", _comment, None)
    ErrorID: Number = US(0x0903)
    AttributeList: Data = Data()


class N_DELETE(_Requested):
    """The N-DELETE service (PS3.7 10.1.6)."""

    command_field = 0x0150
    msg_type = "N-DELETE"
    STATUS_OPTIONAL_KEYWORDS: Keywords = _ERROR


DimsePrimitiveType = DIMSEPrimitive
DimseServiceType = DIMSEPrimitive

PRIMITIVES: dict[int, type[DIMSEPrimitive]] = {
    primitive.command_field: primitive
    for primitive in (
        C_STORE,
        C_GET,
        C_FIND,
        C_MOVE,
        C_ECHO,
        N_EVENT_REPORT,
        N_GET,
        N_SET,
        N_ACTION,
        N_CREATE,
        N_DELETE,
        C_CANCEL,
    )
}
