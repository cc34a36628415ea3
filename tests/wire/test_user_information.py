"""The negotiation items on the wire (PS3.8 Annex D, PS3.7 D.3.3), and what users may set."""

from typing import Any

import pytest

from pynetdicom import _config, pdu_primitives
from pynetdicom._layout import Item
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.pdu_items import PDU_ITEM_TYPES, UserInformationItem
from pynetdicom.testing import build
from pynetdicom.user_information import (
    ITEM_CLASSES,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    ImplementationVersionNameSubItem,
    MaximumLengthNotification,
    MaximumLengthSubItem,
    SCP_SCU_RoleSelectionNegotiation,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
    UserIdentitySubItemAC,
    decode_item,
)

# Each item as bytes and as value.
MAXIMUM_LENGTH = (
    b"\x51\0\0\x04"  # type, reserved, length
    b"\0\0\x40\0"  # maximum length: 16384
)
IMPLEMENTATION_UID = b"\x52\0\0\x051.2.3"
WINDOW = (
    b"\x53\0\0\x04"
    b"\0\x05"  # operations invoked
    b"\0\0"  # operations performed: any number
)
ROLES = (
    b"\x54\0\0\x09"
    b"\0\x051.2.3"  # length of the SOP class UID, and the UID
    b"\x00"  # SCU role: no
    b"\x01"  # SCP role: yes
)
VERSION = b"\x55\0\0\x07MINE_40"
EXTENDED = (
    b"\x56\0\0\x0a"
    b"\0\x051.2.3"  # SOP class UID
    b"\x01\x00\x01"  # application information, to the end of the item
)
COMMON_EXTENDED = (
    b"\x57\0\0\x1d"
    b"\0\x051.2.3"  # SOP class UID
    b"\0\x051.2.4"  # service class UID
    b"\0\x0d"  # length of the related general SOP classes
    b"\0\x051.2.5"
    b"\0\x041.26"
)
IDENTITY = (
    b"\x58\0\0\x0e"
    b"\x02"  # type: user name and passcode
    b"\x01"  # positive response requested
    b"\0\x04user"
    b"\0\x04pass"
)
IDENTITY_ANSWER = (
    b"\x59\0\0\x08"
    b"\0\x06ticket"  # server response
)

ON_THE_WIRE: list[tuple[bytes, ServiceParameter]] = [
    (MAXIMUM_LENGTH, build(MaximumLengthNotification, maximum_length_received=16384)),
    (
        IMPLEMENTATION_UID,
        build(ImplementationClassUIDNotification, implementation_class_uid="1.2.3"),
    ),
    (
        WINDOW,
        build(
            AsynchronousOperationsWindowNegotiation,
            maximum_number_operations_invoked=5,
            maximum_number_operations_performed=0,
        ),
    ),
    (
        ROLES,
        build(
            SCP_SCU_RoleSelectionNegotiation, sop_class_uid="1.2.3", scu_role=False, scp_role=True
        ),
    ),
    (VERSION, build(ImplementationVersionNameNotification, implementation_version_name="MINE_40")),
    (
        EXTENDED,
        build(
            SOPClassExtendedNegotiation,
            sop_class_uid="1.2.3",
            service_class_application_information=b"\x01\x00\x01",
        ),
    ),
    (
        COMMON_EXTENDED,
        build(
            SOPClassCommonExtendedNegotiation,
            sop_class_uid="1.2.3",
            service_class_uid="1.2.4",
            related_general_sop_class_identification=["1.2.5", "1.26"],
        ),
    ),
    (
        IDENTITY,
        build(
            UserIdentityNegotiation,
            user_identity_type=2,
            positive_response_requested=True,
            primary_field=b"user",
            secondary_field=b"pass",
        ),
    ),
    (IDENTITY_ANSWER, build(UserIdentityNegotiation, server_response=b"ticket")),
]


@pytest.mark.parametrize(("wire", "item"), ON_THE_WIRE)
def test_an_item_is_written_as_the_standard_says(wire: bytes, item: ServiceParameter) -> None:
    assert item.encode() == wire
    assert item.item_length == len(wire) - 4
    assert len(item) == len(wire)


@pytest.mark.parametrize(("wire", "item"), ON_THE_WIRE)
def test_an_item_is_read_as_the_standard_says(wire: bytes, item: ServiceParameter) -> None:
    received = PDU_ITEM_TYPES[wire[0]]()

    received.decode(wire)

    assert received == item
    assert decode_item(wire[0], wire[4:]) == item


@pytest.mark.parametrize(("wire", "item"), ON_THE_WIRE)
def test_parameter_and_item_are_one(wire: bytes, item: ServiceParameter) -> None:
    assert item.from_primitive() is item
    assert item.to_primitive() is item
    assert item.item_type == wire[0]


def test_every_item_is_known_by_its_type() -> None:
    assert list(ITEM_CLASSES) == list(range(0x51, 0x5A))
    assert pdu_primitives.MaximumLengthNotification is MaximumLengthSubItem
    assert ImplementationVersionNameSubItem is ImplementationVersionNameNotification
    assert UserIdentitySubItemAC is UserIdentityNegotiation


def test_an_item_nobody_knows_is_skipped() -> None:
    received = UserInformationItem()

    received.decode(b"\x50\0\0\x10" + b"\x5f\0\0\x04what" + MAXIMUM_LENGTH)

    assert [item.item_type for item in received.user_data] == [0x51]
    assert decode_item(0x5F, b"what") is None


CUT_SHORT = [
    (0x51, b"\0\0\x40"),
    (0x51, b"\0\0\x40\0\0"),
    (0x53, b"\0\x05\0"),
    (0x54, b""),
    (0x54, b"\0"),
    (0x54, b"\0\x051.2.3\0"),
    (0x54, b"\0\x051.2.3\0\x01\0"),
    (0x54, b"\0\x061.2.3"),
    (0x56, b"\0\x061.2.3"),
    (0x57, b"\0\x051.2.3"),
    (0x57, b"\0\x051.2.3\0\x051.2.4"),
    (0x57, b"\0\x051.2.3\0\x051.2.4\0\x03\0\x02."),
    (0x58, b"\x01"),
    (0x58, b"\x01\x00\0\x05user"),
    (0x58, b"\x01\x00\0\x04user"),
    (0x58, b"\x00\x00\0\x04user\0\0"),
    (0x58, b"\x06\x00\0\x04user\0\0"),
    (0x59, b"\0"),
    (0x59, b"\0\x07ticket"),
]


@pytest.mark.parametrize(("item_type", "body"), CUT_SHORT)
def test_an_item_that_is_not_as_described_is_refused(item_type: int, body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_item(item_type, body)


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        MAXIMUM_LENGTH[:3],
        MAXIMUM_LENGTH[:-1],
        MAXIMUM_LENGTH + b"\0",
        MAXIMUM_LENGTH + MAXIMUM_LENGTH,
        b"\x53" + MAXIMUM_LENGTH[1:],
    ],
)
def test_only_one_whole_item_of_its_type_is_decoded(wire: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        MaximumLengthNotification().decode(wire)


@pytest.mark.parametrize("item_type", [0x52, 0x54, 0x56])
@pytest.mark.parametrize("uid", [b"1" * 65, b"1.2.\xff"])
def test_a_uid_that_is_none_is_refused(item_type: int, uid: bytes) -> None:
    lead = b"" if item_type == 0x52 else len(uid).to_bytes(2, "big")

    with pytest.raises(RemoteProtocolError):
        decode_item(item_type, lead + uid + b"\0\0")


def test_the_padding_of_a_uid_is_tolerated() -> None:
    item = build(ImplementationClassUIDNotification, implementation_class_uid="1.2.3")

    assert decode_item(0x52, b"1.2.3\0") == item
    assert decode_item(0x52, b" 1.2.3 ") == item


def test_a_uid_with_leading_zeros_is_tolerated_unless_the_user_is_strict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert decode_item(0x52, b"1.02") is not None

    monkeypatch.setattr(_config, "ENFORCE_UID_CONFORMANCE", True)

    with pytest.raises(RemoteProtocolError, match=r"1\.02"):
        decode_item(0x52, b"1.02")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", None),
        (b"\0\0", None),
        (b"  ", None),
        (b"V 1 ", "V 1"),
        (b"OFFIS_DCMTK_368_AND_MORE", "OFFIS_DCMTK_368_"),
        (b"VERSI\xd3N", "VERSI?N"),
    ],
)
def test_an_odd_version_name_is_tolerated(body: bytes, name: str | None) -> None:
    item = decode_item(0x55, body)

    assert isinstance(item, ImplementationVersionNameNotification)
    assert item.implementation_version_name == name


def test_a_passcode_may_be_empty() -> None:
    wire = b"\x58\0\0\x0a\x02\0\0\x04user\0\0"
    item = build(
        UserIdentityNegotiation, user_identity_type=2, primary_field=b"user", secondary_field=b""
    )

    assert item.encode() == wire
    assert decode_item(0x58, wire[4:]) == item


def test_only_a_passcode_is_a_secondary_field() -> None:
    ticket = decode_item(0x58, b"\x03\0\0\x06ticket\0\0")

    assert ticket == build(UserIdentityNegotiation, user_identity_type=3, primary_field=b"ticket")


def test_items_are_equal_when_they_say_the_same_on_the_wire() -> None:
    plain = MaximumLengthNotification()
    explicit = build(MaximumLengthNotification, maximum_length_received=16382)

    assert plain == explicit
    assert plain.encode() == explicit.encode()
    assert plain != build(MaximumLengthNotification, maximum_length_received=0)
    assert plain != ImplementationClassUIDNotification()


def test_the_related_classes_of_one_item_are_not_those_of_another() -> None:
    one, other = SOPClassCommonExtendedNegotiation(), SOPClassCommonExtendedNegotiation()

    one.related_general_sop_class_identification.append(build_uid("1.2.3"))

    assert other.related_general_sop_class_identification == []


def build_uid(value: str) -> Any:
    item = build(ImplementationClassUIDNotification, implementation_class_uid=value)
    return item.implementation_class_uid


@pytest.mark.parametrize(
    "item",
    [
        ImplementationClassUIDNotification(),
        ImplementationVersionNameNotification(),
        SCP_SCU_RoleSelectionNegotiation(),
        build(SCP_SCU_RoleSelectionNegotiation, sop_class_uid="1.2.3"),
        build(SOPClassExtendedNegotiation, sop_class_uid="1.2.3"),
        build(SOPClassExtendedNegotiation, service_class_application_information=b""),
        build(SOPClassCommonExtendedNegotiation, sop_class_uid="1.2.3"),
        build(SOPClassCommonExtendedNegotiation, service_class_uid="1.2.3"),
        UserIdentityNegotiation(),
        build(UserIdentityNegotiation, user_identity_type=1),
        build(UserIdentityNegotiation, primary_field=b"user"),
        build(UserIdentityNegotiation, user_identity_type=2, primary_field=b"user"),
    ],
)
def test_an_item_that_lacks_something_is_not_written(item: Item) -> None:
    with pytest.raises(ValueError, match=r"set|needs"):
        item.encode()


def test_one_role_that_is_left_open_counts_as_no() -> None:
    item = build(SCP_SCU_RoleSelectionNegotiation, sop_class_uid="1.2", scp_role=True)

    assert item.encode() == b"\x54\0\0\x07\0\x031.2\x00\x01"


@pytest.mark.parametrize("length", [0xFFFF, 0x10000])
def test_an_item_of_more_than_64_kilobytes_is_not_written(length: int) -> None:
    assertion = b"<saml/>".ljust(length)
    item = build(UserIdentityNegotiation, user_identity_type=4, primary_field=assertion)

    with pytest.raises(ValueError, match="65,535"):
        item.encode()


WRONG_TYPES = [
    (MaximumLengthNotification, "maximum_length_received", "16382"),
    (ImplementationClassUIDNotification, "implementation_class_uid", 1.2),
    (ImplementationVersionNameNotification, "implementation_version_name", 4),
    (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_invoked", None),
    (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_performed", 1.0),
    (SCP_SCU_RoleSelectionNegotiation, "sop_class_uid", 12),
    (SCP_SCU_RoleSelectionNegotiation, "scu_role", 1),
    (SCP_SCU_RoleSelectionNegotiation, "scp_role", "yes"),
    (SOPClassExtendedNegotiation, "service_class_application_information", "text"),
    (SOPClassCommonExtendedNegotiation, "service_class_uid", 12),
    (SOPClassCommonExtendedNegotiation, "related_general_sop_class_identification", "1.2"),
    (SOPClassCommonExtendedNegotiation, "related_general_sop_class_identification", [None]),
    (UserIdentityNegotiation, "user_identity_type", "1"),
    (UserIdentityNegotiation, "positive_response_requested", 1),
    (UserIdentityNegotiation, "primary_field", "user"),
    (UserIdentityNegotiation, "secondary_field", "pass"),
    (UserIdentityNegotiation, "server_response", "ticket"),
]


@pytest.mark.parametrize(("kind", "name", "value"), WRONG_TYPES)
def test_a_parameter_of_the_wrong_type_is_refused(
    kind: type[ServiceParameter], name: str, value: Any
) -> None:
    with pytest.raises(TypeError, match=name):
        setattr(kind(), name, value)


WRONG_VALUES = [
    (MaximumLengthNotification, "maximum_length_received", -1),
    (MaximumLengthNotification, "maximum_length_received", 1 << 32),
    (ImplementationClassUIDNotification, "implementation_class_uid", "1" * 65),
    (ImplementationVersionNameNotification, "implementation_version_name", ""),
    (ImplementationVersionNameNotification, "implementation_version_name", "V" * 17),
    (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_invoked", 1 << 16),
    (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_performed", -1),
    (SOPClassCommonExtendedNegotiation, "related_general_sop_class_identification", ["1" * 65]),
    (UserIdentityNegotiation, "user_identity_type", 0),
    (UserIdentityNegotiation, "user_identity_type", 6),
]


@pytest.mark.parametrize(("kind", "name", "value"), WRONG_VALUES)
def test_a_parameter_out_of_range_is_refused(
    kind: type[ServiceParameter], name: str, value: Any
) -> None:
    with pytest.raises(ValueError, match=name):
        setattr(kind(), name, value)


def test_a_version_name_may_be_given_as_bytes_and_taken_back() -> None:
    item = build(ImplementationVersionNameNotification, implementation_version_name=b"MINE")
    assert item.implementation_version_name == "MINE"

    item.implementation_version_name = None
    assert item.implementation_version_name is None


def test_empty_related_classes_are_left_out() -> None:
    item = build(
        SOPClassCommonExtendedNegotiation, related_general_sop_class_identification=["", "1.2"]
    )

    assert item.related_general_sop_class_identification == ["1.2"]


@pytest.mark.parametrize(
    ("kind", "name", "default"),
    [
        (MaximumLengthNotification, "maximum_length_received", 16382),
        (ImplementationClassUIDNotification, "implementation_class_uid", None),
        (ImplementationVersionNameNotification, "implementation_version_name", None),
        (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_invoked", 1),
        (AsynchronousOperationsWindowNegotiation, "maximum_number_operations_performed", 1),
        (SCP_SCU_RoleSelectionNegotiation, "sop_class_uid", None),
        (SCP_SCU_RoleSelectionNegotiation, "scu_role", None),
        (SCP_SCU_RoleSelectionNegotiation, "scp_role", None),
        (SOPClassExtendedNegotiation, "sop_class_uid", None),
        (SOPClassExtendedNegotiation, "service_class_application_information", None),
        (SOPClassCommonExtendedNegotiation, "sop_class_uid", None),
        (SOPClassCommonExtendedNegotiation, "service_class_uid", None),
        (SOPClassCommonExtendedNegotiation, "related_general_sop_class_identification", []),
        (UserIdentityNegotiation, "user_identity_type", None),
        (UserIdentityNegotiation, "positive_response_requested", False),
        (UserIdentityNegotiation, "primary_field", None),
        (UserIdentityNegotiation, "secondary_field", None),
        (UserIdentityNegotiation, "server_response", None),
    ],
)
def test_a_new_item_says_the_default(kind: type[ServiceParameter], name: str, default: Any) -> None:
    assert getattr(kind(), name) == default


def test_a_parameter_is_found_on_its_class_too() -> None:
    assert MaximumLengthNotification.maximum_length_received == 16382


def test_an_identity_keeps_its_secrets_when_shown() -> None:
    item = build(
        UserIdentityNegotiation,
        user_identity_type=2,
        primary_field=b"user",
        secondary_field=b"secret",
    )

    assert "user_identity_type=2" in repr(item)
    assert "secret" not in repr(item)


def test_an_item_shows_what_it_says() -> None:
    item = build(MaximumLengthNotification, maximum_length_received=0)

    assert repr(item) == "MaximumLengthNotification(maximum_length_received=0)"
