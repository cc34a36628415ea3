"""The user information items of pynetdicom2: views of `pynetdicom.user_information`.

Each has the constructor and attributes that programs know; what goes on the wire and how it is
read is `ours`, the item of the library.
"""

from typing import Any, BinaryIO, Self

from pynetdicom._layout import ITEM_HEADER, Compared, Item, iter_items
from pynetdicom.compat.pynetdicom2.exceptions import PDUProcessingError
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.user_information import (
    ITEM_CLASSES,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    ServiceParameter,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)


class ItemView(Compared):
    """An item of a PDU."""

    item_type: int

    def ours(self) -> Item:
        """Return the item of the library."""
        raise NotImplementedError

    @classmethod
    def of(cls, ours: Any) -> Self:
        """Return the view of an item of the library."""
        raise NotImplementedError

    @property
    def item_length(self) -> int:
        """The number of bytes behind the item's header."""
        return self.ours().item_length

    def encode(self) -> bytes:
        """Return the item as it goes on the wire."""
        return self.ours().encode()

    @classmethod
    def decode(cls, stream: BinaryIO) -> Self:
        """Read an item.

        Raises:
            PDUProcessingError: What comes next is not one of this kind.
        """
        blank = cls._blank()
        try:
            blank.decode(read_item(stream))
        except RemoteProtocolError as error:
            raise PDUProcessingError(str(error)) from error
        return cls.of(blank)

    @classmethod
    def _blank(cls) -> Item:
        raise NotImplementedError


def read_item(stream: BinaryIO) -> bytes:
    """Read the bytes of the next item, header included."""
    header = stream.read(ITEM_HEADER.size)
    if len(header) < ITEM_HEADER.size:
        raise PDUProcessingError("The stream ends where an item should be")
    return header + stream.read(ITEM_HEADER.unpack(header)[1])


class UserItem(ItemView):
    """An item of the user information."""

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        raise NotImplementedError

    @property
    def total_length(self) -> int:
        """The number of bytes on the wire."""
        return len(self.ours())

    @classmethod
    def _blank(cls) -> Item:
        return ITEM_CLASSES[cls.item_type]()


class MaximumLengthSubItem(UserItem):
    """The longest P-DATA-TF PDU its sender wants to receive, 0 for any (PS3.8 D.1)."""

    item_type = 0x51

    def __init__(self, maximum_length_received: int) -> None:
        self.maximum_length_received = maximum_length_received

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = MaximumLengthNotification()
        item.maximum_length_received = self.maximum_length_received
        return item

    @classmethod
    def of(cls, ours: MaximumLengthNotification) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.maximum_length_received)


class ImplementationClassUIDSubItem(UserItem):
    """Which implementation its sender is (PS3.7 D.3.3.2.1)."""

    item_type = 0x52

    def __init__(self, implementation_class_uid: str) -> None:
        self.implementation_class_uid = implementation_class_uid

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = ImplementationClassUIDNotification()
        item.implementation_class_uid = self.implementation_class_uid
        return item

    @classmethod
    def of(cls, ours: ImplementationClassUIDNotification) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.implementation_class_uid or "")


class ImplementationVersionNameSubItem(UserItem):
    """Which version of an implementation its sender is (PS3.7 D.3.3.2.3)."""

    item_type = 0x55

    def __init__(self, implementation_version_name: str) -> None:
        self.implementation_version_name = implementation_version_name

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = ImplementationVersionNameNotification()
        item.implementation_version_name = self.implementation_version_name
        return item

    @classmethod
    def of(cls, ours: ImplementationVersionNameNotification) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.implementation_version_name or "")


class AsynchronousOperationsWindowSubItem(UserItem):
    """How many operations may be under way at once, 0 for any number (PS3.7 D.3.3.3)."""

    item_type = 0x53

    def __init__(self, max_num_ops_invoked: int, max_num_ops_performed: int) -> None:
        self.max_num_ops_invoked = max_num_ops_invoked
        self.max_num_ops_performed = max_num_ops_performed

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = AsynchronousOperationsWindowNegotiation()
        item.maximum_number_operations_invoked = self.max_num_ops_invoked
        item.maximum_number_operations_performed = self.max_num_ops_performed
        return item

    @classmethod
    def of(cls, ours: AsynchronousOperationsWindowNegotiation) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.maximum_number_operations_invoked, ours.maximum_number_operations_performed)


class ScpScuRoleSelectionSubItem(UserItem):
    """Which roles the requestor takes for a SOP class: 0 or 1 each (PS3.7 D.3.3.4)."""

    item_type = 0x54

    def __init__(self, sop_class_uid: str, scu_role: int, scp_role: int) -> None:
        self.sop_class_uid = sop_class_uid
        self.scu_role = scu_role
        self.scp_role = scp_role

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = SCP_SCU_RoleSelectionNegotiation()
        item.sop_class_uid = self.sop_class_uid
        item.scu_role, item.scp_role = bool(self.scu_role), bool(self.scp_role)
        return item

    @classmethod
    def of(cls, ours: SCP_SCU_RoleSelectionNegotiation) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.sop_class_uid or "", int(bool(ours.scu_role)), int(bool(ours.scp_role)))


class SOPClassExtendedNegotiationSubItem(UserItem):
    """What a service class negotiates for itself (PS3.7 D.3.3.5)."""

    item_type = 0x56

    def __init__(self, sop_class_uid: str, app_info: bytes) -> None:
        self.sop_class_uid = sop_class_uid
        self.app_info = app_info

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid = self.sop_class_uid
        item.service_class_application_information = self.app_info
        return item

    @classmethod
    def of(cls, ours: SOPClassExtendedNegotiation) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.sop_class_uid or "", ours.service_class_application_information or b"")


class UserIdentityNegotiationSubItem(UserItem):
    """Who the user is (PS3.7 D.3.3.7.1).

    Args:
        primary_field: The user name, Kerberos ticket, SAML assertion or JSON web token.
        secondary_field: The password; only with type 2.
        user_identity_type: 1 name, 2 name and password, 3 Kerberos, 4 SAML, 5 JSON web token.
        positive_response_req: Whether an answer is wanted, 0 or 1.
    """

    item_type = 0x58

    def __init__(
        self,
        primary_field: str | bytes,
        secondary_field: str | bytes = "",
        user_identity_type: int = 2,
        positive_response_req: int = 0,
    ) -> None:
        self._primary_field = _encoded(primary_field)
        self._secondary_field = _encoded(secondary_field)
        self.user_identity_type = user_identity_type
        self.positive_response_req = positive_response_req

    @property
    def primary_field(self) -> str:
        """The user name, or whatever its type says."""
        return self._primary_field.decode("utf-8", "backslashreplace")

    @property
    def secondary_field(self) -> str:
        """The password."""
        return self._secondary_field.decode("utf-8", "backslashreplace")

    def __repr__(self) -> str:
        """Say what it is, but no secrets: representations end up in logs."""
        return f"{type(self).__name__}(user_identity_type={self.user_identity_type}, …)"

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = UserIdentityNegotiation()
        item.user_identity_type = self.user_identity_type
        item.positive_response_requested = bool(self.positive_response_req)
        item.primary_field, item.secondary_field = self._primary_field, self._secondary_field
        return item

    @classmethod
    def of(cls, ours: UserIdentityNegotiation) -> Self:
        """Return the view of an item of the library."""
        return cls(
            ours.primary_field or b"",
            ours.secondary_field or b"",
            ours.user_identity_type or 0,
            int(ours.positive_response_requested),
        )


class UserIdentityNegotiationSubItemAc(UserItem):
    """The answer to a user identity (PS3.7 D.3.3.7.2)."""

    item_type = 0x59

    def __init__(self, server_response: str | bytes) -> None:
        self._server_response = _encoded(server_response)

    @property
    def server_response(self) -> str:
        """The answer."""
        return self._server_response.decode("utf-8", "backslashreplace")

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        item = UserIdentityNegotiation()
        item.server_response = self._server_response
        return item

    @classmethod
    def of(cls, ours: UserIdentityNegotiation) -> Self:
        """Return the view of an item of the library."""
        return cls(ours.server_response or b"")


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


class _Raw(ServiceParameter):
    """An item that is only bytes."""

    def __init__(self, item_type: int, body: bytes) -> None:
        self.item_type = item_type  # type: ignore[misc]  # each has its own
        self.body = body

    def _pack(self) -> bytes:
        return self.body


class GenericUserDataSubItem(UserItem):
    """An item of a type that the library does not know."""

    def __init__(self, item_type: int, user_data: bytes) -> None:
        self.item_type = item_type
        self.user_data = user_data

    def ours(self) -> ServiceParameter:
        """Return the item of the library."""
        return _Raw(self.item_type, self.user_data)

    @classmethod
    def decode(cls, stream: BinaryIO) -> Self:
        """Read an item, whatever it is."""
        ((item_type, body),) = iter_items(read_item(stream))
        return cls(item_type, body)


VIEWS: dict[int, type[UserItem]] = {
    view.item_type: view
    for view in (
        MaximumLengthSubItem,
        ImplementationClassUIDSubItem,
        ImplementationVersionNameSubItem,
        AsynchronousOperationsWindowSubItem,
        ScpScuRoleSelectionSubItem,
        SOPClassExtendedNegotiationSubItem,
        UserIdentityNegotiationSubItem,
        UserIdentityNegotiationSubItemAc,
    )
}


def view_of(ours: ServiceParameter) -> UserItem:
    """Return the view of a user information item, a generic one where there is none."""
    view = VIEWS.get(ours.item_type)
    if view is None:
        return GenericUserDataSubItem(ours.item_type, ours.encode()[ITEM_HEADER.size :])
    return view.of(ours)
