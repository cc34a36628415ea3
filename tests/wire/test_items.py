"""The items of A-ASSOCIATE PDUs (PS3.8 9.3.2 and 9.3.3), byte by byte and both ways."""

from typing import Any

import pytest

from pynetdicom._layout import Item
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.pdu_items import (
    PDU_ITEM_TYPES,
    AbstractSyntaxSubItem,
    ApplicationContextItem,
    PresentationContextItemAC,
    PresentationContextItemRQ,
    PresentationDataValueItem,
    TransferSyntaxSubItem,
    UserInformationItem,
)
from pynetdicom.presentation import PresentationContext
from pynetdicom.testing import build
from pynetdicom.user_information import MaximumLengthNotification, UserIdentityNegotiation

APPLICATION_CONTEXT = b"\x10\0\0\x151.2.840.10008.3.1.1.1"
ABSTRACT_SYNTAX = b"\x30\0\0\x031.1"
TRANSFER_SYNTAX = b"\x40\0\0\x031.2"
OTHER_TRANSFER_SYNTAX = b"\x40\0\0\x041.22"
PROPOSED = (
    b"\x20\0\0\x1a"  # type, reserved, length
    b"\x05\0\0\0" + ABSTRACT_SYNTAX + TRANSFER_SYNTAX + OTHER_TRANSFER_SYNTAX  # ID, reserved
)
ACCEPTED = (
    b"\x21\0\0\x0b"  # type, reserved, length
    b"\x05\0\0\0" + TRANSFER_SYNTAX  # ID, reserved, result: acceptance, reserved
)
REJECTED = (
    b"\x21\0\0\x04"  # type, reserved, length
    b"\x05\0\x03\0"  # ID, reserved, result: abstract syntax not supported, reserved
)
USER_INFORMATION = b"\x50\0\0\x08\x51\0\0\x04\0\0\x40\0"


def proposed() -> PresentationContext:
    return build(
        PresentationContext,
        context_id=5,
        abstract_syntax="1.1",
        transfer_syntax=["1.2", "1.22"],
    )


def accepted() -> PresentationContext:
    return build(PresentationContext, context_id=5, transfer_syntax=["1.2"], result=0)


def rejected() -> PresentationContext:
    return build(PresentationContext, context_id=5, result=3)


ON_THE_WIRE: list[tuple[bytes, Any]] = [
    (APPLICATION_CONTEXT, ApplicationContextItem()),
    (ABSTRACT_SYNTAX, AbstractSyntaxSubItem("1.1")),
    (TRANSFER_SYNTAX, TransferSyntaxSubItem("1.2")),
    (PROPOSED, PresentationContextItemRQ(proposed())),
    (ACCEPTED, PresentationContextItemAC(accepted())),
    (REJECTED, PresentationContextItemAC(rejected())),
    (
        USER_INFORMATION,
        UserInformationItem([build(MaximumLengthNotification, maximum_length_received=16384)]),
    ),
]


@pytest.mark.parametrize(("wire", "item"), ON_THE_WIRE)
def test_an_item_is_written_as_the_standard_says(wire: bytes, item: Item) -> None:
    assert item.encode() == wire
    assert item.item_length == len(wire) - 4
    assert len(item) == len(wire)


@pytest.mark.parametrize(("wire", "item"), ON_THE_WIRE)
def test_an_item_is_read_as_the_standard_says(wire: bytes, item: Item) -> None:
    received = PDU_ITEM_TYPES[wire[0]]()

    received.decode(wire)

    assert received == item


def test_items_show_what_they_hold() -> None:
    assert ApplicationContextItem("1.2").application_context_name == "1.2"
    assert AbstractSyntaxSubItem("1.2").abstract_syntax_name == "1.2"
    assert TransferSyntaxSubItem("1.2").transfer_syntax_name == "1.2"
    assert AbstractSyntaxSubItem().abstract_syntax_name is None
    assert UserInformationItem().user_data == []


def test_a_proposed_context_shows_what_it_proposes() -> None:
    item = PresentationContextItemRQ(proposed())

    assert item.context_id == 5
    assert item.abstract_syntax == "1.1"
    assert item.transfer_syntax == ["1.2", "1.22"]
    assert item.to_context() == proposed()


def test_an_accepted_context_shows_what_was_accepted() -> None:
    item = PresentationContextItemAC(accepted())

    assert (item.context_id, item.result, item.result_str) == (5, 0, "Accepted")
    assert item.transfer_syntax == "1.2"
    assert item.to_context() == accepted()


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (1, "User Rejection"),
        (2, "Provider Rejection"),
        (3, "Rejected - Abstract Syntax Not Supported"),
        (4, "Rejected - Transfer Syntax Not Supported"),
        (5, "(no value available)"),
    ],
)
def test_a_rejected_context_says_why(result: int, words: str) -> None:
    item = PresentationContextItemAC()

    item.decode(b"\x21\0\0\x04" + bytes([5, 0, result, 0]))

    assert item.result_str == words
    assert item.transfer_syntax is None
    assert item.to_context().result == result


@pytest.mark.parametrize(
    "behind", [b"", b"\x40\0\0\0", b"\x40\0\0\x031.2", b"\x40\0\xff\xff", b"?"]
)
def test_the_transfer_syntax_of_a_rejected_context_is_not_looked_at(behind: bytes) -> None:
    item = PresentationContextItemAC()

    item.decode(b"\x21\0\0" + bytes([4 + len(behind)]) + b"\x05\0\x01\0" + behind)

    assert item.to_context().result == 1
    assert item.to_context().transfer_syntax == []


def test_no_item_comes_of_what_is_left_open() -> None:
    assert PresentationContextItemRQ().encode() == b"\x20\0\0\x04\0\0\0\0"
    assert PresentationContextItemAC().encode() == b"\x21\0\0\x04\0\0\0\0"
    assert UserInformationItem().encode() == b"\x50\0\0\0"
    assert TransferSyntaxSubItem().encode() == b"\x40\0\0\0"


def test_sub_items_nobody_knows_are_skipped() -> None:
    asked, answered = PresentationContextItemRQ(), PresentationContextItemAC()

    asked.decode(b"\x20\0\0\x17\x05\0\0\0\x33\0\0\x01?" + ABSTRACT_SYNTAX + TRANSFER_SYNTAX)
    answered.decode(b"\x21\0\0\x12\x05\0\0\0" + ABSTRACT_SYNTAX + TRANSFER_SYNTAX)

    assert asked.transfer_syntax == ["1.2"]
    assert answered.transfer_syntax == "1.2"


def item_of(kind: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([kind, 0]) + len(body).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    "wire",
    [
        item_of(0x20),
        item_of(0x20, b"\x05\0\0"),
        item_of(0x20, b"\x05\0\0\0"),
        item_of(0x20, b"\x05\0\0\0", ABSTRACT_SYNTAX),
        item_of(0x20, b"\x05\0\0\0", TRANSFER_SYNTAX),
        item_of(0x20, b"\x05\0\0\0", b"\x30\0\0\0", TRANSFER_SYNTAX),
        item_of(0x20, b"\x05\0\0\0", ABSTRACT_SYNTAX, b"\x40\0\0\0"),
        item_of(0x20, b"\x04\0\0\0", ABSTRACT_SYNTAX, TRANSFER_SYNTAX),
        item_of(0x20, b"\x05\0\0\0", ABSTRACT_SYNTAX, TRANSFER_SYNTAX, b"\x40"),
        item_of(0x21, b"\x05\0\0"),
        item_of(0x21, b"\x05\0\0\0"),
        item_of(0x21, b"\x05\0\0\0", b"\x40\0\0\0"),
        item_of(0x21, b"\x05\0\0\0", TRANSFER_SYNTAX, TRANSFER_SYNTAX),
        item_of(0x21, b"\0\0\0\0", TRANSFER_SYNTAX),
        item_of(0x50, b"\x51\0\0\x05\0\0\0\0"),
    ],
)
def test_an_item_that_does_not_add_up_is_refused(wire: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        PDU_ITEM_TYPES[wire[0]]().decode(wire)


def test_a_context_of_a_hundred_and_twenty_eight_transfer_syntaxes_is_as_good_as_any() -> None:
    syntaxes = [b"\x40\0\0\x041.%02x" % number for number in range(128)]
    item = PresentationContextItemRQ()

    item.decode(item_of(0x20, b"\x05\0\0\0", ABSTRACT_SYNTAX, *syntaxes))

    assert len(item.to_context().transfer_syntax) == 128


def test_a_context_of_thousands_of_transfer_syntaxes_is_refused() -> None:
    wire = item_of(0x20, b"\x05\0\0\0", ABSTRACT_SYNTAX, b"\x40\0\0\x011" * 13000)

    with pytest.raises(RemoteProtocolError, match="context 5"):
        PresentationContextItemRQ().decode(wire)


def test_a_fragment_knows_its_length() -> None:
    fragment = PresentationDataValueItem(1, b"\x03data")

    assert fragment.encode() == b"\0\0\0\x06\x01\x03data"
    assert fragment.item_length == 6
    assert len(fragment) == 10


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (PresentationDataValueItem(), "presentation_context_id"),
        (PresentationContextItemRQ(), "presentation_context_id"),
        (PresentationContextItemAC(), "presentation_context_id"),
        (PresentationContextItemAC(), "result_reason"),
    ],
)
def test_a_field_has_one_byte(item: Any, name: str) -> None:
    for number in (0, 255):
        setattr(item, name, number)
        assert number in item.encode()
    for number in (-1, 256):
        with pytest.raises(ValueError, match=name):
            setattr(item, name, number)


def test_an_item_is_easy_to_read_when_printed() -> None:
    assert str(ApplicationContextItem()).startswith("Application Context Item\n")
    assert "Context ID: 1" in str(PresentationDataValueItem(1, b"\x03data"))


def test_an_item_of_no_kind_cannot_be_written_or_read() -> None:
    with pytest.raises(NotImplementedError):
        Item().encode()
    with pytest.raises(NotImplementedError):
        Item()._unpack(b"")


def test_the_secrets_of_an_identity_are_not_in_its_representation() -> None:
    identity = UserIdentityNegotiation()
    identity.user_identity_type = 2
    identity.primary_field, identity.secondary_field = b"alice", b"s3cret"

    assert repr(identity) == "UserIdentityNegotiation(user_identity_type=2, …)"
