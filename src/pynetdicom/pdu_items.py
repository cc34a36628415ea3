"""The items of the PDUs (PS3.8 9.3.2 to 9.3.5), with the user information items' wire names."""

from typing import Final

from pydicom.uid import UID

from pynetdicom._globals import APPLICATION_CONTEXT_NAME
from pynetdicom._layout import Attribute, Compared, Item, integer, iter_items, octets, uid, wire_uid
from pynetdicom._pdu_text import print_item
from pynetdicom.exceptions import AbortReason, RemoteProtocolError
from pynetdicom.presentation import PresentationContext
from pynetdicom.user_information import (
    ITEM_CLASSES,
    AsynchronousOperationsWindowSubItem,
    ImplementationClassUIDSubItem,
    ImplementationVersionNameSubItem,
    MaximumLengthSubItem,
    SCP_SCU_RoleSelectionSubItem,
    ServiceParameter,
    SOPClassCommonExtendedNegotiationSubItem,
    SOPClassExtendedNegotiationSubItem,
    UserIdentitySubItemAC,
    UserIdentitySubItemRQ,
    decode_item,
)

__all__ = [
    "PDU_ITEM_TYPES",
    "AbstractSyntaxSubItem",
    "ApplicationContextItem",
    "AsynchronousOperationsWindowSubItem",
    "ImplementationClassUIDSubItem",
    "ImplementationVersionNameSubItem",
    "MaximumLengthSubItem",
    "PresentationContextItemAC",
    "PresentationContextItemRQ",
    "PresentationDataValueItem",
    "SCP_SCU_RoleSelectionSubItem",
    "SOPClassCommonExtendedNegotiationSubItem",
    "SOPClassExtendedNegotiationSubItem",
    "TransferSyntaxSubItem",
    "UserIdentitySubItemAC",
    "UserIdentitySubItemRQ",
    "UserInformationItem",
]

# PS3.6 lists about seventy transfer syntaxes. Without a limit an association request of 1 MiB
# could hold two hundred thousand, which cost seconds to compare and many times their size to keep.
_MOST_SYNTAXES: Final = 256

_CONTEXT_RESULTS = {
    0: "Accepted",
    1: "User Rejection",
    2: "Provider Rejection",
    3: "Rejected - Abstract Syntax Not Supported",
    4: "Rejected - Transfer Syntax Not Supported",
}


class _PrintedItem(Item):
    """An item that is easy to read when printed."""

    def __str__(self) -> str:
        return print_item(self)


class _UIDItem(_PrintedItem):
    """An item whose body is one UID."""

    value: Attribute[UID | None] = Attribute(uid, None)

    def __init__(self, value: str | None = None) -> None:
        if value is not None:
            self.value = value

    def _pack(self) -> bytes:
        return (self.value or "").encode()

    def _unpack(self, body: bytes) -> None:
        self.value = wire_uid(body, type(self).__name__)


class ApplicationContextItem(_UIDItem):
    """The application context (PS3.8 9.3.2.1)."""

    item_type = 0x10

    def __init__(self, value: str = APPLICATION_CONTEXT_NAME) -> None:
        super().__init__(value)

    @property
    def application_context_name(self) -> UID | None:
        """Its name; DICOM knows one."""
        return self.value


class AbstractSyntaxSubItem(_UIDItem):
    """The abstract syntax of a proposed presentation context (PS3.8 9.3.2.2.1)."""

    item_type = 0x30

    @property
    def abstract_syntax_name(self) -> UID | None:
        """The abstract syntax."""
        return self.value


class TransferSyntaxSubItem(_UIDItem):
    """A transfer syntax of a presentation context (PS3.8 9.3.2.2.2)."""

    item_type = 0x40

    @property
    def transfer_syntax_name(self) -> UID | None:
        """The transfer syntax."""
        return self.value


class PresentationContextItemRQ(_PrintedItem):
    """A proposed presentation context (PS3.8 9.3.2.2)."""

    item_type = 0x20
    presentation_context_id: Attribute[int] = Attribute(integer(0, 255), 0)

    def __init__(self, context: PresentationContext | None = None) -> None:
        self.abstract_transfer_syntax_sub_items: list[Item] = []
        if context is not None:
            self.presentation_context_id = context.context_id
            subitems = self.abstract_transfer_syntax_sub_items
            subitems.append(AbstractSyntaxSubItem(context.abstract_syntax))
            subitems += [TransferSyntaxSubItem(syntax) for syntax in context.transfer_syntax]

    @property
    def context_id(self) -> int:
        """The presentation context ID."""
        return self.presentation_context_id

    @property
    def abstract_syntax(self) -> UID | None:
        """The proposed abstract syntax."""
        items = self.abstract_transfer_syntax_sub_items
        return next((i.value for i in items if isinstance(i, AbstractSyntaxSubItem)), None)

    @property
    def transfer_syntax(self) -> list[UID]:
        """The proposed transfer syntaxes."""
        items = self.abstract_transfer_syntax_sub_items
        return [i.value for i in items if isinstance(i, TransferSyntaxSubItem) and i.value]

    def _pack(self) -> bytes:
        subitems = b"".join(item.encode() for item in self.abstract_transfer_syntax_sub_items)
        return bytes([self.presentation_context_id, 0, 0, 0]) + subitems

    def _unpack(self, body: bytes) -> None:
        self.presentation_context_id = _context_id(body)
        context = f"Presentation context {self.presentation_context_id}"
        self.abstract_transfer_syntax_sub_items = []
        for kind, content in iter_items(body[4:]):
            subitem_class = _SYNTAX_ITEMS.get(kind)
            if subitem_class is not None:
                if len(self.abstract_transfer_syntax_sub_items) == _MOST_SYNTAXES:
                    raise RemoteProtocolError(f"{context} has more than {_MOST_SYNTAXES} syntaxes")
                subitem = subitem_class()
                subitem._unpack(content)
                self.abstract_transfer_syntax_sub_items.append(subitem)
        if not self.abstract_syntax or not self.transfer_syntax:
            raise RemoteProtocolError(f"{context} lacks its abstract syntax or transfer syntax")

    def to_context(self) -> PresentationContext:
        """Return the context that is proposed."""
        context = PresentationContext()
        context.context_id = self.presentation_context_id
        context.abstract_syntax = self.abstract_syntax or UID("")
        context.transfer_syntax = self.transfer_syntax
        return context


def _context_id(body: bytes) -> int:
    if len(body) < 4:
        raise RemoteProtocolError("A presentation context item is cut short")
    if not body[0] % 2:
        raise RemoteProtocolError(f"Presentation context ID {body[0]} is not odd")
    return body[0]


class PresentationContextItemAC(_PrintedItem):
    """A decided presentation context (PS3.8 9.3.3.2)."""

    item_type = 0x21
    presentation_context_id: Attribute[int] = Attribute(integer(0, 255), 0)
    result_reason: Attribute[int] = Attribute(integer(0, 255), 0)

    def __init__(self, context: PresentationContext | None = None) -> None:
        self.transfer_syntax_sub_item: list[TransferSyntaxSubItem] = []
        if context is not None:
            self.presentation_context_id = context.context_id
            self.result_reason = context.result
            syntaxes = context.transfer_syntax[:1]
            self.transfer_syntax_sub_item = [TransferSyntaxSubItem(item) for item in syntaxes]

    @property
    def context_id(self) -> int:
        """The presentation context ID."""
        return self.presentation_context_id

    @property
    def result(self) -> int:
        """The result: 0 is accepted."""
        return self.result_reason

    @property
    def result_str(self) -> str:
        """The result in words."""
        return _CONTEXT_RESULTS.get(self.result_reason, "(no value available)")

    @property
    def transfer_syntax(self) -> UID | None:
        """The accepted transfer syntax; it means nothing when the context is rejected."""
        return self.transfer_syntax_sub_item[0].value if self.transfer_syntax_sub_item else None

    def _pack(self) -> bytes:
        syntax = b"".join(item.encode() for item in self.transfer_syntax_sub_item)
        return bytes([self.presentation_context_id, 0, self.result_reason, 0]) + syntax

    def _unpack(self, body: bytes) -> None:
        self.presentation_context_id = _context_id(body)
        self.result_reason = body[2]
        self.transfer_syntax_sub_item = []
        if self.result_reason:
            return  # "not significant" in a rejected context, and some peers send it empty
        for kind, content in iter_items(body[4:]):
            if kind == TransferSyntaxSubItem.item_type:
                subitem = TransferSyntaxSubItem()
                subitem._unpack(content)
                self.transfer_syntax_sub_item.append(subitem)
        if len(self.transfer_syntax_sub_item) != 1 or not self.transfer_syntax:
            context = f"Accepted context {self.presentation_context_id}"
            raise RemoteProtocolError(f"{context} does not have just one transfer syntax")

    def to_context(self) -> PresentationContext:
        """Return the context as it was decided, without its abstract syntax."""
        context = PresentationContext()
        context.context_id = self.presentation_context_id
        context.result = self.result_reason
        if self.transfer_syntax is not None:
            context.add_transfer_syntax(self.transfer_syntax)
        return context


class UserInformationItem(_PrintedItem):
    """The user information: what both sides tell each other about themselves (PS3.8 9.3.2.3)."""

    item_type = 0x50

    def __init__(self, user_data: list[ServiceParameter] | None = None) -> None:
        self.user_data: list[ServiceParameter] = user_data if user_data is not None else []

    def _pack(self) -> bytes:
        return b"".join(item.encode() for item in self.user_data)

    def _unpack(self, body: bytes) -> None:
        # "Unrecognized items shall be ignored" (PS3.8 9.3.1).
        items = (decode_item(kind, content) for kind, content in iter_items(body))
        self.user_data = [item for item in items if item is not None]


class PresentationDataValueItem(Compared):
    """A fragment of a message (PS3.8 9.3.5.1); the first byte of its data is the control header."""

    presentation_context_id: Attribute[int] = Attribute(integer(0, 255), 0)
    presentation_data_value: Attribute[bytes] = Attribute(octets, b"")

    def __init__(self, context_id: int = 1, value: bytes = b"\0") -> None:
        self.presentation_context_id = context_id
        self.presentation_data_value = value

    @property
    def context_id(self) -> int:
        """The presentation context ID."""
        return self.presentation_context_id

    @property
    def data(self) -> bytes:
        """The message control header and the fragment."""
        return self.presentation_data_value

    def __str__(self) -> str:
        return print_item(self)

    @property
    def message_control_header_byte(self) -> str:
        """The message control header as eight binary digits (PS3.8 E.2)."""
        return f"{self.presentation_data_value[0]:08b}"

    @property
    def item_length(self) -> int:
        """The number of bytes behind the item's length."""
        return 1 + len(self.presentation_data_value)

    def __len__(self) -> int:
        return 4 + self.item_length

    def encode(self) -> bytes:
        """Return the item as it goes on the wire."""
        head = self.item_length.to_bytes(4, "big") + bytes([self.presentation_context_id])
        return head + self.presentation_data_value

    def decode(self, bytestream: bytes) -> None:
        """Take the item from the wire.

        Raises:
            RemoteProtocolError: The bytes are not one whole item.
        """
        if len(bytestream) < 6 or int.from_bytes(bytestream[:4], "big") != len(bytestream) - 4:
            raise RemoteProtocolError(
                "A presentation data value has the wrong length",
                AbortReason.INVALID_PARAMETER_VALUE,
            )
        self.presentation_context_id = bytestream[4]
        self.presentation_data_value = bytes(bytestream[5:])


_SYNTAX_ITEMS: dict[int, type[_UIDItem]] = {
    0x30: AbstractSyntaxSubItem,
    0x40: TransferSyntaxSubItem,
}

PDU_ITEM_TYPES: dict[int, type[Item]] = {
    0x10: ApplicationContextItem,
    0x20: PresentationContextItemRQ,
    0x21: PresentationContextItemAC,
    **_SYNTAX_ITEMS,
    0x50: UserInformationItem,
    **ITEM_CLASSES,
}
