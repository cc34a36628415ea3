"""The PDUs and items of pynetdicom2: views of `pynetdicom.pdu` and `pynetdicom.pdu_items`."""

from collections.abc import Iterable
from typing import Any, BinaryIO, ClassVar, Self

from pynetdicom import pdu, pdu_items
from pynetdicom._layout import Compared, Item
from pynetdicom.compat.pynetdicom2.exceptions import PDUProcessingError
from pynetdicom.compat.pynetdicom2.userdataitems import ItemView, UserItem, view_of
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.pdu_primitives import A_ASSOCIATE


class _PDUItem(ItemView):
    """An item of a PDU which says how long it is when it is called."""

    def total_length(self) -> int:
        """Return the number of bytes on the wire."""
        return len(self.ours())

    @classmethod
    def _blank(cls) -> Item:
        return pdu_items.PDU_ITEM_TYPES[cls.item_type]()


class ApplicationContextItem(_PDUItem):
    """The application context (PS3.8 9.3.2.1)."""

    item_type = 0x10

    def __init__(self, context_name: str) -> None:
        self.context_name = context_name

    def ours(self) -> Item:
        """Return the item of the library."""
        return pdu_items.ApplicationContextItem(self.context_name)

    @classmethod
    def of(cls, ours: pdu_items.ApplicationContextItem) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.application_context_name or "")


class AbstractSyntaxSubItem(_PDUItem):
    """The abstract syntax of a proposed presentation context (PS3.8 9.3.2.2.1)."""

    item_type = 0x30

    def __init__(self, name: str) -> None:
        self.name = name

    def ours(self) -> Item:
        """Return the item of the library."""
        return pdu_items.AbstractSyntaxSubItem(self.name)

    @classmethod
    def of(cls, ours: pdu_items.AbstractSyntaxSubItem) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.abstract_syntax_name or "")


class TransferSyntaxSubItem(_PDUItem):
    """A transfer syntax of a presentation context (PS3.8 9.3.2.2.2)."""

    item_type = 0x40

    def __init__(self, name: str) -> None:
        self.name = name

    def ours(self) -> pdu_items.TransferSyntaxSubItem:
        """Return the item of the library."""
        return pdu_items.TransferSyntaxSubItem(self.name)

    @classmethod
    def of(cls, ours: pdu_items.TransferSyntaxSubItem) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.transfer_syntax_name or "")


class PresentationContextItemRQ(_PDUItem):
    """A proposed presentation context (PS3.8 9.3.2.2)."""

    item_type = 0x20

    def __init__(
        self,
        context_id: int,
        abs_sub_item: AbstractSyntaxSubItem,
        ts_sub_items: Iterable[TransferSyntaxSubItem],
    ) -> None:
        self.context_id = context_id
        self.abs_sub_item = abs_sub_item
        self.ts_sub_items: list[TransferSyntaxSubItem] = list(ts_sub_items)

    def ours(self) -> Item:
        """Return the item of the library."""
        item = pdu_items.PresentationContextItemRQ()
        item.presentation_context_id = self.context_id
        syntaxes = [self.abs_sub_item, *self.ts_sub_items]
        item.abstract_transfer_syntax_sub_items = [syntax.ours() for syntax in syntaxes]
        return item

    @classmethod
    def of(cls, ours: pdu_items.PresentationContextItemRQ) -> Self:
        """Return the view of an item of the library."""
        syntaxes = [TransferSyntaxSubItem(syntax) for syntax in ours.transfer_syntax]
        return cls(ours.context_id, AbstractSyntaxSubItem(ours.abstract_syntax or ""), syntaxes)


class PresentationContextItemAC(_PDUItem):
    """A decided presentation context (PS3.8 9.3.3.2).

    Args:
        context_id: The ID of the proposed context.
        result_reason: 0 accepted, 1 to 4 not.
        ts_sub_item: The transfer syntax; it means nothing when the context is not accepted.
    """

    item_type = 0x21

    def __init__(
        self, context_id: int, result_reason: int, ts_sub_item: TransferSyntaxSubItem
    ) -> None:
        self.context_id = context_id
        self.result_reason = result_reason
        self.ts_sub_item = ts_sub_item

    def ours(self) -> Item:
        """Return the item of the library."""
        item = pdu_items.PresentationContextItemAC()
        item.presentation_context_id = self.context_id
        item.result_reason = self.result_reason
        item.transfer_syntax_sub_item = [self.ts_sub_item.ours()]
        return item

    @classmethod
    def of(cls, ours: pdu_items.PresentationContextItemAC) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.context_id, ours.result, TransferSyntaxSubItem(ours.transfer_syntax or ""))


class UserInformationItem(_PDUItem):
    """What both sides tell each other about themselves (PS3.8 9.3.2.3)."""

    item_type = 0x50

    def __init__(self, user_data: Iterable[UserItem]) -> None:
        self.user_data: list[UserItem] = list(user_data)

    def ours(self) -> Item:
        """Return the item of the library."""
        return pdu_items.UserInformationItem([item.ours() for item in self.user_data])

    @classmethod
    def of(cls, ours: pdu_items.UserInformationItem) -> Self:
        """Return the view of an item of the library."""
        return cls(view_of(item) for item in ours.user_data)


class PresentationDataValueItem(Compared):
    """A fragment of a message, behind its message control header (PS3.8 9.3.5.1)."""

    def __init__(self, context_id: int, data_value: bytes) -> None:
        self.context_id = context_id
        self.data_value = data_value

    def ours(self) -> pdu_items.PresentationDataValueItem:
        """Return the item of the library."""
        return pdu_items.PresentationDataValueItem(self.context_id, bytes(self.data_value))

    @classmethod
    def of(cls, ours: pdu_items.PresentationDataValueItem) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.context_id, ours.data)

    @property
    def item_length(self) -> int:
        """The number of bytes behind the item's length."""
        return self.ours().item_length

    def total_length(self) -> int:
        """Return the number of bytes on the wire."""
        return len(self.ours())

    def encode(self) -> bytes:
        """Return the item as it goes on the wire."""
        return self.ours().encode()

    @classmethod
    def decode(cls, stream: BinaryIO) -> Self:
        """Read an item.

        Raises:
            PDUProcessingError: It is cut short.
        """
        length = stream.read(4)
        item = pdu_items.PresentationDataValueItem()
        try:
            item.decode(length + stream.read(int.from_bytes(length, "big")))
        except RemoteProtocolError as error:
            raise PDUProcessingError(str(error)) from error
        return cls.of(item)


ITEM_VIEWS: dict[int, type[_PDUItem]] = {
    view.item_type: view
    for view in (
        ApplicationContextItem,
        PresentationContextItemRQ,
        PresentationContextItemAC,
        UserInformationItem,
    )
}


class _PDUView(Compared):
    """A PDU."""

    pdu_type: ClassVar[int]

    def ours(self) -> Any:
        """Return the PDU of the library."""
        return pdu.PDU_TYPES[self.pdu_type]()

    @classmethod
    def of(cls, ours: Any) -> Self:
        """Return the view of a PDU of the library."""
        del ours  # most have no fields
        return cls()

    def to_primitive(self) -> Any:
        """Return the primitive that the core sends as this PDU."""
        return self.ours().to_primitive()

    @classmethod
    def of_primitive(cls, primitive: A_ASSOCIATE) -> Self:
        """Return the PDU that brought a primitive."""
        ours = pdu.PDU_TYPES[cls.pdu_type]()
        ours.from_primitive(primitive)
        return cls.of(ours)

    @property
    def pdu_length(self) -> int:
        """The number of bytes behind the PDU's header."""
        length: int = self.ours().pdu_length
        return length

    def total_length(self) -> int:
        """Return the number of bytes on the wire."""
        return len(self.ours())

    def encode(self) -> bytes:
        """Return the PDU as it goes on the wire."""
        data: bytes = self.ours().encode()
        return data

    @classmethod
    def decode(cls, rawstring: bytes) -> Self:
        """Return the PDU that these bytes are.

        Raises:
            PDUProcessingError: They are none of this kind.
        """
        ours = pdu.PDU_TYPES[cls.pdu_type]()
        try:
            ours.decode(rawstring)
        except RemoteProtocolError as error:
            raise PDUProcessingError(str(error)) from error
        return cls.of(ours)


class _Associate(_PDUView):
    def __init__(
        self,
        called_ae_title: str,
        calling_ae_title: str,
        variable_items: Iterable[Any],
        protocol_version: int = 1,
    ) -> None:
        self.called_ae_title = called_ae_title
        self.calling_ae_title = calling_ae_title
        self.variable_items: list[Any] = list(variable_items)
        self.protocol_version = protocol_version

    def ours(self) -> Any:
        """Return the PDU of the library."""
        ours = super().ours()
        ours.called_ae_title, ours.calling_ae_title = self.called_ae_title, self.calling_ae_title
        ours.variable_items = [item.ours() for item in self.variable_items]
        ours.protocol_version = self.protocol_version
        return ours

    @classmethod
    def of(cls, ours: Any) -> Self:
        """Return the view of a PDU of the library."""
        items = [ITEM_VIEWS[item.item_type].of(item) for item in ours.variable_items]
        return cls(ours.called_ae_title, ours.calling_ae_title, items, ours.protocol_version)


class AAssociateRqPDU(_Associate):
    """The request of an association (PS3.8 9.3.2)."""

    pdu_type = 0x01


class AAssociateAcPDU(_Associate):
    """The acceptance of an association (PS3.8 9.3.3)."""

    pdu_type = 0x02


class AAssociateRjPDU(_PDUView):
    """The rejection of an association (PS3.8 9.3.4)."""

    pdu_type = 0x03

    def __init__(self, result: int, source: int, reason_diag: int) -> None:
        self.result = result
        self.source = source
        self.reason_diag = reason_diag

    def ours(self) -> Any:
        """Return the PDU of the library."""
        ours = super().ours()
        ours.result, ours.source = self.result, self.source
        ours.reason_diagnostic = self.reason_diag
        return ours

    @classmethod
    def of(cls, ours: pdu.A_ASSOCIATE_RJ) -> Self:
        """Return the view of a PDU of the library."""
        return cls(ours.result, ours.source, ours.reason_diagnostic)


class PDataTfPDU(_PDUView):
    """Fragments of messages (PS3.8 9.3.5)."""

    pdu_type = 0x04

    def __init__(self, data_value_items: Iterable[PresentationDataValueItem]) -> None:
        self.data_value_items: list[PresentationDataValueItem] = list(data_value_items)

    def ours(self) -> Any:
        """Return the PDU of the library."""
        ours = super().ours()
        ours.presentation_data_value_items = [item.ours() for item in self.data_value_items]
        return ours

    @classmethod
    def of(cls, ours: pdu.P_DATA_TF) -> Self:
        """Return the view of a PDU of the library."""
        return cls(PresentationDataValueItem.of(i) for i in ours.presentation_data_value_items)


class AReleaseRqPDU(_PDUView):
    """The request of a release (PS3.8 9.3.6)."""

    pdu_type = 0x05


class AReleaseRpPDU(_PDUView):
    """The answer to a release (PS3.8 9.3.7)."""

    pdu_type = 0x06


class AAbortPDU(_PDUView):
    """An abort (PS3.8 9.3.8).

    Args:
        source: 0 service user, 2 service provider.
        reason_diag: The reason; only a service provider has one.
    """

    pdu_type = 0x07

    def __init__(self, source: int, reason_diag: int) -> None:
        self.source = source
        self.reason_diag = reason_diag

    def ours(self) -> Any:
        """Return the PDU of the library."""
        ours = super().ours()
        ours.source, ours.reason_diagnostic = self.source, self.reason_diag
        return ours

    @classmethod
    def of(cls, ours: pdu.A_ABORT_RQ) -> Self:
        """Return the view of a PDU of the library."""
        return cls(ours.source, ours.reason_diagnostic)
