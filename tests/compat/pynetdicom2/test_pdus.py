"""PDUs and items of pynetdicom2: what they say goes over the wire and comes back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from pynetdicom.compat.pynetdicom2 import exceptions, pdu
from pynetdicom.compat.pynetdicom2 import userdataitems as items

USER_ITEMS: list[tuple[Any, bytes]] = [
    (items.MaximumLengthSubItem(16384), b"Q\0\0\x04\0\0\x40\0"),
    (items.ImplementationClassUIDSubItem("1.2"), b"R\0\0\x031.2"),
    (items.AsynchronousOperationsWindowSubItem(1, 2), b"S\0\0\x04\0\x01\0\x02"),
    (items.ScpScuRoleSelectionSubItem("1.2", 0, 1), b"T\0\0\x07\0\x031.2\0\x01"),
    (items.ImplementationVersionNameSubItem("NAME"), b"U\0\0\x04NAME"),
    (items.SOPClassExtendedNegotiationSubItem("1.2", b"\1\0"), b"V\0\0\x07\0\x031.2\1\0"),
    (items.UserIdentityNegotiationSubItem("u", "p"), b"X\0\0\x08\2\0\0\1u\0\1p"),
    (
        items.UserIdentityNegotiationSubItem("u", user_identity_type=1, positive_response_req=1),
        b"X\0\0\x07\1\1\0\1u\0\0",
    ),
    (items.UserIdentityNegotiationSubItemAc("ok"), b"Y\0\0\x04\0\x02ok"),
    (items.GenericUserDataSubItem(0x99, b"zz"), b"\x99\0\0\x02zz"),
]

ABSTRACT, SYNTAX = pdu.AbstractSyntaxSubItem("1.2"), pdu.TransferSyntaxSubItem("1.3")
ITEMS: list[tuple[Any, bytes]] = [
    (pdu.ApplicationContextItem("1.1"), b"\x10\0\0\x031.1"),
    (ABSTRACT, b"0\0\0\x031.2"),
    (SYNTAX, b"@\0\0\x031.3"),
    (
        pdu.PresentationContextItemRQ(1, ABSTRACT, [SYNTAX]),
        b"\x20\0\0\x12\x01\0\0\x000\0\0\x031.2@\0\0\x031.3",
    ),
    (pdu.PresentationContextItemAC(1, 0, SYNTAX), b"!\0\0\x0b\x01\0\0\0@\0\0\x031.3"),
    (
        pdu.UserInformationItem([items.MaximumLengthSubItem(16384)]),
        b"P\0\0\x08Q\0\0\x04\0\0\x40\0",
    ),
    (pdu.PresentationDataValueItem(1, b"\x03abc"), b"\0\0\0\x05\x01\x03abc"),
]

VARIABLE = [pdu.ApplicationContextItem("1.1"), pdu.UserInformationItem([])]
PDUS: list[tuple[Any, int, str]] = [
    (pdu.AAssociateRqPDU("CALLED", "CALLING", VARIABLE), 1, "called_ae_title='CALLED'"),
    (pdu.AAssociateAcPDU("CALLED", "CALLING", VARIABLE, 3), 2, "protocol_version=3"),
    (pdu.AAssociateRjPDU(1, 2, 3), 3, "result=1, source=2, reason_diag=3"),
    (pdu.PDataTfPDU([pdu.PresentationDataValueItem(1, b"\x03")]), 4, "context_id=1"),
    (pdu.AReleaseRqPDU(), 5, "()"),
    (pdu.AReleaseRpPDU(), 6, "()"),
    (pdu.AAbortPDU(2, 6), 7, "source=2, reason_diag=6"),
]


@pytest.mark.parametrize(("item", "data"), USER_ITEMS + ITEMS)
def test_an_item_is_its_bytes(item: Any, data: bytes) -> None:
    assert item.encode() == data
    assert type(item).decode(BytesIO(data + b"more")) == item


@pytest.mark.parametrize(("item", "data"), USER_ITEMS)
def test_a_user_item_has_a_length(item: Any, data: bytes) -> None:
    assert (item.total_length, item.item_length) == (len(data), len(data) - 4)


@pytest.mark.parametrize(("item", "data"), ITEMS)
def test_an_item_of_a_pdu_tells_its_length_when_it_is_called(item: Any, data: bytes) -> None:
    assert (item.total_length(), item.item_length) == (len(data), len(data) - 4)


def test_the_user_information_has_an_item_of_each_kind() -> None:
    value = pdu.UserInformationItem([item for item, _ in USER_ITEMS[:-1]])

    assert pdu.UserInformationItem.decode(BytesIO(value.encode())) == value


@pytest.mark.parametrize(("value", "number", "shown"), PDUS)
def test_a_pdu_is_its_bytes_and_can_be_read(value: Any, number: int, shown: str) -> None:
    data = value.encode()

    assert (value.pdu_type, data[0]) == (number, number)
    assert value.total_length() == len(data) == value.pdu_length + 6
    assert type(value).decode(data) == value
    assert shown in repr(value)


def test_titles_are_padded_with_spaces() -> None:
    data = pdu.AAssociateRqPDU("CALLED", "CALLING", []).encode()

    assert data[10:42] == b"CALLED          CALLING         "


def test_titles_padded_with_nuls_are_read() -> None:
    data = pdu.AAssociateRqPDU("CALLED", "CALLING", []).encode()

    value = pdu.AAssociateRqPDU.decode(data.replace(b"  ", b"\0\0"))

    assert (value.called_ae_title, value.calling_ae_title) == ("CALLED", "CALLING")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (pdu.AbstractSyntaxSubItem, b""),
        (pdu.AbstractSyntaxSubItem, b"0\0\0\x031."),
        (pdu.AbstractSyntaxSubItem, b"@\0\0\x031.2"),
        (items.MaximumLengthSubItem, b"Q\0\0\x02\0\0"),
        (pdu.PresentationDataValueItem, b"\0\0\0\x05\x01"),
    ],
)
def test_what_is_no_item_is_refused(kind: Any, data: bytes) -> None:
    with pytest.raises(exceptions.PDUProcessingError):
        kind.decode(BytesIO(data))


def test_what_is_no_pdu_is_refused() -> None:
    with pytest.raises(exceptions.PDUProcessingError, match="A_RELEASE_RQ"):
        pdu.AReleaseRqPDU.decode(pdu.AReleaseRpPDU().encode())


def test_a_representation_keeps_passwords_to_itself() -> None:
    value = pdu.UserInformationItem([items.UserIdentityNegotiationSubItem("vivaldi", "estro")])

    assert "user_identity_type=2" in repr(value)
    assert "estro" not in repr(value)
