"""The command set of each message (PS3.7 9.3, 10.3, Annex E), element by element and both ways."""

from io import BytesIO

import pytest

from pynetdicom import _config, command_set
from pynetdicom.dimse_primitives import (
    C_CANCEL,
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    N_ACTION,
    N_CREATE,
    N_DELETE,
    N_EVENT_REPORT,
    N_GET,
    N_SET,
    PRIMITIVES,
    DIMSEPrimitive,
)
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.testing import build


def command(*elements: bytes) -> bytes:
    """Return the elements behind their group length."""
    body = b"".join(elements)
    return b"\0\0\0\0\x04\0\0\0" + len(body).to_bytes(4, "little") + body


CLASS_UID = b"\0\0\x02\0\x08\0\0\x001.2.840\0"  # (0000,0002) UI
REQUESTED_CLASS_UID = b"\0\0\x03\0\x08\0\0\x001.2.840\0"  # (0000,0003) UI
MESSAGE_ID = b"\0\0\x10\x01\x02\0\0\0\x07\x00"  # (0000,0110) US
RESPONDS_TO = b"\0\0\x20\x01\x02\0\0\0\x07\x00"  # (0000,0120) US
LOW_PRIORITY = b"\0\0\x00\x07\x02\0\0\0\x02\x00"  # (0000,0700) US
WITH_DATA = b"\0\0\x00\x08\x02\0\0\0\x01\x00"  # (0000,0800) US
WITHOUT_DATA = b"\0\0\x00\x08\x02\0\0\0\x01\x01"  # (0000,0800) US
SUCCESS = b"\0\0\x00\x09\x02\0\0\0\x00\x00"  # (0000,0900) US
PENDING = b"\0\0\x00\x09\x02\0\0\0\x00\xff"  # (0000,0900) US
COMMENT = b"\0\0\x02\x09\x04\0\0\0why "  # (0000,0902) LO
ERROR_ID = b"\0\0\x03\x09\x02\0\0\0\x05\x00"  # (0000,0903) US
INSTANCE_UID = b"\0\0\x00\x10\x06\0\0\x001.2.34"  # (0000,1000) UI
REQUESTED_INSTANCE_UID = b"\0\0\x01\x10\x06\0\0\x001.2.34"  # (0000,1001) UI


def field(number: int) -> bytes:
    return b"\0\0\x00\x01\x02\0\0\0" + number.to_bytes(2, "little")  # (0000,0100) US


REQUESTED = {
    "RequestedSOPClassUID": "1.2.840",
    "RequestedSOPInstanceUID": "1.2.34",
}
AFFECTED = {"AffectedSOPClassUID": "1.2.840", "AffectedSOPInstanceUID": "1.2.34"}
ASKED = {"MessageID": 7}
ANSWERED = {"MessageIDBeingRespondedTo": 7, "Status": 0x0000}

ON_THE_WIRE: list[tuple[bytes, DIMSEPrimitive]] = [
    (
        command(CLASS_UID, field(0x0030), MESSAGE_ID, WITHOUT_DATA),
        build(C_ECHO, AffectedSOPClassUID="1.2.840", **ASKED),
    ),
    (
        command(CLASS_UID, field(0x8030), RESPONDS_TO, WITHOUT_DATA, SUCCESS),
        build(C_ECHO, AffectedSOPClassUID="1.2.840", **ANSWERED),
    ),
    (
        command(
            CLASS_UID,
            field(0x0001),
            MESSAGE_ID,
            LOW_PRIORITY,
            WITH_DATA,
            INSTANCE_UID,
            b"\0\0\x30\x10\x06\0\0\0MOVER ",  # (0000,1030) AE
            b"\0\0\x31\x10\x02\0\0\0\x09\0",  # (0000,1031) US
        ),
        build(
            C_STORE,
            **ASKED,
            **AFFECTED,
            Priority=2,
            MoveOriginatorApplicationEntityTitle="MOVER",
            MoveOriginatorMessageID=9,
        ),
    ),
    (
        command(
            CLASS_UID,
            field(0x8001),
            RESPONDS_TO,
            WITHOUT_DATA,
            b"\0\0\x00\x09\x02\0\0\0\x00\xc0",
            b"\0\0\x01\x09\x08\0\0\0\x10\0\x20\0\x08\0\x18\0",  # (0000,0901) AT
            COMMENT,
            INSTANCE_UID,
        ),
        build(
            C_STORE,
            MessageIDBeingRespondedTo=7,
            Status=0xC000,
            OffendingElement=[0x00100020, 0x00080018],
            ErrorComment="why",
            **AFFECTED,
        ),
    ),
    (
        command(CLASS_UID, field(0x0020), MESSAGE_ID, b"\0\0\x00\x07\x02\0\0\0\x01\x00", WITH_DATA),
        build(C_FIND, **ASKED, AffectedSOPClassUID="1.2.840", Priority=1),
    ),
    (
        command(CLASS_UID, field(0x8020), RESPONDS_TO, WITH_DATA, PENDING),
        build(C_FIND, AffectedSOPClassUID="1.2.840", MessageIDBeingRespondedTo=7, Status=0xFF00),
    ),
    (
        command(CLASS_UID, field(0x0010), MESSAGE_ID, LOW_PRIORITY, WITH_DATA),
        build(C_GET, **ASKED, AffectedSOPClassUID="1.2.840", Priority=2),
    ),
    (
        command(
            CLASS_UID,
            field(0x8010),
            RESPONDS_TO,
            WITHOUT_DATA,
            PENDING,
            b"\0\0\x20\x10\x02\0\0\0\x04\0",  # (0000,1020) remaining
            b"\0\0\x21\x10\x02\0\0\0\x03\0",  # (0000,1021) completed
            b"\0\0\x22\x10\x02\0\0\0\x02\0",  # (0000,1022) failed
            b"\0\0\x23\x10\x02\0\0\0\x01\0",  # (0000,1023) warning
        ),
        build(
            C_GET,
            AffectedSOPClassUID="1.2.840",
            MessageIDBeingRespondedTo=7,
            Status=0xFF00,
            NumberOfRemainingSuboperations=4,
            NumberOfCompletedSuboperations=3,
            NumberOfFailedSuboperations=2,
            NumberOfWarningSuboperations=1,
        ),
    ),
    (
        command(
            CLASS_UID,
            field(0x0021),
            MESSAGE_ID,
            b"\0\0\x00\x06\x06\0\0\0TARGET",  # (0000,0600) AE
            b"\0\0\x00\x07\x02\0\0\0\x00\x00",
            WITH_DATA,
        ),
        build(C_MOVE, **ASKED, AffectedSOPClassUID="1.2.840", Priority=0, MoveDestination="TARGET"),
    ),
    (
        command(CLASS_UID, field(0x8021), RESPONDS_TO, WITHOUT_DATA, SUCCESS),
        build(C_MOVE, AffectedSOPClassUID="1.2.840", **ANSWERED),
    ),
    (
        command(field(0x0FFF), RESPONDS_TO, WITHOUT_DATA),
        build(C_CANCEL, MessageIDBeingRespondedTo=7),
    ),
    (
        command(
            CLASS_UID,
            field(0x0100),
            MESSAGE_ID,
            WITH_DATA,
            INSTANCE_UID,
            b"\0\0\x02\x10\x02\0\0\0\x02\0",  # (0000,1002) US
        ),
        build(N_EVENT_REPORT, **ASKED, **AFFECTED, EventTypeID=2),
    ),
    (
        command(CLASS_UID, field(0x8100), RESPONDS_TO, WITHOUT_DATA, SUCCESS, INSTANCE_UID),
        build(N_EVENT_REPORT, **ANSWERED, **AFFECTED),
    ),
    (
        command(
            REQUESTED_CLASS_UID,
            field(0x0110),
            MESSAGE_ID,
            WITHOUT_DATA,
            REQUESTED_INSTANCE_UID,
            b"\0\0\x05\x10\x04\0\0\0\x10\0\x20\0",  # (0000,1005) AT
        ),
        build(N_GET, **ASKED, **REQUESTED, AttributeIdentifierList=[0x00100020]),
    ),
    (
        command(CLASS_UID, field(0x8110), RESPONDS_TO, WITH_DATA, SUCCESS, INSTANCE_UID),
        build(N_GET, **ANSWERED, **AFFECTED),
    ),
    (
        command(REQUESTED_CLASS_UID, field(0x0120), MESSAGE_ID, WITH_DATA, REQUESTED_INSTANCE_UID),
        build(N_SET, **ASKED, **REQUESTED),
    ),
    (
        command(
            field(0x8120),
            RESPONDS_TO,
            WITHOUT_DATA,
            b"\0\0\x00\x09\x02\0\0\0\x10\x01",
            COMMENT,
            ERROR_ID,
        ),
        build(N_SET, MessageIDBeingRespondedTo=7, Status=0x0110, ErrorComment="why", ErrorID=5),
    ),
    (
        command(
            REQUESTED_CLASS_UID,
            field(0x0130),
            MESSAGE_ID,
            WITH_DATA,
            REQUESTED_INSTANCE_UID,
            b"\0\0\x08\x10\x02\0\0\0\x01\0",  # (0000,1008) US
        ),
        build(N_ACTION, **ASKED, **REQUESTED, ActionTypeID=1),
    ),
    (
        command(
            CLASS_UID,
            field(0x8130),
            RESPONDS_TO,
            WITHOUT_DATA,
            SUCCESS,
            INSTANCE_UID,
            b"\0\0\x08\x10\x02\0\0\0\x01\0",
        ),
        build(N_ACTION, **ANSWERED, **AFFECTED, ActionTypeID=1),
    ),
    (
        command(CLASS_UID, field(0x0140), MESSAGE_ID, WITH_DATA),
        build(N_CREATE, **ASKED, AffectedSOPClassUID="1.2.840"),
    ),
    (
        command(CLASS_UID, field(0x8140), RESPONDS_TO, WITH_DATA, SUCCESS, INSTANCE_UID),
        build(N_CREATE, **ANSWERED, **AFFECTED),
    ),
    (
        command(
            REQUESTED_CLASS_UID, field(0x0150), MESSAGE_ID, WITHOUT_DATA, REQUESTED_INSTANCE_UID
        ),
        build(N_DELETE, **ASKED, **REQUESTED),
    ),
    (
        command(CLASS_UID, field(0x8150), RESPONDS_TO, WITHOUT_DATA, SUCCESS, INSTANCE_UID),
        build(N_DELETE, **ANSWERED, **AFFECTED),
    ),
]
NAMES = [
    f"{message.msg_type}-{'RSP' if message.is_response else 'RQ'}" for _, message in ON_THE_WIRE
]


def test_every_message_of_the_standard_is_here() -> None:
    assert len(set(NAMES)) == len(NAMES) == 2 * len(PRIMITIVES) - 1


@pytest.mark.parametrize(("wire", "message"), ON_THE_WIRE, ids=NAMES)
def test_a_command_set_is_written_as_the_standard_says(
    wire: bytes, message: DIMSEPrimitive
) -> None:
    assert command_set.encode(message, WITH_DATA in wire) == wire


@pytest.mark.parametrize(("wire", "message"), ON_THE_WIRE, ids=NAMES)
def test_a_command_set_is_read_as_the_standard_says(wire: bytes, message: DIMSEPrimitive) -> None:
    received, has_data_set = command_set.decode(wire)

    assert received == message
    assert has_data_set is (WITH_DATA in wire)


@pytest.mark.parametrize("data_set_type", [0x0000, 0x0001, 0x0102, 0xFFFF])
def test_any_other_data_set_type_says_that_a_data_set_follows(data_set_type: int) -> None:
    wire = command(
        field(0x0030), MESSAGE_ID, WITHOUT_DATA[:-2] + data_set_type.to_bytes(2, "little")
    )

    assert command_set.decode(wire)[1]


def test_a_response_says_no_priority() -> None:
    response = build(C_FIND, **ANSWERED, Priority=1)

    assert command_set.encode(response, False) == command(
        field(0x8020), RESPONDS_TO, WITHOUT_DATA, SUCCESS
    )


def test_elements_nobody_knows_are_skipped() -> None:
    retired = b"\0\0\x01\0\x02\0\0\0??"  # (0000,0001) Command Length to End
    wire = command(retired, CLASS_UID, field(0x0030), MESSAGE_ID, b"\0\0\x00\x51\0\0\0\0")

    received, _ = command_set.decode(wire + WITHOUT_DATA)

    assert received == build(C_ECHO, AffectedSOPClassUID="1.2.840", **ASKED)


def test_the_group_length_is_not_needed() -> None:
    received, _ = command_set.decode(field(0x0030) + MESSAGE_ID + WITHOUT_DATA)

    assert received == build(C_ECHO, **ASKED)


def test_the_order_of_the_elements_is_not_needed() -> None:
    received, _ = command_set.decode(WITHOUT_DATA + MESSAGE_ID + field(0x0030))

    assert received == build(C_ECHO, **ASKED)


def test_a_request_responds_to_nothing_whatever_it_says() -> None:
    received, _ = command_set.decode(command(field(0x0030), MESSAGE_ID, RESPONDS_TO, WITHOUT_DATA))

    assert not received.is_response
    assert received == build(C_ECHO, **ASKED)


@pytest.mark.parametrize(
    ("field_value", "title"),
    [(b"PACS  ", "PACS"), (b"PACS\0\0", "PACS"), (b" PACS\0", "PACS"), (b"PA\xd6S", "PA\\xd6S")],
)
def test_an_odd_title_is_left_to_the_application(field_value: bytes, title: str) -> None:
    destination = b"\0\0\x00\x06" + len(field_value).to_bytes(4, "little") + field_value

    received, _ = command_set.decode(
        command(field(0x0021), MESSAGE_ID, destination, LOW_PRIORITY, WITH_DATA)
    )

    assert isinstance(received, C_MOVE)
    assert received.MoveDestination == title


@pytest.mark.parametrize("padded", [b"1.2.840\0", b"1.2.840 ", b" 1.2.840"])
def test_the_padding_of_a_uid_is_tolerated(padded: bytes) -> None:
    received, _ = command_set.decode(
        command(CLASS_UID[:-8] + padded, field(0x0030), MESSAGE_ID, WITHOUT_DATA)
    )

    assert received == build(C_ECHO, AffectedSOPClassUID="1.2.840", **ASKED)


def test_a_uid_that_is_no_text_is_escaped() -> None:
    uid = b"\0\0\x02\0\x04\0\0\0\xff1.2"
    received, _ = command_set.decode(
        command(uid, field(0x0030), MESSAGE_ID, WITHOUT_DATA),
    )

    assert received == build(C_ECHO, **ASKED, AffectedSOPClassUID="\\xff1.2")


def test_a_comment_that_is_no_text_is_escaped() -> None:
    received, _ = command_set.decode(
        command(field(0x8030), RESPONDS_TO, WITHOUT_DATA, SUCCESS, b"\0\0\x02\x09\x04\0\0\0\xfcber")
    )

    assert isinstance(received, C_ECHO)
    assert received.ErrorComment == "\\xfcber"


def test_titles_are_padded_to_sixteen_characters_if_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = build(C_MOVE, **ASKED, MoveDestination="TARGET", Identifier=BytesIO())

    monkeypatch.setattr(_config, "USE_SHORT_DIMSE_AET", False)

    assert b"\0\0\x00\x06\x10\0\0\0TARGET          " in command_set.encode(request, True)


def test_an_empty_list_of_tags_is_an_empty_element() -> None:
    request = build(N_GET, **ASKED, AttributeIdentifierList=[])

    wire = command_set.encode(request, False)

    assert wire.endswith(b"\0\0\x05\x10\0\0\0\0")
    assert command_set.decode(wire)[0] == request


def test_half_a_header_of_an_element_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="ends within"):
        command_set.decode(command(field(0x0030))[:-9] + b"\0")
