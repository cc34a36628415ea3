"""The user information items (PS3.8 Annex D, PS3.7 D.3.3): each is one class.

A class is at once the parameter which users set and the sub-item on the wire, so each item has two
documented names: `MaximumLengthNotification` is also `MaximumLengthSubItem`.
"""

from struct import Struct
from typing import Any, ClassVar

from pydicom.uid import UID

from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom._layout import (
    Attribute,
    Item,
    boolean,
    fixed,
    integer,
    led,
    maybe,
    octets,
    take,
    uid,
    wire_uid,
)
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.utils import set_uid

_LENGTH = Struct(">I")
_WINDOW = Struct(">HH")
_ROLES = Struct(">BB")


class ServiceParameter(Item):
    """Base of the items that users can put into the user information of an association."""


class MaximumLengthNotification(ServiceParameter):
    """The longest P-DATA-TF PDU its sender wants to receive (PS3.8 D.1).

    Attributes:
        maximum_length_received: Bytes without the PDU's header; 0 means that any length will do.
    """

    item_type = 0x51
    maximum_length_received: Attribute[int] = Attribute(integer(0, 0xFFFFFFFF), DEFAULT_MAX_LENGTH)

    def _pack(self) -> bytes:
        return _LENGTH.pack(self.maximum_length_received)

    def _unpack(self, body: bytes) -> None:
        (self.maximum_length_received,) = fixed(_LENGTH, body, "Maximum length")


class ImplementationClassUIDNotification(ServiceParameter):
    """Which implementation its sender is (PS3.7 D.3.3.2)."""

    item_type = 0x52
    implementation_class_uid: Attribute[UID | None] = Attribute(uid, None)

    def _pack(self) -> bytes:
        if self.implementation_class_uid is None:
            raise ValueError("The implementation class UID is not set")
        return self.implementation_class_uid.encode()

    def _unpack(self, body: bytes) -> None:
        self.implementation_class_uid = wire_uid(body, "Implementation class UID")


def _version_name(value: Any, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode("ascii")
    if not isinstance(value, str):
        raise TypeError(f"'{name}' must be str, not '{type(value).__name__}'")
    if not 1 <= len(value) <= 16:
        raise ValueError(f"'{name}' must have 1 to 16 characters, not {len(value)}")
    return value


class ImplementationVersionNameNotification(ServiceParameter):
    """Which version of an implementation its sender is (PS3.7 D.3.3.2)."""

    item_type = 0x55
    implementation_version_name: Attribute[str | None] = Attribute(_version_name, None)

    def _pack(self) -> bytes:
        if self.implementation_version_name is None:
            raise ValueError("The implementation version name is not set")
        return self.implementation_version_name.encode("ascii", "replace")

    def _unpack(self, body: bytes) -> None:
        # Real peers send none at all or more than 16 characters, in any code page. The name
        # informs and decides nothing, so what can be shown is kept.
        text = body[:16].decode("ascii", "replace").replace("�", "?").strip("\0 ")
        self.implementation_version_name = text or None


class AsynchronousOperationsWindowNegotiation(ServiceParameter):
    """How many operations may be under way at once (PS3.7 D.3.3.3); 0 means any number."""

    item_type = 0x53
    maximum_number_operations_invoked: Attribute[int] = Attribute(integer(0, 0xFFFF), 1)
    maximum_number_operations_performed: Attribute[int] = Attribute(integer(0, 0xFFFF), 1)

    def _pack(self) -> bytes:
        return _WINDOW.pack(
            self.maximum_number_operations_invoked, self.maximum_number_operations_performed
        )

    def _unpack(self, body: bytes) -> None:
        invoked, performed = fixed(_WINDOW, body, "Asynchronous operations window")
        self.maximum_number_operations_invoked = invoked
        self.maximum_number_operations_performed = performed


class SCP_SCU_RoleSelectionNegotiation(ServiceParameter):
    """Which roles the requestor takes for a SOP class (PS3.7 D.3.3.4).

    Attributes:
        sop_class_uid: The abstract syntax it is about.
        scu_role: In a request, whether the requestor proposes to be SCU; in an answer, whether the
            acceptor agrees. ``None`` counts as False.
        scp_role: The same for the role of SCP.
    """

    item_type = 0x54
    sop_class_uid: Attribute[UID | None] = Attribute(uid, None)
    scu_role: Attribute[bool | None] = Attribute(maybe(boolean), None)
    scp_role: Attribute[bool | None] = Attribute(maybe(boolean), None)

    def _pack(self) -> bytes:
        if self.sop_class_uid is None:
            raise ValueError("The SOP class UID of a role selection is not set")
        if self.scu_role is None and self.scp_role is None:
            raise ValueError("One of 'scu_role' and 'scp_role' must be set")
        roles = _ROLES.pack(bool(self.scu_role), bool(self.scp_role))
        return led(self.sop_class_uid.encode()) + roles

    def _unpack(self, body: bytes) -> None:
        sop_class, position = take(body, 0, "Role selection's SOP class UID")
        scu, scp = fixed(_ROLES, body[position:], "The roles of a role selection")
        self.sop_class_uid = wire_uid(sop_class, "Role selection's SOP class UID")
        self.scu_role, self.scp_role = bool(scu), bool(scp)


class SOPClassExtendedNegotiation(ServiceParameter):
    """What a service class negotiates for itself (PS3.7 D.3.3.5)."""

    item_type = 0x56
    sop_class_uid: Attribute[UID | None] = Attribute(uid, None)
    service_class_application_information: Attribute[bytes | None] = Attribute(maybe(octets), None)

    def _pack(self) -> bytes:
        if self.sop_class_uid is None or self.service_class_application_information is None:
            raise ValueError("SOP class UID and application information must both be set")
        return led(self.sop_class_uid.encode()) + self.service_class_application_information

    def _unpack(self, body: bytes) -> None:
        sop_class, position = take(body, 0, "Extended negotiation's SOP class UID")
        self.sop_class_uid = wire_uid(sop_class, "Extended negotiation's SOP class UID")
        self.service_class_application_information = body[position:]


def _uids(value: Any, name: str) -> list[UID]:
    if not isinstance(value, list):
        raise TypeError(f"'{name}' must be list, not '{type(value).__name__}'")
    return [item for item in (set_uid(item, name, allow_none=False) for item in value) if item]


class SOPClassCommonExtendedNegotiation(ServiceParameter):
    """To which service class a SOP class belongs, and what it generalises to (PS3.7 D.3.3.6)."""

    item_type = 0x57
    sop_class_uid: Attribute[UID | None] = Attribute(uid, None)
    service_class_uid: Attribute[UID | None] = Attribute(uid, None)
    related_general_sop_class_identification: Attribute[list[UID]] = Attribute(_uids, [])

    def __init__(self) -> None:
        # A list of its own, which users may append to.
        self.related_general_sop_class_identification = []

    def _pack(self) -> bytes:
        if self.sop_class_uid is None or self.service_class_uid is None:
            raise ValueError("SOP class UID and service class UID must both be set")
        related = b"".join(
            led(item.encode()) for item in self.related_general_sop_class_identification
        )
        return (
            led(self.sop_class_uid.encode()) + led(self.service_class_uid.encode()) + led(related)
        )

    def _unpack(self, body: bytes) -> None:
        sop_class, position = take(body, 0, "SOP class UID")
        service_class, position = take(body, position, "Service class UID")
        # What follows the related classes is reserved (PS3.7 Table D.3-12): not tested.
        related, _ = take(body, position, "Related general SOP classes")
        self.sop_class_uid = wire_uid(sop_class, "SOP class UID")
        self.service_class_uid = wire_uid(service_class, "Service class UID")
        self.related_general_sop_class_identification = _led_uids(related)


def _led_uids(related: bytes) -> list[UID]:
    uids, position = [], 0
    while position < len(related):
        field, position = take(related, position, "Related general SOP class UID")
        uids.append(wire_uid(field, "Related general SOP class UID"))
    return uids


class UserIdentityNegotiation(ServiceParameter):
    """Who the user is, or the answer to it (PS3.7 D.3.3.7): items 58H and 59H.

    Attributes:
        user_identity_type: 1 user name, 2 user name and passcode, 3 Kerberos service ticket, 4 SAML
            assertion, 5 JSON web token. ``None`` in an answer.
        positive_response_requested: Whether an answer is wanted when the identity is accepted.
        primary_field: The user name, ticket, assertion or token.
        secondary_field: The passcode, only with type 2.
        server_response: The answer; ``None`` in a request.
    """

    REQUEST_TYPE: ClassVar = 0x58
    RESPONSE_TYPE: ClassVar = 0x59

    user_identity_type: Attribute[int | None] = Attribute(maybe(integer(1, 5)), None)
    positive_response_requested: Attribute[bool] = Attribute(boolean, False)
    primary_field: Attribute[bytes | None] = Attribute(maybe(octets), None)
    secondary_field: Attribute[bytes | None] = Attribute(maybe(octets), None)
    server_response: Attribute[bytes | None] = Attribute(maybe(octets), None)

    def __repr__(self) -> str:
        """Say what it is, but no secrets: representations end up in logs."""
        return f"{type(self).__name__}(user_identity_type={self.user_identity_type}, …)"

    @property
    def item_type(self) -> int:  # type: ignore[override]  # the one item with two types
        """58H in a request, 59H in an answer."""
        return self.REQUEST_TYPE if self.server_response is None else self.RESPONSE_TYPE

    def _pack(self) -> bytes:
        if self.server_response is not None:
            return led(self.server_response)
        if self.user_identity_type is None or self.primary_field is None:
            raise ValueError("A user identity needs its type and its primary field")
        if self.user_identity_type == 2 and self.secondary_field is None:
            raise ValueError("A user identity of type 2 needs a secondary field, the passcode")
        kind = _ROLES.pack(self.user_identity_type, self.positive_response_requested)
        return kind + led(self.primary_field) + led(self.secondary_field or b"")

    def decode(self, bytestream: bytes) -> None:
        """Take the attributes from an item 58H or 59H as it came from the wire, header included.

        Raises:
            RemoteProtocolError: The bytes are not one whole item of these types.
        """
        self._expect(bytestream[0] if bytestream else self.REQUEST_TYPE)
        super().decode(bytestream)

    def _expect(self, item_type: int) -> None:
        """Be a request or an answer: they have nothing in common."""
        self.server_response = b"" if item_type == self.RESPONSE_TYPE else None

    def _unpack(self, body: bytes) -> None:
        if self.server_response is not None:
            self.server_response, _ = take(body, 0, "User identity's server response")
            return
        if len(body) < _ROLES.size:
            raise RemoteProtocolError("User identity is cut short")
        kind, wants_answer = _ROLES.unpack_from(body)
        if not 1 <= kind <= 5:
            raise RemoteProtocolError(f"User identity type is {kind}, not 1 to 5")
        primary, position = take(body, _ROLES.size, "User identity's primary field")
        secondary, _ = take(body, position, "User identity's secondary field")
        self.user_identity_type = kind
        self.positive_response_requested = bool(wants_answer)
        self.primary_field = primary
        # Only type 2 has one, and a passcode may be empty.
        self.secondary_field = secondary if kind == 2 or secondary else None


def decode_item(item_type: int, body: bytes) -> ServiceParameter | None:
    """Return a user information item, ``None`` for one that is not known (PS3.8 9.3.1).

    Raises:
        RemoteProtocolError: `body` is not what the standard describes.
    """
    item_class = ITEM_CLASSES.get(item_type)
    if item_class is None:
        return None
    item = item_class()
    if isinstance(item, UserIdentityNegotiation):
        item._expect(item_type)
    item._unpack(body)
    return item


ITEM_CLASSES: dict[int, type[ServiceParameter]] = {
    0x51: MaximumLengthNotification,
    0x52: ImplementationClassUIDNotification,
    0x53: AsynchronousOperationsWindowNegotiation,
    0x54: SCP_SCU_RoleSelectionNegotiation,
    0x55: ImplementationVersionNameNotification,
    0x56: SOPClassExtendedNegotiation,
    0x57: SOPClassCommonExtendedNegotiation,
    0x58: UserIdentityNegotiation,
    0x59: UserIdentityNegotiation,
}


# The same classes under the names of the items on the wire.
MaximumLengthSubItem = MaximumLengthNotification
ImplementationClassUIDSubItem = ImplementationClassUIDNotification
ImplementationVersionNameSubItem = ImplementationVersionNameNotification
AsynchronousOperationsWindowSubItem = AsynchronousOperationsWindowNegotiation
SCP_SCU_RoleSelectionSubItem = SCP_SCU_RoleSelectionNegotiation
SOPClassExtendedNegotiationSubItem = SOPClassExtendedNegotiation
SOPClassCommonExtendedNegotiationSubItem = SOPClassCommonExtendedNegotiation
UserIdentitySubItemRQ = UserIdentityNegotiation
UserIdentitySubItemAC = UserIdentityNegotiation
