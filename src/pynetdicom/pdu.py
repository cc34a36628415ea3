"""The seven PDUs of the upper layer (PS3.8 9.3): values, bytes and primitives.

On the way of the data P-DATA-TF PDUs are cut and joined without these objects (see
`upper_layer`); `P_DATA_TF` exists for handlers that want to look.
"""

from struct import Struct
from typing import Any, ClassVar, Final

from pydicom.uid import UID

from pynetdicom._globals import APPLICATION_CONTEXT_NAME
from pynetdicom._layout import Attribute, Buffer, Compared, Item, integer, iter_items
from pynetdicom._pdu_text import print_pdu
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.pdu_items import (
    PDU_ITEM_TYPES,
    ApplicationContextItem,
    PresentationContextItemAC,
    PresentationContextItemRQ,
    PresentationDataValueItem,
    UserInformationItem,
)
from pynetdicom.pdu_primitives import (
    A_ABORT,
    A_ASSOCIATE,
    A_P_ABORT,
    A_RELEASE,
    DIAGNOSTICS,
    P_DATA,
)
from pynetdicom.user_information import ServiceParameter

PDU_HEADER: Final = Struct(">BxI")  # PDU type, reserved, PDU length: the bytes that follow
PDV_HEADER: Final = Struct(">IBB")  # PDV length, context ID, message control header
_ASSOCIATE: Final = Struct(">Hxx16s16s32s")  # protocol version, called and calling title, reserved
_REASON: Final = Struct(">xBBB")  # reserved, result, source, reason or diagnostic

NO_VALUE: Final = "(no value available)"

# The words of the PDUs differ a little from those of the primitives.
RESULTS = {1: "Rejected (Permanent)", 2: "Rejected (Transient)"}
SOURCES = {
    1: "DUL service-user",
    2: "DUL service-provider (ACSE related)",
    3: "DUL service-provider (presentation related)",
}

ABORT_SOURCES = {0: "DUL service-user", 1: "Reserved", 2: "DUL service-provider"}

ABORT_REASONS = {
    0: "No reason given",
    1: "Unrecognised PDU",
    2: "Unexpected PDU",
    3: "Reserved",
    4: "Unrecognised PDU parameter",
    5: "Unexpected PDU parameter",
    6: "Invalid PDU parameter value",
}


class PDU(Compared):
    """Base of the PDUs."""

    pdu_type: ClassVar[int]

    def _pack(self) -> bytes:
        """Return what follows the PDU's header."""
        raise NotImplementedError

    def _unpack(self, body: bytes) -> None:
        """Take the attributes from what follows the PDU's header."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """Return the PDU as it goes on the wire."""
        body = self._pack()
        return PDU_HEADER.pack(self.pdu_type, len(body)) + body

    def decode(self, bytestream: Buffer) -> None:
        """Take the PDU from the wire, header included.

        Raises:
            RemoteProtocolError: The bytes are not one whole PDU of this type.
        """
        if len(bytestream) < PDU_HEADER.size:
            raise RemoteProtocolError("A PDU is cut short")
        pdu_type, length = PDU_HEADER.unpack_from(bytestream)
        if pdu_type != self.pdu_type or length != len(bytestream) - PDU_HEADER.size:
            raise RemoteProtocolError(f"The bytes are not one whole {type(self).__name__} PDU")
        self._unpack(bytes(bytestream[PDU_HEADER.size :]))

    @property
    def pdu_length(self) -> int:
        """The number of bytes behind the PDU's header."""
        return len(self._pack())

    def __len__(self) -> int:
        return PDU_HEADER.size + self.pdu_length

    def __str__(self) -> str:
        return print_pdu(self)


def wire_title(field: bytes) -> str:
    """Return an AE title as peers send it.

    Real peers pad with NULs, use other character sets, or send nothing but spaces. What cannot be
    read is escaped: whether a title is welcome is the application's decision.
    """
    return field.decode("ascii", "backslashreplace").strip("\0 ")


_ContextItem = type[PresentationContextItemRQ] | type[PresentationContextItemAC]


class _Associate(PDU):
    """What A-ASSOCIATE-RQ and -AC have in common: fixed fields, then items."""

    context_item: ClassVar[_ContextItem]
    protocol_version: Attribute[int] = Attribute(integer(0, 0xFFFF), 1)

    def __init__(self) -> None:
        self.called_ae_title: str = ""
        self.calling_ae_title: str = ""
        self.variable_items: list[Item] = []

    def _pack(self) -> bytes:
        called, calling = (
            title.ljust(16).encode("ascii", "replace")
            for title in (self.called_ae_title, self.calling_ae_title)
        )
        fixed = _ASSOCIATE.pack(self.protocol_version, called, calling, bytes(32))
        return fixed + b"".join(item.encode() for item in self.variable_items)

    def _unpack(self, body: bytes) -> None:
        if len(body) < _ASSOCIATE.size:
            raise RemoteProtocolError(f"{type(self).__name__} is cut short")
        self.protocol_version, called, calling, _ = _ASSOCIATE.unpack_from(body)
        self.called_ae_title, self.calling_ae_title = wire_title(called), wire_title(calling)
        self.variable_items = []
        taken: set[tuple[int, int]] = set()
        for kind, content in iter_items(body[_ASSOCIATE.size :]):
            if kind == self.context_item.item_type:
                self._take_context(content, taken)
            elif kind in (0x10, 0x50) and (kind, 0) not in taken:  # "one": the first counts
                taken.add((kind, 0))
                self._take_item(kind, content)

    def _take_context(self, content: bytes, taken: set[tuple[int, int]]) -> None:
        # Judged before it is decoded, so that no more than 128 contexts ever are.
        key = self.context_item.item_type, content[0] if content else 0
        if key in taken:
            raise RemoteProtocolError(f"Two presentation contexts have the ID {key[1]}")
        taken.add(key)
        self._take_item(key[0], content)

    def _take_item(self, kind: int, content: bytes) -> None:
        item = PDU_ITEM_TYPES[kind]()
        item._unpack(content)
        self.variable_items.append(item)

    @property
    def application_context_name(self) -> UID | None:
        """The application context, ``None`` when the item is missing."""
        items = self.variable_items
        found = (i.application_context_name for i in items if isinstance(i, ApplicationContextItem))
        return next(found, None)

    @property
    def user_information(self) -> UserInformationItem | None:
        """The user information item, ``None`` when it is missing."""
        items = self.variable_items
        return next((i for i in items if isinstance(i, UserInformationItem)), None)

    def _user_data(self) -> list[ServiceParameter]:
        return self.user_information.user_data if self.user_information else []

    def _take_titles(self, primitive: A_ASSOCIATE) -> None:
        self.called_ae_title = primitive.called_ae_title or ""
        self.calling_ae_title = primitive.calling_ae_title or ""
        name = primitive.application_context_name or APPLICATION_CONTEXT_NAME
        self.variable_items = [ApplicationContextItem(name)]

    def _give_titles(self) -> A_ASSOCIATE:
        primitive = A_ASSOCIATE()
        # Not through the checks: a peer's odd title is for the application to judge.
        primitive.__dict__["called_ae_title"] = self.called_ae_title
        primitive.__dict__["calling_ae_title"] = self.calling_ae_title
        primitive.application_context_name = self.application_context_name
        primitive.user_information = self._user_data()
        return primitive


class A_ASSOCIATE_RQ(_Associate):
    """The request of an association (PS3.8 9.3.2)."""

    pdu_type = 0x01
    context_item: ClassVar[_ContextItem] = PresentationContextItemRQ

    @property
    def presentation_context(self) -> list[PresentationContextItemRQ]:
        """The proposed presentation contexts."""
        return [i for i in self.variable_items if isinstance(i, PresentationContextItemRQ)]

    def from_primitive(self, primitive: A_ASSOCIATE) -> None:
        """Take the attributes from an A-ASSOCIATE request."""
        self._take_titles(primitive)
        contexts = primitive.presentation_context_definition_list
        self.variable_items.extend(map(PresentationContextItemRQ, contexts))
        self.variable_items.append(UserInformationItem(primitive.user_information))

    def to_primitive(self) -> A_ASSOCIATE:
        """Return the A-ASSOCIATE indication."""
        primitive = self._give_titles()
        primitive.presentation_context_definition_list = [
            item.to_context() for item in self.presentation_context
        ]
        return primitive


class A_ASSOCIATE_AC(_Associate):
    """The acceptance of an association (PS3.8 9.3.3)."""

    pdu_type = 0x02
    context_item: ClassVar[_ContextItem] = PresentationContextItemAC

    @property
    def presentation_context(self) -> list[PresentationContextItemAC]:
        """The decided presentation contexts."""
        return [i for i in self.variable_items if isinstance(i, PresentationContextItemAC)]

    @property
    def reserved_aet(self) -> str:
        """The called AE title: sent back as it came, "not tested" (PS3.8 Table 9-17)."""
        return self.called_ae_title

    @property
    def reserved_aec(self) -> str:
        """The calling AE title: sent back as it came, "not tested" (PS3.8 Table 9-17)."""
        return self.calling_ae_title

    def from_primitive(self, primitive: A_ASSOCIATE) -> None:
        """Take the attributes from an A-ASSOCIATE response."""
        self._take_titles(primitive)
        contexts = primitive.presentation_context_definition_results_list
        self.variable_items.extend(map(PresentationContextItemAC, contexts))
        self.variable_items.append(UserInformationItem(primitive.user_information))

    def to_primitive(self) -> A_ASSOCIATE:
        """Return the A-ASSOCIATE confirmation."""
        primitive = self._give_titles()
        primitive.result = 0
        primitive.result_source = 1
        primitive.presentation_context_definition_results_list = [
            item.to_context() for item in self.presentation_context
        ]
        return primitive


class _Fixed(PDU):
    """A PDU of four bytes behind the header."""

    def _fields(self) -> tuple[int, int, int]:
        return 0, 0, 0

    def _pack(self) -> bytes:
        return _REASON.pack(*self._fields())

    def _unpack(self, body: bytes) -> None:
        if len(body) != _REASON.size:
            raise RemoteProtocolError(f"{type(self).__name__} has {len(body)} bytes instead of 4")
        self._take(*_REASON.unpack(body))

    def _take(self, result: int, source: int, reason: int) -> None:
        """Keep the fields; most of these PDUs have none."""


class A_ASSOCIATE_RJ(_Fixed):
    """The rejection of an association (PS3.8 9.3.4)."""

    pdu_type = 0x03
    result: Attribute[int] = Attribute(integer(0, 255), 1)
    source: Attribute[int] = Attribute(integer(0, 255), 1)
    reason_diagnostic: Attribute[int] = Attribute(integer(0, 255), 1)

    def _fields(self) -> tuple[int, int, int]:
        return self.result, self.source, self.reason_diagnostic

    def _take(self, result: int, source: int, reason: int) -> None:
        self.result, self.source, self.reason_diagnostic = result, source, reason

    @property
    def result_str(self) -> str:
        """The result in words."""
        return RESULTS.get(self.result, NO_VALUE)

    @property
    def source_str(self) -> str:
        """The source in words."""
        return SOURCES.get(self.source, NO_VALUE)

    @property
    def reason_str(self) -> str:
        """The reason in words."""
        return DIAGNOSTICS.get((self.source, self.reason_diagnostic), "Reserved")

    def from_primitive(self, primitive: A_ASSOCIATE) -> None:
        """Take the attributes from an A-ASSOCIATE response that rejects."""
        self.result = primitive.result
        self.source = primitive.result_source
        self.reason_diagnostic = primitive.diagnostic

    def to_primitive(self) -> A_ASSOCIATE:
        """Return the A-ASSOCIATE confirmation."""
        primitive = A_ASSOCIATE()
        # Not through the checks: whatever the numbers, it is a rejection.
        primitive.__dict__["result"] = self.result or 1
        primitive.__dict__["result_source"] = self.source
        primitive.__dict__["diagnostic"] = self.reason_diagnostic
        return primitive


class P_DATA_TF(PDU):
    """Fragments of messages (PS3.8 9.3.5)."""

    pdu_type = 0x04

    def __init__(self) -> None:
        self.presentation_data_value_items: list[PresentationDataValueItem] = []

    def _pack(self) -> bytes:
        return b"".join(item.encode() for item in self.presentation_data_value_items)

    def _unpack(self, body: bytes) -> None:
        self.presentation_data_value_items = []
        position = 0
        while position < len(body):
            end = position + 4 + int.from_bytes(body[position : position + 4], "big")
            item = PresentationDataValueItem()
            item.decode(body[position:end])
            self.presentation_data_value_items.append(item)
            position = end

    def from_primitive(self, primitive: P_DATA) -> None:
        """Take the fragments from a P-DATA request."""
        self.presentation_data_value_items = [
            PresentationDataValueItem(context_id, value)
            for context_id, value in primitive.presentation_data_value_list
        ]

    def to_primitive(self) -> P_DATA:
        """Return the P-DATA indication."""
        return P_DATA([(item.context_id, item.data) for item in self.presentation_data_value_items])


class A_RELEASE_RQ(_Fixed):
    """The request of a release (PS3.8 9.3.6)."""

    pdu_type = 0x05

    def from_primitive(self, primitive: A_RELEASE) -> None:
        """Take nothing: the PDU has no attributes."""

    def to_primitive(self) -> A_RELEASE:
        """Return the A-RELEASE indication."""
        return A_RELEASE()


class A_RELEASE_RP(_Fixed):
    """The answer to a release (PS3.8 9.3.7)."""

    pdu_type = 0x06

    def from_primitive(self, primitive: A_RELEASE) -> None:
        """Take nothing: the PDU has no attributes."""

    def to_primitive(self) -> A_RELEASE:
        """Return the A-RELEASE confirmation."""
        return A_RELEASE("affirmative")


class A_ABORT_RQ(_Fixed):
    """An abort (PS3.8 9.3.8)."""

    pdu_type = 0x07
    source: Attribute[int] = Attribute(integer(0, 255), 0)
    reason_diagnostic: Attribute[int] = Attribute(integer(0, 255), 0)

    def _fields(self) -> tuple[int, int, int]:
        return 0, self.source, self.reason_diagnostic

    def _take(self, result: int, source: int, reason: int) -> None:
        del result  # reserved
        self.source, self.reason_diagnostic = source, reason

    @property
    def source_str(self) -> str:
        """The source in words."""
        return ABORT_SOURCES.get(self.source, NO_VALUE)

    @property
    def reason_str(self) -> str:
        """The reason in words; it means nothing when the service user aborts."""
        return ABORT_REASONS.get(self.reason_diagnostic, NO_VALUE) if self.source == 2 else NO_VALUE

    def from_primitive(self, primitive: A_ABORT | A_P_ABORT) -> None:
        """Take the attributes from an A-ABORT or A-P-ABORT request."""
        if isinstance(primitive, A_ABORT):
            self.source, self.reason_diagnostic = primitive.abort_source, 0
        else:
            self.source, self.reason_diagnostic = 2, primitive.provider_reason

    def to_primitive(self) -> A_ABORT | A_P_ABORT:
        """Return the A-ABORT or A-P-ABORT indication."""
        if self.source == 2:
            reason = self.reason_diagnostic
            return A_P_ABORT(reason if reason in ABORT_REASONS and reason != 3 else 0)
        return A_ABORT(0)


PDU_TYPES: dict[int, Any] = {
    pdu.pdu_type: pdu
    for pdu in (
        A_ASSOCIATE_RQ,
        A_ASSOCIATE_AC,
        A_ASSOCIATE_RJ,
        P_DATA_TF,
        A_RELEASE_RQ,
        A_RELEASE_RP,
        A_ABORT_RQ,
    )
}
